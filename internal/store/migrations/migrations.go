// Package migrations has the steps by which a database comes to the schema of this program, a file each. How they are written, so
// that servers of the version before go on beside those of the next, is told in docs/decisions/migrations.md.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed *.sql
var embedded embed.FS

// Files are this program's migrations. A test that plays the next version of the program puts others in their place before it
// opens a database.
var Files fs.FS = embedded

// Migration is a file.
type Migration struct {
	Name string
	// Version is the number that the name begins with.
	Version int64
	// Oldest is the lowest version that a program must know to go on with a database that has this migration: its own, where the
	// file does not say otherwise.
	Oldest int64
	SQL    string
}

// mark is how a file says which older programs it is compatible with. It is a statement, so that the database knows it too.
var mark = regexp.MustCompile(`(?m)^insert into compatible_migrations \(version, oldest\) values \(([0-9]+), ([0-9]+)\);$`)

// Newest is the number of the last migration.
func Newest() (int64, error) {
	names, err := names()
	if err != nil {
		return 0, err
	}
	return goose.NumericComponent(names[len(names)-1])
}

// names are those of the files in their order: all begin with a number of four digits.
func names() ([]string, error) {
	names, err := fs.Glob(Files, "*.sql")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("store: no migrations: %w", err)
	}
	return names, nil
}

// All are the program's migrations in their order.
func All() ([]Migration, error) {
	names, err := names()
	if err != nil {
		return nil, err
	}
	all := make([]Migration, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(Files, name)
		if err != nil {
			return nil, err
		}
		if all[i], err = parse(name, string(text)); err != nil {
			return nil, fmt.Errorf("store: migration %s: %w", name, err)
		}
	}
	return all, nil
}

func parse(name, text string) (Migration, error) {
	version, err := goose.NumericComponent(name)
	m := Migration{Name: name, Version: version, Oldest: version, SQL: text}
	said := mark.FindStringSubmatch(text)
	if said == nil || err != nil {
		return m, err
	}
	of, err := strconv.ParseInt(said[1], 10, 64)
	if err == nil {
		m.Oldest, err = strconv.ParseInt(said[2], 10, 64)
	}
	if err == nil && (of != version || m.Oldest >= version) {
		err = fmt.Errorf("it says that version %d is compatible with programs that know %d", of, m.Oldest)
	}
	return m, err
}

// Postgres are the files as PostgreSQL runs them. Its statements on tables lock them, and whoever comes after a statement that waits
// for such a lock waits too, be it only to read. So none waits long: it fails, and is tried again once the others had their turn.
// What may not be done in a transaction, since it takes longer than requests can wait (an index on a table that is there), is
// done concurrently, and locks nobody out.
func Postgres() fs.FS { return postgres{Files} }

type postgres struct{ fs.FS }

// LockTimeout is how long a migration's statement waits for a table that others have, and everybody else behind it.
const LockTimeout = "500ms"

const (
	up            = "-- +goose Up\n"
	noTransaction = "-- +goose NO TRANSACTION\n"
)

func (p postgres) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(p.FS, name) }

func (p postgres) Open(name string) (fs.File, error) {
	file, err := p.FS.Open(name)
	if err != nil || name == "." {
		return file, err
	}
	content, err := fs.ReadFile(p.FS, name)
	text := strings.ReplaceAll(string(content), "/* concurrently */", "concurrently")
	if !strings.Contains(text, noTransaction) {
		text = strings.Replace(text, up, up+"set local lock_timeout = '"+LockTimeout+"';\n", 1)
	}
	return dialect{file, strings.NewReader(text)}, err
}

// dialect is a file with another text.
type dialect struct {
	fs.File
	text *strings.Reader
}

func (d dialect) Read(b []byte) (int, error) { return d.text.Read(b) }
