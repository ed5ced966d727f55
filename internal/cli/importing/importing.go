// Package importing is what the import command does: it goes through files and folders, shows how far it is, and prints what
// became of them.
package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"weft/internal/item"
	"weft/internal/product/imports"
	"weft/internal/store"
)

// Run is one run of the command.
type Run struct {
	Items   *item.Service
	Tenant  store.Tenant
	Options imports.Options
	// JSON prints the outcome for programs.
	JSON bool
	// Out is what the outcome is printed to; Progress is shown how far the run is, where it is a terminal.
	Out, Progress io.Writer
}

// Import imports files, and those of folders. The error tells of files that could not be imported.
func (r Run) Import(ctx context.Context, names []string) error {
	paths := expand(names)
	out := imports.Outcome{DryRun: r.Options.DryRun, Files: []imports.FileResult{}}
	bar := &progress{}
	if !r.JSON {
		bar = newProgress(r.Progress, paths)
	}
	var broken error
	for i, p := range paths {
		bar.begin(i, p)
		result, err := r.importPath(ctx, p)
		bar.end(p)
		if err != nil { // not of the file: the next one would meet it too
			broken = stopped(ctx, p, i, err)
			break
		}
		out.Files = append(out.Files, result)
		if !r.JSON && (result.Error == nil || len(paths) > 1) { // why a single file is refused is told at the end
			printFile(r.Out, result)
		}
	}
	// What was imported is told whatever came after it: a new Item's access token is shown this once.
	switch {
	case r.JSON:
		enc := json.NewEncoder(r.Out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(out); err != nil {
			return err
		}
	case broken == nil:
		printTotals(r.Out, out)
	}
	return errors.Join(broken, refused(out, paths))
}

func (r Run) importPath(ctx context.Context, p path) (imports.FileResult, error) {
	if p.err != nil {
		return imports.Refused(filepath.Base(p.name), p.err), nil
	}
	return imports.ImportFile(ctx, r.Items, r.Tenant, p.name, r.Options)
}

// path is a file to import, or a path of which none can be.
type path struct {
	name string
	size int64
	err  error
}

// expand puts the statement files of folders in the places of the folders.
func expand(names []string) []path {
	var paths []path
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			p := path{name: name}
			if err == nil {
				p.size = info.Size()
			}
			paths = append(paths, p) // reading it tells what is wrong with it
			continue
		}
		var files []fs.FileInfo
		if files, err = imports.StatementFiles(name); err != nil {
			err = fmt.Errorf("the folder cannot be read: %w", err)
		} else if len(files) == 0 {
			err = fmt.Errorf("the folder has no statement files (*%s)", strings.Join(imports.Extensions, ", *"))
		}
		if err != nil {
			paths = append(paths, path{name: name, err: err})
		}
		for _, file := range files {
			paths = append(paths, path{name: filepath.Join(name, file.Name()), size: file.Size()})
		}
	}
	return paths
}

// stopped is the error for an import that ended before its last file.
func stopped(ctx context.Context, p path, before int, err error) error {
	switch {
	case ctx.Err() == nil:
		return fmt.Errorf("%s: %w", shown(p.name), err)
	case before == 0:
		return errors.New("interrupted before the first file was imported")
	}
	return fmt.Errorf("interrupted at %s; the files before it are done", shown(p.name))
}

// refused is the error for files that could not be imported. Paths are those of the files, in their order.
func refused(out imports.Outcome, paths []path) error {
	var faults []string
	for i, f := range out.Files {
		if f.Error != nil {
			faults = append(faults, shown(paths[i].name)+": "+f.Error.ErrorMessage)
		}
	}
	switch {
	case len(faults) == 0:
		return nil
	case len(paths) == 1:
		return errors.New(faults[0])
	}
	return fmt.Errorf("%d of %d files could not be imported:\n  - %s", len(faults), len(paths), strings.Join(faults, "\n  - "))
}
