package importing

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// line is what a terminal shows at last of what was written to it.
func line(written string) string {
	written = strings.TrimRight(written, "\r")
	return strings.TrimSpace(written[strings.LastIndex(written, "\r")+1:])
}

func TestProgress(t *testing.T) {
	var terminal bytes.Buffer
	long := strings.Repeat("very ", 10) + "long.ofx"
	paths := []path{{name: "in/a.ofx", size: 600}, {name: "in/missing.ofx"}, {name: "in/\x1b[31m" + long, size: 300}, {name: "in/d.ofx", size: 100}}
	p := progressOn(&terminal, paths)
	for i, want := range []string{
		`^importing 1 of 4: a\.ofx +0% `, `^importing 2 of 4: missing\.ofx +60% `, `^importing 3 of 4: \?\[31mvery very very very very v… +60% `, `^importing 4 of 4: d\.ofx +90% `,
	} {
		p.begin(i, paths[i])
		if shows := line(terminal.String()); !regexp.MustCompile(want).MatchString(shows) {
			t.Errorf("file %d: the terminal shows %q, want %s", i, shows, want)
		}
		p.end(paths[i])
		if shows := line(terminal.String()); shows != "" {
			t.Errorf("file %d: the terminal shows %q where the outcome is printed", i, shows)
		}
	}
	if strings.Contains(terminal.String(), "\x1b") {
		t.Errorf("wrote %q", &terminal)
	}
}

// Of one file it is told that it is being imported, where that takes long.
func TestProgressOfOneFile(t *testing.T) {
	var terminal bytes.Buffer
	for size, want := range map[int64]bool{longImport: false, longImport + 1: true} {
		one := path{name: "a.ofx", size: size}
		p := progressOn(&terminal, []path{one})
		p.begin(0, one)
		p.end(one)
		if shown := strings.Contains(terminal.String(), "importing a.ofx"); shown != want || line(terminal.String()) != "" {
			t.Errorf("%d bytes: wrote %q", size, &terminal)
		}
		terminal.Reset()
	}
}

// Where nobody looks nothing is written.
func TestNoProgress(t *testing.T) {
	var pipe bytes.Buffer
	paths := []path{{name: "a.ofx", size: 5 << 20}, {name: "b.ofx", size: 5 << 20}}
	p := newProgress(&pipe, paths)
	for i, one := range paths {
		p.begin(i, one)
		p.end(one)
	}
	if pipe.Len() > 0 {
		t.Errorf("wrote %q", &pipe)
	}
}
