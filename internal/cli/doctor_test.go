package cli_test

import (
	"encoding/base64"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if line := os.Getenv(victimVariable); line != "" {
		runAsVictim(line)
	}
	if line := os.Getenv(commandVariable); line != "" {
		runAsCommand(line)
	}
	storetest.Main(m)
}

// used is the data folder of a server that has run and was stopped.
func used(t *testing.T) (data string, secrets map[string]string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	s := serve(t, data, nil)
	_, secrets = printed(t, s.greeting)
	s.stop()
	return data, secrets
}

// doctor examines a folder; it must not change anything there.
func doctor(t *testing.T, data string, env []string, args ...string) outcome {
	t.Helper()
	before := hashes(t, filepath.Dir(data))
	o := weft(t, env, append([]string{"doctor", "--listen", "127.0.0.1:0", "--data", data}, args...)...)
	if after := hashes(t, filepath.Dir(data)); !maps.Equal(before, after) {
		t.Errorf("doctor has changed\n%v\nto\n%v", before, after)
	}
	return o
}

// healthy fails the test unless doctor is content and says all of the parts.
func (o outcome) healthy(t *testing.T, what string, parts ...string) {
	t.Helper()
	if o.status != 0 || o.errors != "" || strings.Contains(o.out, "FAULT") || !strings.HasSuffix(o.out, "\nEverything is in order.\n") {
		t.Errorf("%s: status %d, %q\n%s", what, o.status, o.errors, o.out)
	}
	for _, part := range parts {
		if !strings.Contains(o.out, part) {
			t.Errorf("%s: no %q in\n%s", what, part, o.out)
		}
	}
}

// faulty fails the test unless doctor finds exactly one fault, in a check, and says all of the parts.
func (o outcome) faulty(t *testing.T, what, check string, parts ...string) {
	t.Helper()
	if o.status != 1 || !strings.HasPrefix(o.errors, "weft: 1 of ") || strings.Contains(o.out, "Everything is in order") {
		t.Errorf("%s: status %d, %q\n%s", what, o.status, o.errors, o.out)
	}
	var line string
	for l := range strings.Lines(o.out) {
		if strings.HasPrefix(l, "FAULT") {
			line += l
		}
	}
	if !strings.HasPrefix(line, "FAULT  "+check+" ") {
		t.Errorf("%s: the fault is %q, want one of the %s\n%s", what, line, check, o.out)
	}
	for _, part := range parts {
		if !strings.Contains(line, part) {
			t.Errorf("%s: no %q in %q", what, part, line)
		}
	}
}

