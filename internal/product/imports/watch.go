package imports

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"weft/internal/item"
	"weft/internal/store"
)

// Watcher imports the statement files that a person puts into a folder: each once it is written to its end, and again when
// its content changes. It changes nothing in the folder. What it knows of the files it forgets when it ends; then it imports
// them once more, which changes nothing.
type Watcher struct {
	Items  *item.Service
	Tenant store.Tenant
	Dir    string
	Log    *slog.Logger

	files map[string]*watched
	// lost says that the folder could not be read at the last look.
	lost bool
}

// watched is what is known of a file.
type watched struct {
	size     int64
	modified time.Time
	// settled says that the file, as it is, needs nothing more.
	settled bool
	// content is the digest of what was imported or refused last.
	content []byte
	// told is the last failure that was logged of the file as it is, and failures counts those of the server's own; skip is
	// how many looks are let pass until the next attempt.
	told           string
	failures, skip int
}

// mostSkipped bounds the wait between attempts after failures of the server's own: ten minutes of looks every 5 seconds.
const mostSkipped = 120

// Run looks at the folder now and then every so often, until ctx ends.
func (w *Watcher) Run(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		w.Look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Look looks at the folder once. A file is imported when it is as it was at the look before, so that none is read which is
// still being written.
func (w *Watcher) Look(ctx context.Context) {
	root, err := os.OpenRoot(w.Dir)
	var found []fs.FileInfo
	if err == nil {
		defer root.Close() //nolint:errcheck // it was only read
		found, err = statementFiles(root)
	}
	if err != nil {
		if !w.lost {
			w.Log.WarnContext(ctx, "the watched folder cannot be read; weft goes on when it is back", "folder", w.Dir, "reason", reason(err).Error())
		}
		w.lost = true
		return
	}
	if w.lost {
		w.Log.InfoContext(ctx, "the watched folder is back", "folder", w.Dir)
		w.lost = false
	}
	// Files that have gone are forgotten: who puts one back wants it imported.
	files := make(map[string]*watched, len(found))
	for _, info := range found {
		f, ok := w.files[info.Name()]
		if !ok {
			f = &watched{size: -1}
		}
		files[info.Name()] = f
		if f.still(info) && !f.settled && ctx.Err() == nil {
			w.take(ctx, root, info.Name(), f)
		}
	}
	w.files = files
}

// still reports whether a file is as it was, and notes how it is. An empty file is one that nothing was written to yet.
func (f *watched) still(info fs.FileInfo) bool {
	if f.size == info.Size() && f.modified.Equal(info.ModTime()) {
		return f.size > 0
	}
	*f = watched{size: info.Size(), modified: info.ModTime(), content: f.content}
	return false
}

// take imports a file, if its content is new.
func (w *Watcher) take(ctx context.Context, root *os.Root, name string, f *watched) {
	if f.skip > 0 {
		f.skip--
		return
	}
	// A fault of the program must not end the server, least of all at every start anew.
	defer func() {
		if p := recover(); p != nil {
			f.settled = true
			w.Log.ErrorContext(ctx, "importing a watched file panicked", "file", name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	if f.size > mostBytes {
		f.settled = true
		w.refuse(ctx, name, f, errTooLarge.Error())
		return
	}
	content, whole, err := readSettled(root, name, f)
	if err != nil { // another right to read it does not show in its time, so that it is tried at each look
		w.refuse(ctx, name, f, err.Error())
		return
	}
	digest := sha256.Sum256(content)
	if !whole || bytes.Equal(digest[:], f.content) {
		f.settled = whole
		return
	}
	result, err := Import(ctx, w.Items, w.Tenant, name, content, Options{})
	switch {
	case ctx.Err() != nil: // it is tried again after the next start
		return
	case err != nil:
		f.failures++
		f.skip = min(1<<min(f.failures-1, 10)-1, mostSkipped)
		w.tell(f, err.Error(), func() {
			w.Log.ErrorContext(ctx, "a watched file could not be imported now; weft tries again", "file", name, "error", err)
		})
		return
	}
	f.settled, f.content = true, digest[:]
	if result.Error != nil {
		w.refuse(ctx, name, f, result.Error.ErrorMessage)
		return
	}
	w.report(ctx, result)
}

// readSettled reads a file. It is not whole where it was changed since it was looked at.
func readSettled(root *os.Root, name string, f *watched) (content []byte, whole bool, err error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, false, unreadable(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	content, err = readFile(file)
	if err != nil {
		return nil, false, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, false, unreadable(err)
	}
	return content, info.Mode().IsRegular() && f.still(info) && int64(len(content)) == f.size, nil
}

// refuse logs why a file is not imported, once.
func (w *Watcher) refuse(ctx context.Context, name string, f *watched, why string) {
	w.tell(f, why, func() { w.Log.WarnContext(ctx, "a watched file is not imported", "file", name, "reason", why) })
}

func (w *Watcher) tell(f *watched, what string, log func()) {
	if f.told != what {
		f.told = what
		log()
	}
}

// report logs what became of a file. Access tokens are never logged; one can be made from the item_id.
func (w *Watcher) report(ctx context.Context, r FileResult) {
	for _, it := range r.Items {
		about := []any{"file", r.Name, "item_id", it.ItemID, "institution", it.InstitutionName}
		for _, kind := range Kinds {
			if c, ok := it.Changes[kind]; ok {
				about = append(about, slog.Group(kind, "added", c.Added, "changed", c.Changed, "removed", c.Removed))
			}
		}
		w.Log.InfoContext(ctx, "imported a watched file", about...)
		if it.AccessToken != "" {
			w.Log.InfoContext(ctx, "the file has made a new Item; a command makes an access token for it", "file", r.Name, "item_id", it.ItemID,
				"command", "weft items token "+it.ItemID)
		}
	}
	if len(r.Problems) > 0 {
		p := r.Problems[0]
		w.Log.WarnContext(ctx, "parts of a watched file could not be read; weft import --dry-run lists them", "file", r.Name, "parts", len(r.Problems),
			"first", fmt.Sprintf("line %d: %s: expected %s", p.Line, p.Element, p.Expected))
	}
}
