package architecture

import (
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"strings"
)

// Sizes beyond which reading gets hard.
const (
	mostFunctionLines = 70
	mostFileLines     = 500
	mostPackageLines  = 1500
)

// floors are the floors by folder. What ends in /* stands for each folder below it, which is a unit with its subfolders.
var floors = map[string]int{
	"internal/plaid": 0, "internal/store": 0, "internal/seal": 0, "internal/clock": 0, "internal/ident": 0, "internal/needs": 0, "internal/outbound": 0,
	"internal/pdf": 0, "internal/metrics": 0, "internal/tracing": 0,
	"internal/httpapi": 1, "internal/client": 1, "internal/enrich": 1, "internal/job": 1, "internal/connector": 1, "internal/user": 1, "internal/lots": 1,
	"internal/limit": 1, "internal/insight": 1,
	"internal/item":       2,
	"internal/connection": 3, "internal/webhook": 3,
	"internal/product": 4,
	"internal/export":  5, "internal/product/*": 5, "internal/dialect/*": 5, "internal/connector/*": 5,
	"internal/server": 6,
	"internal/cli":    7, "wefttest": 7,
	"cmd/weft": 8, // twenty lines above cli
}

// unfloored are folders without a floor: nothing imports them, or they are a module of their own.
var unfloored = []string{"internal/architecture", "contract", "browser", "bench"}

// fractions are the files where binary fractions are right, each with the reason; everywhere else amounts are decimals.
var fractions = map[string]string{
	"internal/pdf/chart.go":       "places on paper, in millimetres",
	"internal/pdf/document.go":    "places on paper, in millimetres",
	"internal/pdf/table.go":       "places on paper, in millimetres",
	"internal/pdf/words.go":       "places on paper, in millimetres",
	"internal/metrics/metrics.go": "bounds of durations in seconds, as Prometheus has them",
	"internal/metrics/read.go":    "figures of Prometheus are binary fractions",
}

// banned are package names that say nothing of what is in the package.
var banned = []string{"util", "utils", "common", "helper", "helpers", "base", "model", "models", "misc", "shared"}

// violation is a broken rule and where it is broken.
type violation struct{ at, rule string }

func (v violation) String() string { return v.at + ": " + v.rule }

// checker collects violations.
type checker struct {
	*tree
	found []violation
}

func check(tr *tree) []violation {
	c := &checker{tree: tr}
	for folder, files := range tr.folders() {
		c.folder(folder, files)
	}
	for _, f := range tr.files {
		if !inside(f.folder, unfloored) {
			c.importsOf(f)
		}
		c.sizes(f)
		c.calls(f)
		c.fractions(f)
	}
	return c.found
}

func (c *checker) report(pos token.Pos, format string, args ...any) {
	p := c.position.Position(pos)
	c.found = append(c.found, violation{fmt.Sprintf("%s:%d", p.Filename, p.Line), fmt.Sprintf(format, args...)})
}

// unitOf is the unit that a folder belongs to, and its floor.
func unitOf(folder string) (unit string, floor int, ok bool) {
	for at := folder; at != "."; at = path.Dir(at) {
		if floor, ok := floors[path.Dir(at)+"/*"]; ok {
			return at, floor, true
		}
		if floor, ok := floors[at]; ok {
			return at, floor, true
		}
	}
	return "", 0, false
}

func inside(folder string, list []string) bool {
	for _, e := range list {
		if folder == e || strings.HasPrefix(folder, e+"/") {
			return true
		}
	}
	return false
}

// importsOf: a file imports lower floors and its own unit. Tests may import anything; so may the packages that serve tests,
// as far as their own floor.
func (c *checker) importsOf(f *source) {
	unit, floor, ok := unitOf(f.folder)
	if !ok {
		c.report(f.syntax.Package, "%s has no floor: give it one in the floors of this test", f.folder)
		return
	}
	if f.test {
		return
	}
	for _, i := range f.imports {
		other, below, ok := unitOf(i.folder)
		switch {
		case !ok:
			c.report(i.pos, "imports %s, which has no floor", i.folder)
		case other == unit:
		case strings.HasSuffix(f.folder, "test") && below <= floor:
		case below == floor:
			c.report(i.pos, "imports %s, which is on the same floor (%d)", i.folder, floor)
		case below > floor:
			c.report(i.pos, "imports %s on floor %d from floor %d", i.folder, below, floor)
		case strings.HasPrefix(f.folder, "internal/connector/") && !strings.HasSuffix(f.folder, "test") &&
			i.folder != "internal/connector" && i.folder != "internal/plaid" && i.folder != "internal/pdf":
			c.report(i.pos, "imports %s: a connector sees only connector, plaid and pdf", i.folder)
		}
	}
}

