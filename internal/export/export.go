// Package export writes what is stored of a client's Items in the forms of other tools: tables as CSV or Parquet, journals for
// Beancount and hledger, and statements as OFX. Nothing is rounded on the way.
package export

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"weft/internal/export/journal"
	"weft/internal/export/ledger"
	"weft/internal/export/ofx"
	"weft/internal/export/tables"
)

// Format is one of the forms.
type Format struct {
	Name string
	// Extension is that of its files.
	Extension string
	// Folder says that it is a file for each table, and not one file.
	Folder bool
	write  func(*ledger.Book, Create) error
}

// Create opens a file of an export by its name. Closing it says that it is whole.
type Create func(name string) (File, error)

// File is a file of an export.
type File interface {
	io.WriteCloser
	// Discard takes the place of Close where the file could not be written to its end.
	Discard() error
}

// one is a format of one file.
func one(name, extension string, write func(io.Writer, *ledger.Book) error) Format {
	return Format{Name: name, Extension: extension, write: func(b *ledger.Book, create Create) error {
		return into(create, "weft"+extension, func(w io.Writer) error { return write(w, b) })
	}}
}

// many is a format of one file a table.
func many(name, extension string, write func(io.Writer, tables.Table) error) Format {
	return Format{Name: name, Extension: extension, Folder: true, write: func(b *ledger.Book, create Create) error {
		for _, t := range tables.Of(b) {
			if err := into(create, t.Name+extension, func(w io.Writer) error { return write(w, t) }); err != nil {
				return err
			}
		}
		return nil
	}}
}

// Formats are all forms, by their names.
var Formats = []Format{
	one("beancount", ".beancount", journal.Beancount),
	many("csv", ".csv", tables.CSV),
	one("hledger", ".journal", journal.Hledger),
	one("ofx", ".ofx", ofx.Write),
	many("parquet", ".parquet", tables.Parquet),
}

// Find finds a format by its name.
func Find(name string) (Format, error) {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i >= 0 {
		return Formats[i], nil
	}
	var names []string
	for _, f := range Formats {
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("format %q is none of %s", name, strings.Join(names, ", "))
}

// Write writes a book.
func (f Format) Write(b *ledger.Book, create Create) error { return f.write(b, create) }

func into(create Create, name string, write func(io.Writer) error) error {
	w, err := create(name)
	if err != nil {
		return err
	}
	if err := write(w); err != nil {
		return fmt.Errorf("%s: %w", name, errors.Join(err, w.Discard()))
	}
	return w.Close()
}