func TestDoctorOfAHealthyFolder(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "data")
	doctor(t, empty, nil).healthy(t, "no folder", "ok     clock ", "127.0.0.1:0 is free", "weft.db will be made at the first start", "weft.key will be made at the first start")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	doctor(t, empty, nil).healthy(t, "empty folder", "weft.db will be made at the first start")

	data, secrets := used(t)
	o := doctor(t, data, nil)
	o.healthy(t, "used", "sqlite, schema version ", "the newest", "key file", "fits the database")
	noSecrets(t, o.out, secrets)
	// The key in the environment, in place of the file, as it is pasted.
	path := filepath.Join(data, "weft.key")
	key := readFile(t, path)
	env := []string{"WEFT_KEY= " + base64.StdEncoding.EncodeToString(key) + "\n"}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	o = doctor(t, data, env)
	o.healthy(t, "key in the environment", "fits the database")
	doctor(t, filepath.Join(t.TempDir(), "new"), env).healthy(t, "key for a new database", "WEFT_KEY can be used")
	if strings.Contains(o.out, env[0][10:40]) {
		t.Errorf("the key is shown in\n%s", o.out)
	}
	// A key file that waits for its first database.
	waiting := t.TempDir()
	if err := os.WriteFile(filepath.Join(waiting, "weft.key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	doctor(t, waiting, nil).healthy(t, "key file alone", "weft.key can be used")
	// Beside a running server, but for its address.
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil)
	if o := weft(t, nil, "doctor", "--listen", "127.0.0.1:0", "--data", s.data); o.status != 0 {
		t.Errorf("beside a server: status %d, %s%s", o.status, o.out, o.errors)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDoctorFindsATakenAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // the test is over
	address := l.Addr().String()
	o := doctor(t, filepath.Join(t.TempDir(), "data"), []string{"WEFT_LISTEN=nowhere"}, "--listen", address)
	o.faulty(t, "taken", "address", "cannot listen on "+address, "is a server running there already?")
	doctor(t, filepath.Join(t.TempDir(), "data"), nil, "--listen", "192.0.2.1:1").faulty(t, "not this machine's", "address", "cannot listen on 192.0.2.1:1")
}

func TestDoctorFindsAFaultyKey(t *testing.T) {
	data, secrets := used(t)
	path := filepath.Join(data, "weft.key")
	key := readFile(t, path)
	restore := func() {
		t.Helper()
		if err := os.WriteFile(path, key, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	doctor(t, data, nil).faulty(t, "mode", "key file", "can be read by others (mode 0644): chmod 600 it", path)
	restore()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	doctor(t, data, nil).faulty(t, "lost", "key file", "there is no key file at "+path, "the database is in use")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	doctor(t, data, nil).faulty(t, "broken", "key file", path, "not a Weft key file")
	other, otherSecrets := used(t)
	if err := os.WriteFile(path, readFile(t, filepath.Join(other, "weft.key")), 0o600); err != nil {
		t.Fatal(err)
	}
	doctor(t, data, nil).faulty(t, "another's", "key file", "the key does not fit the database")
	restore()
	env := []string{"WEFT_KEY=" + base64.StdEncoding.EncodeToString(readFile(t, filepath.Join(other, "weft.key")))}
	o := doctor(t, data, env)
	o.faulty(t, "another's in the environment", "key file", "the key does not fit the database")
	noSecrets(t, o.out+o.errors, secrets, otherSecrets)
	doctor(t, data, []string{"WEFT_KEY=nonsense!"}).faulty(t, "nonsense in the environment", "key file", "not the base64 text of a key file")
	doctor(t, filepath.Join(t.TempDir(), "new"), []string{"WEFT_KEY=nonsense!"}).faulty(t, "nonsense for a new database", "key file", "not the base64 text of a key file")
	// The server says the same, and leaves all as it is.
	before := hashes(t, filepath.Dir(data))
	weft(t, env, "serve", "--data", data, "--listen", "127.0.0.1:0").fails(t, "serve", 1, "the key does not fit the database")
	weft(t, env, "keys", "list", "--data", data).fails(t, "keys", 1, "the key does not fit the database")
	after := hashes(t, filepath.Dir(data))
	delete(after, filepath.Join(data, "weft.db.lock"))
	delete(before, filepath.Join(data, "weft.db.lock"))
	if !maps.Equal(before, after) {
		t.Errorf("refused commands have changed\n%v\nto\n%v", before, after)
	}
	doctor(t, data, nil).healthy(t, "restored")
}

func TestDoctorFindsAFaultyDatabase(t *testing.T) {
	data, _ := used(t)
	path := filepath.Join(data, "weft.db")
	setVersion(t, path, 9999)
	doctor(t, data, nil).faulty(t, "newer", "database", "the database has schema version 9999, which asks for a program that knows 9999; this program knows up to ", "use a newer Weft")
	for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"migrate"}, {"keys", "list"}} {
		weft(t, nil, append(args, "--data", data)...).fails(t, strings.Join(args, " "), 1, "the database has schema version 9999, which asks for a program that knows 9999; this program knows up to ")
	}
	broken := filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(broken, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "weft.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	doctor(t, broken, nil).faulty(t, "broken", "database", "weft.db")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	doctor(t, file, nil).faulty(t, "a file where the folder should be", "database", file)
}

// A database that a newer program has only added to is served, examined and left as it is.
func TestADatabaseOfANewerProgramThatCanBeUsed(t *testing.T) {
	data, _ := used(t)
	setVersion(t, filepath.Join(data, "weft.db"), 9999, `insert into compatible_migrations (version, oldest) values (9999, 1)`)
	doctor(t, data, nil).healthy(t, "newer", "sqlite, schema version 9999 of a newer program; this one knows up to ", " and can go on with it")
	if o := weft(t, nil, "migrate", "--data", data).succeeds(t); o.out != "The sqlite database has schema version 9999, of a newer program; nothing was done.\n" {
		t.Errorf("migrate prints %q", o.out)
	}
	weft(t, nil, "keys", "list", "--data", data).succeeds(t)
	s := serve(t, data, nil)
	res, err := http.Get(s.url + "/readyz")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("ready: %v, %v", res, err)
	}
	if err == nil {
		res.Body.Close() //nolint:errcheck // the status is the answer
	}
}

// setVersion makes a database look as if another program had migrated it, by more statements.
func setVersion(t *testing.T, path string, version int64, more ...string) {
	t.Helper()
	db, err := store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: path, Now: clock.System{}.Now})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into goose_db_version (version_id, is_applied) values ($1, 1)`, version)
		for _, statement := range more {
			if err == nil {
				_, err = tx.Exec(t.Context(), statement)
			}
		}
		return err
	})
	if closeErr := db.Close(); err != nil || closeErr != nil {
		t.Fatal(err, closeErr)
	}
}

// A server on PostgreSQL keeps the key file alone in its folder.
func TestPostgres(t *testing.T) {
	url := storetest.PostgresURL(t)
	data := filepath.Join(t.TempDir(), "data")
	env := []string{"WEFT_DATABASE=" + url}
	doctor(t, data, env).healthy(t, "empty", "postgres, schema version 0, will be brought to ", "weft.key will be made at the first start")
	weft(t, env, "keys", "list", "--data", data).fails(t, "keys", 1, "there is no Weft database there yet")
	if o := weft(t, env, "migrate", "--data", data).succeeds(t); !strings.Contains(o.out, "The postgres database has schema version ") {
		t.Errorf("printed %q", o.out)
	}
	s := serve(t, data, env)
	id, secrets := printed(t, s.greeting)
	s.opens("postgres", id, secrets["sandbox"], true)
	if rows := countKeys(t, env, data); rows != 3 {
		t.Errorf("%d keys are listed", rows)
	}
	s.stop()
	o := doctor(t, data, env)
	o.healthy(t, "used", "postgres, schema version ", "the newest", "fits the database")
	noSecrets(t, o.out, secrets)
	if entries, err := os.ReadDir(data); err != nil || len(entries) != 2 { // the key, and the note of how late it was
		t.Errorf("the folder has %v, %v", entries, err)
	}
}

// countKeys is how many keys are listed.
func countKeys(t *testing.T, env []string, data string) int {
	t.Helper()
	return strings.Count(weft(t, env, "keys", "list", "--data", data).succeeds(t).out, "\n") - 1
}

// A database that cannot be reached is told without its password.
func TestPasswordOfTheDatabaseIsNotShown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"postgres://weft:canary@" + closed + "/weft?sslmode=disable", "postgres://weft:canary@host:port/weft", "postgres://weft:can%ary@host/weft"} {
		data := filepath.Join(t.TempDir(), "data")
		o := doctor(t, data, nil, "--database", url)
		o.faulty(t, url, "database", "PostgreSQL")
		for _, args := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"migrate"}, {"keys", "list"}} {
			p := weft(t, []string{"WEFT_DATABASE=" + url}, append(args, "--data", data)...)
			p.fails(t, strings.Join(args, " "), 1, "PostgreSQL")
			o.out += p.out + p.errors
		}
		if strings.Contains(o.out+o.errors, "canary") || strings.Contains(o.out+o.errors, "can%ary") {
			t.Errorf("the password is shown: %s%s", o.out, o.errors)
		}
	}
}

// Beside a running server everything is in order: its address is taken, as it should be.
func TestDoctorBesideARunningServer(t *testing.T) {
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil)
	address := strings.TrimPrefix(s.url, "http://")
	weft(t, nil, "doctor", "--listen", address, "--data", s.data).healthy(t, "beside a server", "a server is running on this database")
	s.stop()
	weft(t, nil, "doctor", "--listen", address, "--data", s.data).healthy(t, "after it has stopped", address+" is free")
}
