package cli_test

import (
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/clock"
	"weft/internal/store"
)

// The command gives the database another epoch, and not while a server has it open.
func TestRestored(t *testing.T) {
	epoch := func(data string) (epoch string) {
		t.Helper()
		db, err := store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: filepath.Join(data, "weft.db"), Now: clock.System{}.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close() //nolint:errcheck // it was only read
		if err := db.QueryRow(t.Context(), `select epoch from instance where id = 1`).Scan(&epoch); err != nil {
			t.Fatal(err)
		}
		return epoch
	}
	data, _ := used(t)
	before := epoch(data)
	if o := weft(t, nil, "restored", "--data", data).succeeds(t); !strings.Contains(o.out, "begin again") {
		t.Errorf("printed %q", o.out)
	}
	after := epoch(data)
	if before == "" || after == "" || before == after {
		t.Errorf("the epoch was %q and is %q", before, after)
	}
	serve(t, data, nil)
	if o := weft(t, nil, "restored", "--data", data); o.status == 0 || epoch(data) != after {
		t.Errorf("beside a server: status %d, %q", o.status, o.errors)
	}
}
