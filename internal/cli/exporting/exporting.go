// Package exporting is what the export command reads, and where it puts its files.
package exporting

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"weft/internal/export"
	"weft/internal/plaid"
)

// Into is how the files of a format are made at a path: a file of that name, or those of a folder. Each takes the place of an
// earlier one when it is whole. Only their owner may read them.
func Into(path string, format export.Format) export.Create {
	return func(name string) (export.File, error) {
		target := path
		if format.Folder {
			if err := os.MkdirAll(path, 0o700); err != nil {
				return nil, err
			}
			target = filepath.Join(path, name)
		}
		f, err := os.CreateTemp(filepath.Dir(target), ".weft-*") // 0600
		if err != nil {
			return nil, err
		}
		return &file{File: f, target: target}, nil
	}
}

// To writes the one file of a format to an open stream.
func To(w io.Writer) export.Create {
	return func(string) (export.File, error) { return open{w}, nil }
}

// open is a stream that others close.
type open struct{ io.Writer }

func (open) Close() error   { return nil }
func (open) Discard() error { return nil }

// file is a file that gets its name when it is whole.
type file struct {
	*os.File
	target string
}

// Discard leaves nothing of the file.
func (f *file) Discard() error {
	return errors.Join(f.File.Close(), os.Remove(f.Name()))
}

func (f *file) Close() error {
	if err := errors.Join(f.Sync(), f.File.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), f.target)
}

// Days reads the bounds of a query; an empty one is none. It returns what is wrong with them.
func Days(q *export.Query, from, to string) (faults []string) {
	q.From, q.To = export.FirstDay, export.LastDay
	for _, bound := range []struct {
		flag, text string
		day        *plaid.Date
	}{{"from", from, &q.From}, {"to", to, &q.To}} {
		if bound.text == "" {
			continue
		}
		day, err := plaid.ParseDate(bound.text)
		if err != nil {
			faults = append(faults, fmt.Sprintf("--%s %q is not a day such as 2026-01-31", bound.flag, bound.text))
		}
		*bound.day = day
	}
	if len(faults) == 0 && q.From > q.To {
		faults = append(faults, fmt.Sprintf("--from %s is after --to %s", from, to))
	}
	return faults
}