// folder: a package has a good name, a comment, and a readable size.
func (c *checker) folder(folder string, files []*source) {
	lines, commented, code := 0, false, files[0]
	for _, f := range files {
		if f.test {
			continue
		}
		code = f
		if !f.generated {
			lines += f.lines
		}
		commented = commented || (f.syntax.Doc != nil && strings.TrimSpace(f.syntax.Doc.Text()) != "")
	}
	if name := code.syntax.Name.Name; inside(name, banned) {
		c.report(code.syntax.Package, "the package name %s says nothing: name what is in it", name)
	}
	if !commented && !code.test {
		c.report(code.syntax.Package, "the package %s has no comment", folder)
	}
	if lines > mostPackageLines {
		c.report(code.syntax.Package, "the package %s has %d lines, more than %d", folder, lines, mostPackageLines)
	}
}

// sizes: files and functions are short.
func (c *checker) sizes(f *source) {
	if f.generated {
		return
	}
	if f.lines > mostFileLines {
		c.report(f.syntax.Package, "the file has %d lines, more than %d", f.lines, mostFileLines)
	}
	for _, decl := range f.syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		lines := c.lines(fn)
		if f.test {
			lines -= c.tableLines(fn.Body)
		}
		if lines > mostFunctionLines {
			c.report(fn.Pos(), "%s has %d lines, more than %d", fn.Name.Name, lines, mostFunctionLines)
		}
	}
}

func (c *checker) lines(n ast.Node) int {
	return c.position.Position(n.End()).Line - c.position.Position(n.Pos()).Line + 1
}

// tableLines are the lines that tables take in a test: they are data.
func (c *checker) tableLines(body *ast.BlockStmt) (lines int) {
	ast.Inspect(body, func(n ast.Node) bool {
		if table, ok := n.(*ast.CompositeLit); ok {
			lines += c.lines(table) - 1
			return false
		}
		return true
	})
	return lines
}

// calls: the time comes from the clock, settings come from the command line, and nothing waits by sleeping.
func (c *checker) calls(f *source) {
	for _, n := range f.called("time", "Sleep") {
		c.report(n.Pos(), "sleeps: wait for a signal instead")
	}
	if f.test {
		return
	}
	if f.folder != "internal/clock" {
		for _, n := range f.called("time", "Now", "Since", "Until") {
			c.report(n.Pos(), "reads the system's time: take it from the clock or the transaction")
		}
	}
	if !inside(f.folder, []string{"internal/outbound", "internal/needs", "wefttest"}) {
		own := f.called("net/http", "Get", "Post", "PostForm", "Head", "DefaultClient", "DefaultTransport", "Client", "Transport")
		for _, n := range append(own, f.called("net", "Dial", "DialTimeout", "Dialer")...) {
			c.report(n.Pos(), "calls out by itself: only the guarded client of package outbound does")
		}
	}
	if !inside(f.folder, []string{"internal/cli", "internal/needs", "internal/store/crashtest", "cmd/weft"}) {
		for _, n := range f.called("os", "Getenv", "LookupEnv", "Environ", "ExpandEnv") {
			c.report(n.Pos(), "reads the environment: only cli does, and hands on what it read")
		}
	}
}

// fractions: no amount is a binary fraction.
func (c *checker) fractions(f *source) {
	if f.test || fractions[f.name] != "" {
		return
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && (id.Name == "float32" || id.Name == "float64") {
			c.report(id.Pos(), "uses %s: amounts are decimals; what is no amount is listed in this test", id.Name)
		}
		return true
	})
}
