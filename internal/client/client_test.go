package client_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// fixture is a service over an empty database, with a clock to move.
type fixture struct {
	*client.Service
	*clock.Manual
	t *testing.T

	mu   sync.Mutex
	seen map[string][]any // statements, with the arguments of one of their runs
}

// each runs a test on both engines.
func each(t *testing.T, run func(t *testing.T, f *fixture)) {
	open := func(make func(testing.TB, clock.Clock) *store.DB) func(*testing.T) {
		return func(t *testing.T) {
			c := clock.NewManual(storetest.Start)
			f := &fixture{Manual: c, t: t, seen: map[string][]any{}}
			f.Service = &client.Service{DB: make(t, c), Keys: newKeys(t), IDs: ident.Seeded("client_test")}
			// The row that server.Prepare makes before anything else.
			if err := f.DB.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), `insert into instance (id, epoch, key_check, starts, created_at) values (1, 'epoch', 'check', 1, 0)`)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			f.DB.Observe(func(query string, args []any) {
				f.mu.Lock()
				defer f.mu.Unlock()
				if query != store.Committing && query != store.Committed {
					f.seen[query] = args
				}
			})
			run(t, f)
		}
	}
	t.Run("sqlite", open(storetest.SQLite))
	t.Run("postgres", open(storetest.Postgres))
}

func newKeys(t *testing.T) *seal.Keys {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func (f *fixture) create(name string) (client.Client, client.Secrets) {
	f.t.Helper()
	c, secrets, err := f.Create(f.t.Context(), name)
	if err != nil {
		f.t.Fatal(err)
	}
	return c, secrets
}

// opens fails the test where a secret does not open calls in an environment; an empty environment means that it must not.
func (f *fixture) opens(what, clientID, secret, environment string) {
	f.t.Helper()
	got, err := f.Authorize(f.t.Context(), clientID, secret, f.Now())
	if environment != "" {
		if want := (store.Tenant{Client: clientID, Environment: environment}); err != nil || got != want {
			f.t.Errorf("%s: got %v, %v; want %v", what, got, err, want)
		}
		return
	}
	var pe *plaid.Error
	if !errors.As(err, &pe) || pe.Code != "INVALID_API_KEYS" || pe.Message != "invalid client_id or secret provided" || got != (store.Tenant{}) {
		f.t.Errorf("%s: got %v, %v; want INVALID_API_KEYS", what, got, err)
	}
}

func (f *fixture) keys(clientID string) []client.Key {
	f.t.Helper()
	keys, err := f.ListKeys(f.t.Context(), clientID)
	if err != nil {
		f.t.Fatal(err)
	}
	return keys
}

func (f *fixture) rotate(clientID, environment string, overlap time.Duration) (string, client.Key) {
	f.t.Helper()
	secret, key, err := f.Rotate(f.t.Context(), clientID, environment, overlap)
	if err != nil {
		f.t.Fatal(err)
	}
	return secret, key
}

func TestCreateAndAuthorize(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		a, secrets := f.create("a")
		b, others := f.create("b")
		for name, v := range map[string]string{"client_id": a.ClientID, "other client_id": b.ClientID} {
			if !regexp.MustCompile(`^[0-9a-f]{24}$`).MatchString(v) {
				t.Errorf("%s is %q; clients check for 24 hex digits", name, v)
			}
		}
		if a.Name != "a" || !a.CreatedAt.Equal(storetest.Start) || a.PublicKey == b.PublicKey || a.ClientID == b.ClientID {
			t.Errorf("got %+v and %+v", a, b)
		}
		if len(secrets) != len(plaid.Environments) {
			t.Errorf("%d secrets", len(secrets))
		}
		for i, env := range plaid.Environments {
			if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(secrets[env]) {
				t.Errorf("%s secret %q is not 128 bits in hex", env, secrets[env])
			}
			f.opens(env, a.ClientID, secrets[env], env)
			f.opens("the other's "+env, b.ClientID, others[env], env)
			f.opens("another client's secret", a.ClientID, others[env], "")
			f.opens("another client's client_id", b.ClientID, secrets[env], "")
			f.opens("changed case", a.ClientID, strings.ToUpper(secrets[env]), "")
			f.opens("cut secret", a.ClientID, secrets[env][:31], "")
			f.opens("longer secret", a.ClientID, secrets[env]+"0", "")
			f.opens("secret and space", a.ClientID, secrets[env]+" ", "")
			f.opens("client_id and space", a.ClientID+" ", secrets[env], "")
			f.opens("no client_id", "", secrets[env], "")
			f.opens("public_key for client_id", a.PublicKey, secrets[env], "")
			f.opens("its own hash", a.ClientID, f.Hash(secrets[env]), "")
			if next := plaid.Environments[(i+1)%3]; secrets[next] == secrets[env] {
				t.Errorf("%s and %s have one secret", env, next)
			}
		}
		for _, secret := range []string{"", "wrong", "' or 1=1 --", "%", strings.Repeat("x", 1<<16), a.ClientID, a.PublicKey} {
			f.opens("wrong secret", a.ClientID, secret, "")
			f.opens("unknown client", "5f1a2b3c4d5e6f7a8b9c0d1e", secret, "")
		}
	})
}

// A failure of the database is no INVALID_API_KEYS: the client's credentials may be right.
func TestAuthorizeTellsFailures(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, secrets := f.create("a")
		if err := f.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `drop table client_keys`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		_, err := f.Authorize(t.Context(), c.ClientID, secrets["sandbox"], f.Now())
		var pe *plaid.Error
		if err == nil || errors.As(err, &pe) {
			t.Errorf("got %v", err)
		}
	})
}

