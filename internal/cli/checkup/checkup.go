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

// Describe says which schema a database has. One that the program cannot use, since a newer one has changed it, is an error.
func Describe(ctx context.Context, db *store.DB) (string, error) {
	have, err := db.Schema(ctx)
	if err != nil {
		return "", err
	}
	newer, err := have.Newer()
	if err != nil {
		return "", err
	}
	newest, err := store.NewestVersion()
	switch {
	case err != nil:
		return "", err
	case newer:
		return fmt.Sprintf("%s, schema version %d of a newer program; this one knows up to %d and can go on with it", db.Dialect(), have.Version, newest), nil
	case have.Version < newest:
		return fmt.Sprintf("%s, schema version %d, will be brought to %d at the next start", db.Dialect(), have.Version, newest), nil
	}
	return fmt.Sprintf("%s, schema version %d, the newest", db.Dialect(), have.Version), nil
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
