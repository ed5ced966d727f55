package wefttest_test

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// exampleT stands in for a *testing.T in examples, which have none: it ends the program where a test would fail.
type exampleT struct {
	testing.TB
	cleanups []func()
}

func (*exampleT) Helper()                  {}
func (*exampleT) Context() context.Context { return context.Background() }
func (e *exampleT) Cleanup(f func())       { e.cleanups = append(e.cleanups, f) }

func (*exampleT) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (*exampleT) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (e *exampleT) TempDir() string {
	dir, err := os.MkdirTemp("", "wefttest-")
	if err != nil {
		panic(err)
	}
	e.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			panic(err)
		}
	})
	return dir
}

// done does what the end of a test would.
func (e *exampleT) done() {
	for i := len(e.cleanups) - 1; i >= 0; i-- {
		e.cleanups[i]()
	}
	e.cleanups = nil
}
