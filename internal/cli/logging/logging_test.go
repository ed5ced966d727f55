package logging_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"weft/internal/cli/logging"
)

// written keeps what was written, and tells of each time.
type written struct {
	mu    sync.Mutex
	text  bytes.Buffer
	times chan struct{}
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() { w.times <- struct{}{} }()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func TestLinesAreWrittenSoonAndTogether(t *testing.T) {
	to := &written{times: make(chan struct{}, 100)}
	log, err := logging.New(logging.Gather(to), "info", "text")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		log.Info("request", "n", n)
	}
	log.Debug("not told")
	<-to.times // nobody has asked for it
	for n := range 3 {
		if !strings.Contains(to.String(), fmt.Sprintf("msg=request n=%d\n", n)) {
			t.Errorf("after the first time that lines were written line %d is not there:\n%s", n, to)
		}
	}
	log.Info("another")
	<-to.times
	if lines := strings.Split(strings.TrimSpace(to.String()), "\n"); len(lines) != 4 || !strings.Contains(lines[3], "another") {
		t.Errorf("the lines are %q", lines)
	}
}

func TestAWarningIsWrittenAtOnce(t *testing.T) {
	to := &written{times: make(chan struct{}, 100)}
	log, err := logging.New(logging.Gather(to), "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	log = log.With("a", 1).WithGroup("g")
	log.Info("before")
	log.Warn("now", "b", 2)
	lines := strings.Split(strings.TrimSpace(to.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "before") || !strings.Contains(lines[1], `"msg":"now","a":1,"g":{"b":2}}`) {
		t.Errorf("the lines are %q", lines)
	}
}

func TestMuchIsWrittenInWholeLinesInTheirOrder(t *testing.T) {
	to := &written{times: make(chan struct{}, 10_000)}
	lines := logging.Gather(to)
	var all strings.Builder
	for n := range 5000 {
		line := fmt.Sprintf("line %d %s\n", n, strings.Repeat("x", n%97))
		all.WriteString(line)
		if _, err := io.WriteString(lines, line); err != nil {
			t.Fatal(err)
		}
	}
	lines.Flush()
	if to.String() != all.String() {
		t.Error("what was written is not what was told")
	}
	if n := len(to.times); n > 50 {
		t.Errorf("5000 lines were written in %d pieces", n)
	}
}

func TestWrongLevelsAndFormatsAreRefused(t *testing.T) {
	for _, c := range [][2]string{{"loud", "text"}, {"info", "xml"}} {
		if _, err := logging.New(logging.Gather(io.Discard), c[0], c[1]); err == nil {
			t.Errorf("%v is taken", c)
		}
	}
}

// BenchmarkLine is what a request's line costs.
func BenchmarkLine(b *testing.B) {
	log, err := logging.New(logging.Gather(io.Discard), "info", "text")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		log.Info("request", "path", "/accounts/get", "status", 200)
	}
}
