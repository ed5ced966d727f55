package cli_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// keyRow is a line of the list: client_id, name, environment, key_id, last four characters, state.
type keyRow struct{ client, name, environment, id, last4, state string }

var rowShape = regexp.MustCompile(`^([0-9a-z-]+)  +(\S.*?)  +(sandbox|development|production)  +([0-9a-f]{32})  +…(\S{4})  +[0-9-]{10} [0-9:]{8}  +(\S.*)$`)

func listKeys(t *testing.T, data string, flags ...string) []keyRow {
	t.Helper()
	o := weft(t, nil, append([]string{"keys", "list", "--data", data}, flags...)...).succeeds(t)
	lines := strings.Split(strings.TrimSuffix(o.out, "\n"), "\n")
	if got := strings.Fields(lines[0]); strings.Join(got, " ") != "CLIENT_ID NAME ENVIRONMENT KEY_ID SECRET CREATED STATE" {
		t.Errorf("the list begins with %q", lines[0])
	}
	var rows []keyRow
	for _, line := range lines[1:] {
		m := rowShape.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("the list has the line %q", line)
		}
		rows = append(rows, keyRow{m[1], m[2], m[3], m[4], m[5], m[6]})
	}
	return rows
}

// keyOf is the row of a secret.
func keyOf(t *testing.T, rows []keyRow, client, environment, secret string) keyRow {
	t.Helper()
	for _, r := range rows {
		if r.client == client && r.environment == environment && strings.HasSuffix(secret, r.last4) {
			return r
		}
	}
	t.Fatalf("no key of %s for %s in %v", client, environment, rows)
	return keyRow{}
}

// What the commands change holds at once in the server beside them.
func TestKeysBesideARunningServer(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data, nil)
	first, firstSecrets := printed(t, s.greeting)

	o := weft(t, nil, "keys", "create", "--data", data, "--name", "mobile app").succeeds(t)
	id, secrets := printed(t, o.out)
	if id == first || len(secrets) != 3 || !strings.Contains(o.out, "shown this once") || !regexp.MustCompile(`(?m)^public_key +[0-9a-f]{32}$`).MatchString(o.out) {
		t.Fatalf("printed %q", o.out)
	}
	for env, secret := range secrets {
		s.opens("created, "+env, id, secret, true)
		s.opens("of another client, "+env, first, secret, false)
	}
	rows := listKeys(t, data)
	if len(rows) != 6 || keyOf(t, rows, id, "sandbox", secrets["sandbox"]).name != "mobile app" {
		t.Errorf("the list is %v", rows)
	}

	// A rotation with the default overlap: both are valid.
	o = weft(t, nil, "keys", "rotate", id, "--data", data).succeeds(t)
	m := regexp.MustCompile(`^sandbox secret  ([0-9a-f]{32})\nkey_id  ([0-9a-f]{32})\nThe secret is shown this once\. Older ones end at (\S+ \S+) UTC\.\n$`).FindStringSubmatch(o.out)
	if m == nil {
		t.Fatalf("printed %q", o.out)
	}
	s.opens("the old secret in the overlap", id, secrets["sandbox"], true)
	s.opens("the new secret", id, m[1], true)
	rows = listKeys(t, data)
	if old := keyOf(t, rows, id, "sandbox", secrets["sandbox"]); old.state != "valid until "+m[3] {
		t.Errorf("the old key is %+v, want valid until %s", old, m[3])
	}
	if fresh := keyOf(t, rows, id, "sandbox", m[1]); fresh.id != m[2] || fresh.state != "valid" {
		t.Errorf("the new key is %+v", fresh)
	}

	// One without: the old ones end at once.
	o = weft(t, nil, "keys", "rotate", id, "--data", data, "--overlap", "0", "--environment", "production").succeeds(t)
	fresh := regexp.MustCompile(`^production secret  ([0-9a-f]{32})\n`).FindStringSubmatch(o.out)
	if fresh == nil {
		t.Fatalf("printed %q", o.out)
	}
	s.opens("the old secret without overlap", id, secrets["production"], false)
	s.opens("the new secret", id, fresh[1], true)
	if old := keyOf(t, listKeys(t, data), id, "production", secrets["production"]); !strings.HasPrefix(old.state, "expired ") {
		t.Errorf("the old key is %+v", old)
	}

	// A revocation.
	key := keyOf(t, rows, id, "development", secrets["development"])
	s.opens("before it is revoked", id, secrets["development"], true)
	o = weft(t, nil, "keys", "revoke", key.id, "--data", data).succeeds(t)
	if o.out != "Key "+key.id+" is revoked.\n" {
		t.Errorf("printed %q", o.out)
	}
	s.opens("revoked", id, secrets["development"], false)
	if k := keyOf(t, listKeys(t, data), id, "development", secrets["development"]); !strings.HasPrefix(k.state, "revoked ") {
		t.Errorf("the key is %+v", k)
	}
	weft(t, nil, "keys", "revoke", key.id, "--data", data).fails(t, "revoke again", 1, "no such client or key: "+key.id)
	weft(t, nil, "keys", "revoke", "nothing", "--data", data).fails(t, "revoke unknown", 1, "no such client or key: nothing")
	weft(t, nil, "keys", "rotate", "nobody", "--data", data).fails(t, "rotate unknown", 1, "no such client or key: nobody")
	weft(t, nil, "keys", "rotate", id, "--data", data, "--environment", "staging").fails(t, "environment", 1, `there is no environment "staging"`)

	// The first client has felt nothing of it all.
	for env, secret := range firstSecrets {
		s.opens("the first client's "+env, first, secret, true)
	}
	noSecrets(t, weft(t, nil, "keys", "list", "--data", data).succeeds(t).out, firstSecrets, secrets, map[string]string{"": m[1], "new": fresh[1]})
}

