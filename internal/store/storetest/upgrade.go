package storetest

import (
	"fmt"
	"io/fs"
	"maps"
	"testing/fstest"

	"weft/internal/store/migrations"
)

// Upgrade makes this process one of a later version of the program, with more migrations: texts by their file names. It returns what
// makes it the present version again.
func Upgrade(more map[string]string) (undo func()) {
	before := migrations.Files
	files := fstest.MapFS{}
	names, err := fs.Glob(before, "*.sql")
	for _, name := range names {
		content, readErr := fs.ReadFile(before, name)
		if readErr != nil {
			err = readErr
		}
		files[name] = &fstest.MapFile{Data: content}
	}
	if err != nil {
		panic(err) // the files are part of the program
	}
	for name, text := range maps.All(more) {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	migrations.Files = files
	return func() { migrations.Files = before }
}

// Compatible is a migration that programs can go on with which know the schema of version oldest.
func Compatible(version, oldest int64, statements string) string {
	return fmt.Sprintf("-- +goose Up\n%s\ninsert into compatible_migrations (version, oldest) values (%d, %d);\n", statements, version, oldest)
}

// Indexing is a compatible migration that puts an index on a table that is there.
func Indexing(version int64, name, on string) string {
	return "-- +goose NO TRANSACTION\n" + Compatible(version, 0, fmt.Sprintf("drop index /* concurrently */ if exists %s;\ncreate index /* concurrently */ %s on %s;", name, name, on))
}
