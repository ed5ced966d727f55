package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// source is a Go file.
type source struct {
	name      string // its path in the tree
	folder    string
	test      bool
	generated bool
	lines     int
	syntax    *ast.File
	imports   []imported
}

// imported is a package of the project that a file imports, by its folder.
type imported struct {
	folder string
	pos    token.Pos
}

// tree is the project's sources.
type tree struct {
	files    []*source
	position *token.FileSet
}

// module is the path of the project's module; contract is a module inside it.
const module = "weft"

// load parses every Go file of a tree, but for those in folders that Go leaves out too.
func load(fsys fs.FS) (*tree, error) {
	tr := &tree{position: token.NewFileSet()}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if entry.IsDir() {
			if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(tr.position, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		f := &source{
			name: name, folder: path.Dir(name), test: strings.HasSuffix(base, "_test.go"), generated: ast.IsGenerated(syntax),
			lines: strings.Count(string(text), "\n"), syntax: syntax,
		}
		for _, spec := range syntax.Imports {
			full, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if folder, ok := strings.CutPrefix(full, module+"/"); ok {
				f.imports = append(f.imports, imported{folder, spec.Pos()})
			}
		}
		tr.files = append(tr.files, f)
		return nil
	})
	return tr, err
}

// folders are the packages of the tree, each with its files.
func (tr *tree) folders() map[string][]*source {
	by := map[string][]*source{}
	for _, f := range tr.files {
		by[f.folder] = append(by[f.folder], f)
	}
	return by
}

// called are the places where a file names a function or a type of a package, whatever the package is called there.
func (f *source) called(importPath string, names ...string) []ast.Node {
	local := ""
	for _, spec := range f.syntax.Imports {
		if spec.Path.Value == strconv.Quote(importPath) {
			local = path.Base(importPath)
			if spec.Name != nil {
				local = spec.Name.Name
			}
		}
	}
	var found []ast.Node
	if local == "" {
		return nil
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == local && slices.Contains(names, sel.Sel.Name) {
			found = append(found, sel)
		}
		return true
	})
	return found
}