// A client becomes a processor, and is one no more.
func TestKeysOfProcessors(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	serve(t, data, nil)
	id, secrets := printed(t, weft(t, nil, "keys", "create", "--data", data, "--name", "mobile app").succeeds(t).out)
	if o := weft(t, nil, "keys", "processor", id, "dwolla", "--data", data).succeeds(t); o.out != "Client "+id+" is the processor dwolla.\n" {
		t.Errorf("printed %q", o.out)
	}
	if key := keyOf(t, listKeys(t, data), id, "sandbox", secrets["sandbox"]); key.name != "mobile app (processor dwolla)" {
		t.Errorf("the key is %+v", key)
	}
	if o := weft(t, nil, "keys", "processor", id, "--data", data).succeeds(t); o.out != "Client "+id+" is no processor.\n" {
		t.Errorf("printed %q", o.out)
	}
	weft(t, nil, "keys", "processor", id, "nobody", "--data", data).fails(t, "a processor that there is not", 1, `there is no processor "nobody"`)
	weft(t, nil, "keys", "processor", "nobody", "dwolla", "--data", data).fails(t, "an unknown processor", 1, "no such client or key: nobody")
	weft(t, nil, "keys", "processor", "--data", data).fails(t, "no client", 2, "CLIENT_ID")
}

// noSecrets fails the test where a text shows more than the last four characters of a secret.
func noSecrets(t *testing.T, text string, secrets ...map[string]string) {
	t.Helper()
	for _, m := range secrets {
		for _, secret := range m {
			if strings.Contains(text, secret) || strings.Contains(text, secret[len(secret)-5:]) || strings.Contains(text, secret[:8]) {
				t.Errorf("a secret is shown in %s", text)
			}
		}
	}
}

// Where no server has ever run, the commands say so, and make nothing.
func TestKeysNeedADatabase(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for _, args := range [][]string{{"list"}, {"create"}, {"revoke", "a"}, {"rotate", "a"}} {
		o := weft(t, nil, append([]string{"keys", "--data", data}, args...)...)
		o.fails(t, strings.Join(args, " "), 1, "there is no Weft database at "+filepath.Join(data, "weft.db")+" yet")
	}
	if made := hashes(t, filepath.Dir(data)); len(made) != 1 {
		t.Errorf("made %v", made)
	}
}

func TestMigrate(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for range 2 { // a second time there is nothing to do
		o := weft(t, nil, "migrate", "--data", data).succeeds(t)
		if !regexp.MustCompile(`^The sqlite database has schema version [1-9][0-9]*, the newest\.\n$`).MatchString(o.out) {
			t.Errorf("printed %q", o.out)
		}
	}
	s := serve(t, data, nil)
	if _, secrets := printed(t, s.greeting); len(secrets) != 3 {
		t.Errorf("the first start after it printed %q", s.greeting)
	}
}
