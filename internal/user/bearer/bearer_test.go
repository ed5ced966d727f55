package bearer_test

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/internal/user"
	"weft/internal/user/bearer"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// world has users of several tenants, and what tokens they should have.
type world struct {
	*testing.T
	db      *store.DB
	users   *user.Service
	bearers *bearer.Service
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	ids := ident.System()
	return &world{t, db, &user.Service{DB: db, Keys: keys, IDs: ids}, &bearer.Service{DB: db, Keys: keys, IDs: ids}}
}

func (w *world) user(tenant store.Tenant, name string, withToken bool) user.User {
	w.Helper()
	u, _, err := w.users.Create(w.Context(), tenant, user.Wanted{ClientUserID: name, Token: withToken})
	if err != nil {
		w.Fatal(err)
	}
	return u
}

func code(err error) plaid.Code {
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

var (
	sandbox    = store.Tenant{Client: "client", Environment: plaid.Sandbox}
	production = store.Tenant{Client: "client", Environment: plaid.Production}
	other      = store.Tenant{Client: "other", Environment: plaid.Sandbox}
)

// owner is a user of a tenant.
type owner struct {
	tenant store.Tenant
	id     string
}

// Whatever is minted, rotated, revoked and removed: a token finds its user until it has ended, and nothing else ends it.
func TestWhoseTokenModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w, made := newWorld(t, db), 0
		rapid.Check(t, func(rt *rapid.T) {
			var owners []owner
			for i, tenant := range []store.Tenant{sandbox, production, other} {
				made++
				owners = append(owners, owner{tenant, w.user(tenant, fmt.Sprint("u", made), i == 0).ID})
			}
			alive, dead := map[string]owner{}, map[string]bool{}
			end := func(o owner) {
				maps.DeleteFunc(alive, func(token string, of owner) bool {
					if of == o {
						dead[token] = true
					}
					return of == o
				})
			}
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				o := rapid.SampledFrom(owners).Draw(rt, "of")
				switch rapid.SampledFrom([]string{"mint", "mint", "rotate", "revoke", "foreign"}).Draw(rt, "act") {
				case "mint":
					alive[w.must(rt)(w.bearers.Mint(t.Context(), o.tenant, o.id))] = o
				case "rotate":
					end(o)
					alive[w.must(rt)(w.bearers.Rotate(t.Context(), o.tenant, o.id))] = o
				case "revoke":
					end(o)
					w.write(rt, func(tx *store.Tx) error { return w.bearers.Revoke(t.Context(), tx, o.tenant, o.id) })
				case "foreign": // another tenant's hands change nothing
					foreign := store.Tenant{Client: "nobody", Environment: o.tenant.Environment}
					w.write(rt, func(tx *store.Tx) error { return w.bearers.Revoke(t.Context(), tx, foreign, o.id) })
					if _, err := w.bearers.Mint(t.Context(), foreign, o.id); code(err) != "USER_NOT_FOUND" {
						rt.Errorf("another tenant mints: %v", err)
					}
				}
			}
			removed := rapid.SampledFrom(owners).Draw(rt, "removed")
			end(removed)
			w.write(rt, func(tx *store.Tx) error { return w.users.Remove(t.Context(), tx, removed.tenant, removed.id) })
			w.check(rt, alive, dead)
		})
	})
}

func (w *world) must(rt *rapid.T) func(string, error) string {
	return func(token string, err error) string {
		if err != nil {
			rt.Fatal(err)
		}
		return token
	}
}

func (w *world) write(rt *rapid.T, do func(*store.Tx) error) {
	if err := w.db.Write(w.Context(), do); err != nil {
		rt.Fatal(err)
	}
}

func (w *world) check(rt *rapid.T, alive map[string]owner, dead map[string]bool) {
	for token, o := range alive {
		tenant, id, err := w.bearers.Find(w.Context(), w.db, token)
		if err != nil || (owner{tenant, id}) != o {
			rt.Errorf("a token of %v finds %v %s, %v", o, tenant, id, err)
		}
	}
	for token := range dead {
		if _, _, err := w.bearers.Find(w.Context(), w.db, token); code(err) != "INVALID_ACCESS_TOKEN" {
			rt.Errorf("an ended token answers %v", err)
		}
	}
}

// A user_token opens nothing here, nor does a token of an Item, and no token is in the table in clear.
func TestWhatOpensNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		u := w.user(sandbox, "u", true)
		token, err := w.bearers.Mint(t.Context(), sandbox, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^access-user-sandbox-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(token) {
			t.Errorf("the token is %s", token)
		}
		for _, bad := range []string{"", u.Token, "access-sandbox-" + token[len("access-user-sandbox-"):], token + "0", strings.ToUpper(token), strings.Replace(token, "sandbox", "production", 1)} {
			if _, _, err := w.bearers.Find(t.Context(), db, bad); code(err) != "INVALID_ACCESS_TOKEN" {
				t.Errorf("%q answers %v", bad, err)
			}
		}
		if _, err := w.users.Find(t.Context(), db, sandbox, nil, &token); code(err) != "INVALID_USER_TOKEN" {
			t.Errorf("the token is a user_token: %v", err)
		}
		var kept string
		if err := db.QueryRow(t.Context(), `select token_hash || user_id from user_bearers`).Scan(&kept); err != nil || strings.Contains(kept, token) || strings.Contains(kept, token[20:]) {
			t.Errorf("the row is %s, %v", kept, err)
		}
	})
}

// A token that is minted while its user is removed is gone with the user, or never was.
func TestMintAgainstRemoval(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for range 10 {
			u := w.user(sandbox, "u", false)
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					if _, err := w.bearers.Mint(t.Context(), sandbox, u.ID); err != nil && code(err) != "USER_NOT_FOUND" {
						t.Error(err)
					}
				})
			}
			wg.Go(func() {
				err := db.Write(t.Context(), func(tx *store.Tx) error {
					if err := user.Hold(t.Context(), tx, sandbox, u.ID); err != nil {
						return err
					}
					return w.users.Remove(t.Context(), tx, sandbox, u.ID)
				})
				if err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			var left int
			if err := db.QueryRow(t.Context(), `select count(*) from user_bearers`).Scan(&left); err != nil || left != 0 {
				t.Fatalf("%d tokens are left, %v", left, err)
			}
		}
	})
}

// Every statement is served by an index, however many tokens there are.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		u := w.user(sandbox, "u", false)
		var mu sync.Mutex
		seen := map[string][]any{}
		db.Observe(func(query string, args []any) {
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(query, "user_bearers") {
				seen[query] = args
			}
		})
		token, err := w.bearers.Rotate(t.Context(), sandbox, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.bearers.Find(t.Context(), db, token); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		statements := maps.Clone(seen)
		mu.Unlock()
		for query, args := range statements {
			plan, err := db.Explain(t.Context(), query, args...)
			if err != nil {
				t.Errorf("%s: %v", query, err)
			}
			for line := range strings.SplitSeq(plan, "\n") {
				if strings.Contains(line, "Seq Scan") || strings.HasPrefix(line, "SCAN ") {
					t.Errorf("a whole table is read by\n%s\nplan:\n%s", query, plan)
				}
			}
		}
		if len(statements) != 3 {
			t.Errorf("%d statements were seen", len(statements))
		}
	})
}
