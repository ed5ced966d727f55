package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
)

// mostBytes bounds a file. Connectors read no larger ones, so there is no use in loading them.
const mostBytes = 64 << 20

// Extensions are the ends of the names of statement files, in any capitals.
var Extensions = []string{".ofx", ".qfx", ".qbo"}

// isStatement reports whether a file's name is that of a statement. Hidden files are none, and browsers give a download
// another name until it is complete.
func isStatement(name string) bool {
	return !strings.HasPrefix(name, ".") && slices.Contains(Extensions, strings.ToLower(filepath.Ext(name)))
}

// StatementFiles are the statement files in a folder, by name. What is no regular file, such as a link to a file that lies
// elsewhere, is none.
func StatementFiles(dir string) ([]fs.FileInfo, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, reason(err)
	}
	defer root.Close() //nolint:errcheck // it was only read
	return statementFiles(root)
}

func statementFiles(root *os.Root) ([]fs.FileInfo, error) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, reason(err)
	}
	var files []fs.FileInfo
	for _, entry := range entries {
		if !isStatement(entry.Name()) {
			continue
		}
		info, err := root.Lstat(entry.Name())
		switch {
		case errors.Is(err, fs.ErrNotExist): // it has gone since
		case err != nil:
			return nil, reason(err)
		case info.Mode().IsRegular():
			files = append(files, info)
		}
	}
	return files, nil
}

// ImportFile imports the file at a path. That it cannot be read is in the result, as all that is wrong with it.
func ImportFile(ctx context.Context, items *item.Service, tenant store.Tenant, path string, o Options) (FileResult, error) {
	name := filepath.Base(path)
	content, err := readPath(path)
	if err != nil {
		return Refused(name, err), nil
	}
	return Import(ctx, items, tenant, name, content, o)
}

// Refused is the result for a file that could not be read.
func Refused(name string, err error) FileResult {
	result, _ := newResult(name).refused(plaid.Errf("INVALID_FIELD", "%v", err))
	return result
}

func readPath(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	return readFile(file)
}

// readFile reads a file that may be of any size, or a pipe.
func readFile(file io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(file, mostBytes+1))
	if err != nil {
		return nil, unreadable(err)
	}
	if len(content) > mostBytes {
		return nil, errTooLarge
	}
	return content, nil
}

var errTooLarge = fmt.Errorf("the file has more than %d MiB: download it in parts, each of a shorter time", mostBytes>>20)

// unreadable is the error for a file that could not be read.
func unreadable(err error) error { return fmt.Errorf("it cannot be read: %w", reason(err)) }

// reason is what went wrong with a path, which is told beside it.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
