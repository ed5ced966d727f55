// Command report reads what `go test -json` writes, from files or from its input, and prints it for people: a line for each
// package, everything that a failed test said, the tests that were skipped with their reasons, and at last the line
//
//	N passed, N failed
//
// A skipped test counts as failed: where this runs, every test has what it needs. Only with -without-shared, for a place
// where the reference material is not beside the project, tests may be skipped that need it.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	withoutShared := flag.Bool("without-shared", false, "tests that need the reference material may be skipped")
	total := flag.Bool("total", false, "print only what failed, what was skipped, and the sum")
	onceMore := flag.Bool("once-more", false, "what failed will be run once more, and is told as such")
	flag.Parse()
	r := newReport(os.Stdout)
	r.withoutShared, r.quiet = *withoutShared, *total
	if *onceMore {
		r.prefix = "at first: "
	}
	if err := readAll(r, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(2)
	}
	if !r.close() {
		os.Exit(1)
	}
}

func readAll(r *report, files []string) error {
	if len(files) == 0 {
		return r.read(os.Stdin)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		err = errors.Join(r.read(f), f.Close())
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// event is a line of `go test -json`.
type event struct {
	Action, Package, Test, Output, ImportPath, FailedBuild string
	Elapsed                                                json.Number
}

// place is a test of a package, or with no test the package itself.
type place struct{ pkg, test string }

type report struct {
	out                  io.Writer
	withoutShared, quiet bool
	prefix               string // of each line that tells of a failure

	passed, failed, packages int
	said                     map[place][]string
	skipped                  []string
	failedTests              map[string]int // by package
}

func newReport(out io.Writer) *report {
	return &report{out: out, said: map[place][]string{}, failedTests: map[string]int{}}
}

func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if strings.TrimSpace(line) != "" {
			r.line(line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) line(line string) {
	var e event
	if json.Unmarshal([]byte(line), &e) != nil { // what the go command says itself
		r.printf("%s", line)
		return
	}
	at := place{e.Package, e.Test}
	switch e.Action {
	case "output":
		r.said[at] = append(r.said[at], e.Output)
	case "build-output":
		r.said[place{e.ImportPath, "build"}] = append(r.said[place{e.ImportPath, "build"}], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e)
		} else {
			r.endTest(e, at)
		}
	}
}

func (r *report) endTest(e event, at place) {
	switch e.Action {
	case "pass":
		r.passed++
		r.figures(at)
	case "fail":
		r.failed++
		r.failedTests[e.Package]++
		r.fault(e.Package+" "+e.Test, r.said[at])
	case "skip":
		r.skip(e, strings.Join(r.said[at], ""))
	}
	delete(r.said, at)
}

// fault prints what failed, and all that it said; the sum only names it.
func (r *report) fault(what string, said []string) {
	r.printf("%sFAILED %s\n", r.prefix, what)
	if r.quiet {
		return
	}
	for line := range strings.Lines(strings.Join(said, "")) {
		r.printf("%s%s", r.prefix, line)
	}
}

// figures prints what a test that passed has to tell: how much the contract's tests have held against the published file.
func (r *report) figures(at place) {
	for _, line := range r.said[at] {
		if strings.HasPrefix(line, "contract: ") && !r.quiet {
			r.printf("%s", line)
		}
	}
}

// reference is how a test says that the material beside the project is not there.
const reference = "needs the reference material"

func (r *report) skip(e event, said string) {
	reason := strings.TrimSpace(said)
	for line := range strings.SplitSeq(said, "\n") {
		if text := strings.TrimSpace(line); strings.Contains(text, ".go:") {
			reason = text
		}
	}
	entry := fmt.Sprintf("SKIPPED %s %s: %s", e.Package, e.Test, reason)
	if r.withoutShared && strings.Contains(said, reference) {
		entry = "left out: " + entry
	} else {
		r.failed++
		r.failedTests[e.Package]++
	}
	r.skipped = append(r.skipped, entry)
}

func (r *report) endPackage(e event) {
	r.packages++
	at := place{e.Package, ""}
	switch e.Action {
	case "pass":
		if !r.quiet {
			r.printf("ok  \t%s\t%ss\n", e.Package, e.Elapsed)
		}
	case "fail":
		if r.failedTests[e.Package] == 0 { // it did not build, or ended by itself
			r.failed++
			said := slices.Concat(r.said[place{e.FailedBuild, "build"}], r.unfinished(e.Package), r.said[at])
			r.fault(e.Package, said)
		}
		if !r.quiet {
			r.printf("%sFAIL\t%s\t%ss\n", r.prefix, e.Package, e.Elapsed)
		}
	}
	delete(r.said, at)
}

// unfinished is what tests said that never ended.
func (r *report) unfinished(pkg string) []string {
	var said []string
	for at, lines := range r.said {
		if at.pkg == pkg && at.test != "" && at.test != "build" {
			said = append(said, lines...)
		}
	}
	return said
}

// close prints the sum and reports whether all is well.
func (r *report) close() bool {
	for _, s := range r.skipped {
		r.printf("%s%s\n", r.prefix, s)
	}
	if r.packages == 0 {
		r.failed++
		r.printf("no package was tested\n")
	}
	prefix := r.prefix
	if r.failed == 0 { // nothing runs once more
		prefix = ""
	}
	r.printf("%s%d passed, %d failed\n", prefix, r.passed, r.failed)
	return r.failed == 0
}

func (r *report) printf(format string, args ...any) {
	// The output is the terminal or a pipe; when nobody reads it, there is nobody to tell.
	_, _ = fmt.Fprintf(r.out, format, args...)
}
