// Package logging writes the log. Its lines are gathered for a moment and written together, so that a request costs no call to the
// operating system of its own; a warning is written at once, with all before it. Who cannot write the log can tell nobody, so that
// fails nothing.
package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// gatherFor is the longest that a line waits to be written: what a server that is killed may not have told.
	gatherFor = 100 * time.Millisecond
	// gatherUpTo is how many bytes are gathered.
	gatherUpTo = 32 << 10
)

// Lines gathers lines for a writer. A line is written whole, after those before it.
type Lines struct {
	to      io.Writer
	mu      sync.Mutex
	pending []byte
	due     bool // a flush will come
}

// Gather gathers lines for a writer. Whoever does calls Flush at the end.
func Gather(to io.Writer) *Lines { return &Lines{to: to} }

// Write is for one line, or several.
func (l *Lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, line...)
	switch {
	case len(l.pending) >= gatherUpTo:
		l.flush()
	case !l.due:
		l.due = true
		time.AfterFunc(gatherFor, l.Flush)
	}
	return len(line), nil
}

// Flush writes what was gathered.
func (l *Lines) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = false
	l.flush()
}

func (l *Lines) flush() {
	if len(l.pending) > 0 {
		_, _ = l.to.Write(l.pending)
		l.pending = l.pending[:0]
	}
}

// New is a log of a level (debug, info, warn or error) and format (text or json).
func New(to *Lines, level, format string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("--log-level %q is not debug, info, warn or error", level)
	}
	options := &slog.HandlerOptions{Level: l}
	switch format {
	case "text":
		return slog.New(handler{slog.NewTextHandler(to, options), to}), nil
	case "json":
		return slog.New(handler{slog.NewJSONHandler(to, options), to}), nil
	}
	return nil, fmt.Errorf("--log-format %q is not text or json", format)
}

// handler lets no warning wait.
type handler struct {
	slog.Handler
	lines *Lines
}

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		h.lines.Flush()
	}
	return err
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.lines}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.lines}
}
