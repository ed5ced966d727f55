package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/seal"
	"weft/internal/store"
)

// Storage says where the database and the key file are.
type Storage struct {
	// DataDir holds the SQLite file and the key file.
	DataDir string
	// DatabaseURL is a PostgreSQL connection string; empty means SQLite under DataDir.
	DatabaseURL string
	// Key is the content of a key file in base64, in place of the file under DataDir.
	Key string
	// Exclusive takes the server's lock on a SQLite file.
	Exclusive bool
}

// KeyFile is where the key file is.
func (s Storage) KeyFile() string { return filepath.Join(s.DataDir, "weft.key") }

// DatabaseFile is where the SQLite file is.
func (s Storage) DatabaseFile() string { return filepath.Join(s.DataDir, "weft.db") }

// OpenDatabase opens the database and writes nothing to it.
func OpenDatabase(ctx context.Context, s Storage, c clock.Clock) (*store.DB, error) {
	if s.DatabaseURL != "" {
		return store.OpenPostgres(ctx, store.PostgresOptions{URL: s.DatabaseURL, Now: c.Now})
	}
	return store.OpenSQLite(ctx, store.SQLiteOptions{Path: s.DatabaseFile(), Exclusive: s.Exclusive, Now: c.Now})
}

// keyCheck is the known text by which a wrong key is recognised.
const keyCheck = "weft"

var keyCheckPlace = seal.Place{Table: "instance", Column: "key_check", Row: "1"}

// ErrWrongKey says that the key is not the one that the database was sealed with.
var ErrWrongKey = errors.New("the key does not fit the database: its account numbers and credentials were sealed with another key; start with the right key file or WEFT_KEY, nothing has been changed")

// CheckKey reads the keys and compares them with the database, without writing anything. For a new database without a
// key file it returns seal.ErrNoKeyFile and fresh.
func CheckKey(ctx context.Context, s Storage, db *store.DB) (keys *seal.Keys, fresh bool, err error) {
	sealed, err := storedKeyCheck(ctx, db)
	if err != nil {
		return nil, false, err
	}
	if s.Key != "" {
		keys, err = seal.FromText(strings.TrimSpace(s.Key))
	} else {
		keys, err = seal.Load(s.KeyFile())
	}
	if errors.Is(err, seal.ErrNoKeyFile) && sealed != "" {
		return nil, false, fmt.Errorf("%w, but the database is in use: put back its key file, or set WEFT_KEY; nothing has been changed", err)
	}
	if err != nil || sealed == "" {
		return keys, sealed == "", err
	}
	if plain, err := keys.Open(sealed, keyCheckPlace); err != nil || string(plain) != keyCheck {
		return nil, false, ErrWrongKey
	}
	return keys, false, nil
}

// storedKeyCheck is the database's sealed text, "" where it has none yet.
func storedKeyCheck(ctx context.Context, db *store.DB) (string, error) {
	schema, err := db.Schema(ctx)
	if err != nil || schema.Version == 0 {
		return "", err
	}
	var sealed string
	err = db.QueryRow(ctx, `select key_check from instance where id = 1`).Scan(&sealed)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return sealed, err
}

// Prepare brings a database into use: key, schema, the instance's row. It refuses a wrong key before it writes.
func Prepare(ctx context.Context, s Storage, db *store.DB) (*seal.Keys, error) {
	keys, fresh, err := CheckKey(ctx, s, db)
	made := false
	if errors.Is(err, seal.ErrNoKeyFile) && fresh {
		keys, err = seal.Create(s.KeyFile())
		made = err == nil
	}
	if err != nil {
		return nil, err
	}
	if err := checkSchema(ctx, db, true); err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	err = db.Write(ctx, func(tx *store.Tx) error { return claim(ctx, tx, keys) })
	if errors.Is(err, ErrWrongKey) && made { // another server was first: its key is the database's
		err = errors.Join(err, os.Remove(s.KeyFile()))
	}
	return keys, err
}

// claim writes the instance's row where there is none, and checks that the one that is there was sealed with the keys: of
// two servers that begin on one empty database at once, one is the first.
func claim(ctx context.Context, tx *store.Tx, keys *seal.Keys) error {
	sealed, err := keys.Seal([]byte(keyCheck), keyCheckPlace)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into instance (id, epoch, key_check, starts, beat, created_at) values (1, '', $1, 0, 0, $2) on conflict (id) do nothing`,
		sealed, tx.Now.UnixMilli())
	if err != nil {
		return err
	}
	var stored string
	if err := tx.QueryRow(ctx, `select key_check from instance where id = 1`).Scan(&stored); err != nil {
		return err
	}
	if plain, err := keys.Open(stored, keyCheckPlace); err != nil || string(plain) != keyCheck {
		return ErrWrongKey
	}
	return nil
}

// Existing opens the keys of a database that is in use, for a command beside the server. It writes nothing, and refuses a
// database that is new or has another schema than this program.
func Existing(ctx context.Context, s Storage, db *store.DB) (*seal.Keys, error) {
	keys, fresh, err := CheckKey(ctx, s, db)
	if fresh {
		return nil, errors.New("there is no Weft database there yet: start the server once, or check --data and --database")
	}
	if err != nil {
		return nil, err
	}
	return keys, checkSchema(ctx, db, false)
}

// checkSchema refuses a database that a newer program has changed in a way that this one cannot go on with, and an older one where
// it may not be brought up to date.
func checkSchema(ctx context.Context, db *store.DB, mayMigrate bool) error {
	have, err := db.Schema(ctx)
	if err != nil {
		return err
	}
	if _, err := have.Newer(); err != nil {
		return err
	}
	newest, err := store.NewestVersion()
	if err == nil && have.Version < newest && !mayMigrate {
		err = fmt.Errorf("the database has schema version %d, this program needs %d: restart the server with this program first", have.Version, newest)
	}
	return err
}

// begin counts a start of the server and returns its source of ids. A seeded source repeats itself for the same start of
// equal databases, and never mints an id that an earlier start has minted. Jobs have a source of their own, since they run
// beside requests.
func begin(ctx context.Context, db *store.DB, seed string) (ids, jobIDs *ident.Source, err error) {
	err = db.Write(ctx, func(tx *store.Tx) error {
		var starts int64
		var epoch string
		if err := tx.QueryRow(ctx, `update instance set starts = starts + 1 where id = 1 returning starts, epoch`).Scan(&starts, &epoch); err != nil {
			return err
		}
		ids, jobIDs = ident.System(), ident.System()
		if seed != "" {
			ids, jobIDs = ident.Seeded(fmt.Sprintf("%s/%d", seed, starts)), ident.Seeded(fmt.Sprintf("%s/%d/jobs", seed, starts))
		}
		if epoch != "" {
			return nil
		}
		_, err := tx.Exec(ctx, `update instance set epoch = $1 where id = 1`, ids.UUID())
		return err
	})
	return ids, jobIDs, err
}
