package main

import (
	"bytes"
	"strings"
	"testing"
)

const (
	passing = `{"Action":"output","Package":"weft/a","Test":"TestOne","Output":"=== RUN TestOne\n"}
{"Action":"pass","Package":"weft/a","Test":"TestOne","Elapsed":0.1}
{"Action":"pass","Package":"weft/a","Elapsed":0.25}
`
	failing = `{"Action":"output","Package":"weft/b","Test":"TestTwo","Output":"    b_test.go:5: it is 1, want 2\n"}
{"Action":"fail","Package":"weft/b","Test":"TestTwo","Elapsed":0}
{"Action":"fail","Package":"weft/b","Elapsed":0.01}
`
	skipping = `{"Action":"output","Package":"weft/c","Test":"TestThree","Output":"=== RUN TestThree\n"}
{"Action":"output","Package":"weft/c","Test":"TestThree","Output":"    c_test.go:9: needs node: install it\n"}
{"Action":"skip","Package":"weft/c","Test":"TestThree","Elapsed":0}
{"Action":"pass","Package":"weft/c","Elapsed":0.01}
`
	skippingShared = `{"Action":"output","Package":"weft/c","Test":"TestFour","Output":"    c_test.go:9: needs the reference material: put it there\n"}
{"Action":"skip","Package":"weft/c","Test":"TestFour","Elapsed":0}
{"Action":"pass","Package":"weft/c","Elapsed":0.01}
`
	unbuilt = `{"ImportPath":"weft/d","Action":"build-output","Output":"d.go:3: undefined: x\n"}
{"ImportPath":"weft/d","Action":"build-fail"}
{"Action":"output","Package":"weft/d","Output":"FAIL\tweft/d [build failed]\n"}
{"Action":"fail","Package":"weft/d","Elapsed":0,"FailedBuild":"weft/d"}
`
	panicking = `{"Action":"output","Package":"weft/e","Test":"TestFive","Output":"panic: oh\n"}
{"Action":"output","Package":"weft/e","Output":"FAIL\tweft/e\n"}
{"Action":"fail","Package":"weft/e","Elapsed":0.1}
`
	untested = `{"Action":"skip","Package":"weft/f","Elapsed":0}
`
)

func TestReport(t *testing.T) {
	for _, c := range []struct {
		name, in      string
		withoutShared bool
		well          bool
		want          []string
	}{
		{"passing", passing + untested, false, true, []string{"ok  \tweft/a\t0.25s\n", "\n1 passed, 0 failed\n"}},
		{"failing", passing + failing, false, false, []string{"FAILED weft/b TestTwo\n    b_test.go:5: it is 1, want 2\n", "\n1 passed, 1 failed\n"}},
		{"skipping", passing + skipping, false, false, []string{"\nSKIPPED weft/c TestThree: c_test.go:9: needs node: install it\n", "1 passed, 1 failed\n"}},
		{"skipping without shared", passing + skipping, true, false, []string{"\nSKIPPED weft/c TestThree", "1 passed, 1 failed\n"}},
		{"skipping for shared", passing + skippingShared, false, false, []string{"\nSKIPPED weft/c TestFour", "1 passed, 1 failed\n"}},
		{"skipping for shared without shared", passing + skippingShared, true, true, []string{"\nleft out: SKIPPED weft/c TestFour", "1 passed, 0 failed\n"}},
		{"unbuilt", passing + unbuilt, false, false, []string{"d.go:3: undefined: x\n", "1 passed, 1 failed\n"}},
		{"panicking", passing + panicking, false, false, []string{"panic: oh\n", "1 passed, 1 failed\n"}},
		{"not JSON", "go: cannot find main module\n" + passing, false, true, []string{"go: cannot find main module\n", "1 passed, 0 failed\n"}},
		{"nothing", "", false, false, []string{"no package was tested\n", "0 passed, 1 failed\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			r := newReport(&out)
			r.withoutShared = c.withoutShared
			if err := r.read(strings.NewReader(c.in)); err != nil {
				t.Fatal(err)
			}
			if well := r.close(); well != c.well {
				t.Errorf("all well: %v, want %v", well, c.well)
			}
			for _, want := range c.want {
				if !strings.Contains("\n"+out.String(), want) {
					t.Errorf("printed %q, want %q in it", out.String(), want)
				}
			}
		})
	}
}

// What is going to run once more is not told as what has failed.
func TestOnceMore(t *testing.T) {
	var out bytes.Buffer
	r := newReport(&out)
	r.prefix = "at first: "
	if err := r.read(strings.NewReader(passing + failing + skipping + panicking)); err != nil {
		t.Fatal(err)
	}
	if r.close() {
		t.Error("all is well")
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "at first: ") && !strings.HasPrefix(line, "ok  \t") {
			t.Errorf("%q is told as final", line)
		}
	}
	if !strings.Contains(out.String(), "at first:     b_test.go:5: it is 1, want 2\n") {
		t.Errorf("the reason is not told: %s", out.String())
	}
	out.Reset()
	r = newReport(&out)
	r.prefix = "at first: "
	if err := r.read(strings.NewReader(passing)); err != nil || !r.close() || !strings.HasSuffix(out.String(), "\n1 passed, 0 failed\n") {
		t.Errorf("where nothing failed it is final: %s, %v", out.String(), err)
	}
}