// Only keyed hashes of secrets are in the database.
func TestSecretsAreNotStored(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, secrets := f.create("a")
		rotated, _ := f.rotate(c.ClientID, "sandbox", time.Hour)
		made := []string{rotated}
		for _, s := range secrets {
			made = append(made, s)
		}
		rows, err := f.DB.Query(t.Context(), `select secret_hash, last4 from client_keys`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			var hash, last4 string
			if err := rows.Scan(&hash, &last4); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(made, func(s string) bool { return f.Hash(s) == hash && strings.HasSuffix(s, last4) && len(last4) == 4 }) {
				t.Errorf("stored %q, %q", hash, last4)
			}
			n++
		}
		if rows.Err() != nil || n != 4 {
			t.Errorf("%d rows, %v", n, rows.Err())
		}
		// Another installation's hash of the same secret is another: the database alone confirms no guess.
		if other := (&client.Service{Keys: newKeys(t)}); other.Hash(rotated) == f.Hash(rotated) {
			t.Error("the hash has no key")
		}
	})
}

func TestLists(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		if list, err := f.List(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("no clients: %v, %v", list, err)
		}
		first, secrets := f.create("first")
		f.Advance(time.Second)
		second, _ := f.create("second")
		list, err := f.List(t.Context())
		if err != nil || !slices.Equal(list, []client.Client{first, second}) {
			t.Errorf("got %v, %v", list, err)
		}
		f.Advance(time.Second)
		_, key := f.rotate(first.ClientID, "sandbox", time.Hour)
		keys := f.keys(first.ClientID)
		var environments []string
		for _, k := range keys {
			environments = append(environments, k.Environment)
			if k.ClientID != first.ClientID || !k.Valid(f.Now()) || k.RevokedAt != nil {
				t.Errorf("key %+v", k)
			}
		}
		if got := strings.Join(environments, " "); got != "development production sandbox sandbox" {
			t.Errorf("environments: %s", got)
		}
		old, fresh := keys[2], keys[3]
		if fresh != key || old.ExpiresAt == nil || !old.ExpiresAt.Equal(f.Now().Add(time.Hour)) || !strings.HasSuffix(secrets["sandbox"], old.Last4) || fresh.ExpiresAt != nil {
			t.Errorf("the old key %+v, the new one %+v, which Rotate returned as %+v", old, fresh, key)
		}
		if keys := f.keys("nobody"); len(keys) != 0 {
			t.Errorf("an unknown client has %v", keys)
		}
	})
}

func TestRevoke(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, secrets := f.create("a")
		var id string
		for _, k := range f.keys(c.ClientID) {
			if k.Environment == "production" {
				id = k.KeyID
			}
		}
		f.opens("before", c.ClientID, secrets["production"], "production")
		if err := f.Revoke(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		f.opens("revoked", c.ClientID, secrets["production"], "")
		f.opens("another key", c.ClientID, secrets["sandbox"], "sandbox")
		for _, k := range f.keys(c.ClientID) {
			if (k.KeyID == id) != (k.RevokedAt != nil && k.RevokedAt.Equal(f.Now()) && !k.Valid(f.Now())) {
				t.Errorf("key %+v", k)
			}
		}
		f.Advance(time.Hour)
		for _, unknown := range []string{id, "", "no such key", c.ClientID, secrets["sandbox"]} {
			if err := f.Revoke(t.Context(), unknown); !errors.Is(err, client.ErrUnknown) {
				t.Errorf("%q: got %v, want ErrUnknown", unknown, err)
			}
		}
		f.opens("another key", c.ClientID, secrets["sandbox"], "sandbox")
	})
}

func TestKeyValid(t *testing.T) {
	now := storetest.Start
	before, after := now.Add(-time.Millisecond), now.Add(time.Millisecond)
	for name, c := range map[string]struct {
		key  client.Key
		want bool
	}{
		"no end":                  {client.Key{}, true},
		"ends later":              {client.Key{ExpiresAt: &after}, true},
		"ends now":                {client.Key{ExpiresAt: &now}, false},
		"ended":                   {client.Key{ExpiresAt: &before}, false},
		"revoked":                 {client.Key{RevokedAt: &before}, false},
		"revoked, would end late": {client.Key{RevokedAt: &before, ExpiresAt: &after}, false},
	} {
		if got := c.key.Valid(now); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Every statement is served by an index, so that no number of clients slows a call down. The first client is looked for at
// the start, and the list is the command line's.
func TestPlansUseIndexes(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, secrets := f.create("a")
		f.opens("right", c.ClientID, secrets["sandbox"], "sandbox")
		_, key := f.rotate(c.ClientID, "sandbox", time.Hour)
		f.keys(c.ClientID)
		if err := f.Revoke(t.Context(), key.KeyID); err != nil {
			t.Fatal(err)
		}
		preset := client.Preset{ClientID: c.ClientID, Secrets: client.Secrets{"production": "a-secret-of-the-operator"}}
		if _, _, err := f.EnsureFirst(t.Context(), preset); err != nil {
			t.Fatal(err)
		}
		checked := 0
		for query, args := range f.seen {
			plan, err := f.DB.Explain(t.Context(), query, args...)
			if err != nil {
				t.Errorf("%s: %v", query, err)
			}
			if strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "SCAN ") && !strings.Contains(plan, "CONSTANT ROW") {
				t.Errorf("a whole table is read by\n%s\nplan:\n%s", query, plan)
			}
			checked++
		}
		if checked < 8 {
			t.Errorf("only %d statements were seen", checked)
		}
	})
}
