package cli_test

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/clock"
	"weft/internal/needs"
	"weft/internal/seal"
	"weft/internal/store/storetest"
)

// saved is a way to back up and restore, as docs/operations.md tells it.
type saved struct {
	// told are the commands, as they stand there.
	told            []string
	backup, restore func()
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// A backup that is made while the server runs is restored by the commands of docs/operations.md: what was there then is there again, a
// wrong key is refused, and clients' cursors begin anew.
func TestBackupAndRestore(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		sqlite, data := needs.Program(t, "sqlite3", "sqlite3"), filepath.Join(t.TempDir(), "data")
		restoredAsTold(t, data, nil, saved{[]string{`sqlite3 weft.db ".backup 'weft-backup.db'"`, "remove `weft.db-wal` and `weft.db-shm`"},
			func() { run(t, data, sqlite, "weft.db", ".backup 'weft-backup.db'") },
			func() {
				err := os.Rename(filepath.Join(data, "weft-backup.db"), filepath.Join(data, "weft.db"))
				for _, name := range []string{"weft.db-wal", "weft.db-shm"} {
					if removed := os.Remove(filepath.Join(data, name)); err == nil && !errors.Is(removed, fs.ErrNotExist) {
						err = removed
					}
				}
				if err != nil {
					t.Fatal(err)
				}
			}})
	})
	t.Run("postgres", func(t *testing.T) {
		bin, url, dir := needs.PostgresBinaries(t), storetest.PostgresURL(t), t.TempDir()
		restoredAsTold(t, filepath.Join(t.TempDir(), "data"), []string{"WEFT_DATABASE=" + url}, saved{[]string{"`pg_dump -Fc`", "`pg_restore --clean --if-exists`"},
			func() { run(t, dir, filepath.Join(bin, "pg_dump"), "-Fc", "-f", "weft.dump", "-d", url) },
			func() {
				run(t, dir, filepath.Join(bin, "pg_restore"), "--clean", "--if-exists", "-d", url, "weft.dump")
			}})
	})
}

func restoredAsTold(t *testing.T, data string, env []string, way saved) {
	page, err := os.ReadFile(filepath.Join(needs.Root(t), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range way.told {
		if !strings.Contains(string(page), command) {
			t.Errorf("docs/operations.md does not tell of %s", command)
		}
	}
	env = append(env, listenersKeys...)
	begin := func() (*running, *cluster) {
		s := serve(t, data, env, "--instant")
		at := &process{url: s.url}
		return s, &cluster{t: t, servers: [3]*process{at, at, at}}
	}
	s, c := begin()
	kept := c.link(0, "")
	before := c.sync(0, kept, "")
	way.backup()
	c.must(0, "/sandbox/transactions/create", creation(kept, "AFTER THE BACKUP", clock.System{}.Now()), nil)
	lost, late := c.link(0, ""), c.sync(0, kept, before.cursor)
	if len(before.names) == 0 || late.names["AFTER THE BACKUP"] != 1 {
		t.Fatalf("%v, and later %v", before, late)
	}
	s.stop()
	way.restore()
	other, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	wrong := append([]string{"WEFT_KEY=" + base64.StdEncoding.EncodeToString(other)}, env...)
	weft(t, wrong, "serve", "--listen", "127.0.0.1:0", "--data", data).fails(t, "another key", 1, "the key does not fit the database")
	weft(t, env, "restored", "--data", data).succeeds(t)
	_, c = begin()
	if again := c.sync(0, kept, ""); again.names["AFTER THE BACKUP"] != 0 || len(again.names) != len(before.names) {
		t.Errorf("%d transactions are restored, %d were there", len(again.names), len(before.names))
	}
	for what, fields := range map[string]string{"INVALID_ACCESS_TOKEN": `{"access_token":"` + lost + `"}`, "INVALID_FIELD": `{"access_token":"` + kept + `","cursor":"` + late.cursor + `"}`} {
		if a, err := c.servers[0].ask(t.Context(), "/transactions/sync", fields); err != nil || a.status != 400 || !strings.Contains(a.body, what) {
			t.Errorf("want %s, not %+v %v", what, a, err)
		}
	}
}
