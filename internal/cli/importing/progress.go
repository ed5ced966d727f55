package importing

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows on a terminal which file is being imported. The zero value shows nothing.
type progress struct {
	bar   *progressbar.ProgressBar
	files int
}

// longImport is how many bytes take long enough for people to wonder.
const longImport = 1 << 20

// newProgress is the progress of an import, shown where it may take long and somebody is looking.
func newProgress(stderr io.Writer, paths []path) *progress {
	if f, ok := stderr.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return &progress{}
	}
	return progressOn(stderr, paths)
}

func progressOn(terminal io.Writer, paths []path) *progress {
	var bytes int64
	for _, p := range paths {
		bytes += p.size
	}
	if len(paths) < 2 && bytes <= longImport {
		return &progress{}
	}
	total := max(bytes, 1) // a bar needs something to fill
	if len(paths) == 1 {
		total = -1 // how far it is within a file cannot be told, but that it is at work
	}
	return &progress{files: len(paths), bar: progressbar.NewOptions64(total, progressbar.OptionSetWriter(terminal),
		progressbar.OptionSetWidth(20), progressbar.OptionSetPredictTime(false), progressbar.OptionClearOnFinish())}
}

// mostShown is how much of a file's name is shown, so that the line fits into a terminal.
const mostShown = 32

// begin shows the file that comes next.
func (p *progress) begin(i int, file path) {
	if p.bar == nil {
		return
	}
	name := []rune(shown(filepath.Base(file.name)))
	if len(name) > mostShown {
		name = append(name[:mostShown-1], '…')
	}
	if p.files == 1 {
		p.bar.Describe("importing " + string(name))
		return
	}
	p.bar.Describe(fmt.Sprintf("importing %d of %d: %s", i+1, p.files, string(name)))
}

// end clears the line for what is printed of the file. That a terminal cannot be written to is no reason to import no more.
func (p *progress) end(file path) {
	if p.bar == nil {
		return
	}
	if p.files == 1 {
		_ = p.bar.Finish()
		return
	}
	_ = p.bar.Add64(file.size)
	_ = p.bar.Clear()
}
