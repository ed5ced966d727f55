// Package checkup looks at what a server would find, and changes none of it.
package checkup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"weft/internal/store"
)

// Describe says which schema a database has. One that is newer than the program is an error.
func Describe(ctx context.Context, db *store.DB) (string, error) {
	have, err := db.SchemaVersion(ctx)
	if err != nil {
		return "", err
	}
	newest, err := store.NewestVersion()
	if err != nil {
		return "", err
	}
	switch {
	case have > newest:
		return "", fmt.Errorf("the database has schema version %d, this program knows up to %d: use a newer Weft", have, newest)
	case have < newest:
		return fmt.Sprintf("%s, schema version %d, will be brought to %d at the next start", db.Dialect(), have, newest), nil
	}
	return fmt.Sprintf("%s, schema version %d, the newest", db.Dialect(), have), nil
}

// Writable reports whether a folder, or the nearest one above it that exists, can be written to.
func Writable(dir string) error {
	for {
		info, err := os.Stat(dir)
		if errors.Is(err, os.ErrNotExist) && dir != filepath.Dir(dir) {
			dir = filepath.Dir(dir)
			continue
		}
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is not a folder", dir)
		}
		break
	}
	f, err := os.CreateTemp(dir, ".weft-doctor-")
	if err != nil {
		return fmt.Errorf("%s cannot be written to: %w", dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
