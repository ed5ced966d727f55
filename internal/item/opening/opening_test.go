package opening_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"weft/internal/item/opening"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// kinds of documents. Of client i the first i % 4 are there.
var kinds = []string{"a", "b", "c"}

// fill writes clients 0 to n-1 with a secret, a token and an Item each; of every third the Item is gone, and every fifth has a
// secret that was revoked.
func fill(t *testing.T, db *store.DB, n int) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		exec := func(query string, args ...any) (err error) {
			_, err = tx.Exec(t.Context(), query, args...)
			return err
		}
		for i := range n {
			client, item := fmt.Sprint("client", i), fmt.Sprint("item", i)
			var removed, revoked *int64
			if at := int64(1); i%3 == 0 {
				removed = &at
			}
			if at := int64(1); i%5 == 0 {
				revoked = &at
			}
			err := errors.Join(
				exec(`insert into clients (client_id, public_key, name, created_at) values ($1, $1, $1, 0)`, client),
				exec(`insert into client_keys (key_id, client_id, environment, secret_hash, last4, created_at, revoked_at) values ($1, $2, 'sandbox', $3, '', 0, $4)`,
					fmt.Sprint("key", i), client, fmt.Sprint("secret", i), revoked),
				exec(`insert into access_tokens (token_hash, client_id, environment, item_id, created_at, removed_at) values ($1, $2, 'sandbox', $3, 0, $4)`,
					fmt.Sprint("token", i), client, item, removed))
			if removed == nil {
				err = errors.Join(err,
					exec(`insert into connections (connection_id, client_id, environment, connector, institution_id, credentials, declined, created_at, failures, rounds)
						values ($1, $2, 'sandbox', '', '', '', '', 0, 0, 0)`, fmt.Sprint("connection", i), client),
					exec(`insert into items (item_key, item_id, client_id, environment, connection_id, version, state, created_at) values ($1, $2, $3, 'sandbox', $4, $5, $6, 0)`,
						fmt.Sprint("key of ", item), item, client, fmt.Sprint("connection", i), i, fmt.Sprint("state", i)))
				for k := range i % 4 { // none, one, two or three
					err = errors.Join(err, exec(`insert into documents (item_key, kind, document) values ($1, $2, $3)`,
						fmt.Sprint("key of ", item), kinds[k], fmt.Sprint(kinds[k], " of ", item)))
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Each of many that ask at once is told what its own secret and token are, and of another's token nothing.
func TestEachIsToldItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const n = 100
		fill(t, db, n)
		var q opening.Queue
		var wg sync.WaitGroup
		for i := range n {
			for _, of := range []int{i, (i + 1) % n} { // the second is another's token
				wg.Go(func() {
					asked := kinds[:(i/4)%4]
					found, err := q.Find(t.Context(), db, opening.Ask{Token: fmt.Sprint("token", of), Secret: fmt.Sprint("secret", i), Client: fmt.Sprint("client", i), Kinds: asked})
					for _, kind := range kinds {
						want := ""
						if err == nil && found.Key != nil && slices.Contains(asked, kind) && slices.Index(kinds, kind) < i%4 {
							want = fmt.Sprint(kind, " of item", i)
						}
						if got := string(found.Documents[kind]); got != want {
							t.Errorf("secret %d with token %d, asked for %v: document %s is %q, want %q", i, of, asked, kind, got, want)
						}
					}
					if problem := check(found, err, i, of); problem != "" {
						t.Errorf("secret %d with token %d: %s: %+v %v", i, of, problem, found, err)
					}
				})
			}
		}
		wg.Wait()
	})
}

func check(f opening.Found, err error, i, of int) string {
	switch {
	case i%5 == 0:
		if !errors.Is(err, store.ErrNotFound) {
			return "a revoked secret is known"
		}
	case err != nil || f.Environment != "sandbox" || f.Expires != nil:
		return "the secret is not known"
	case of != i:
		if f.ItemID != nil || f.Key != nil {
			return "another's token is known"
		}
	case f.ItemID == nil || *f.ItemID != fmt.Sprint("item", i):
		return "the token is not known"
	case i%3 == 0:
		if f.Removed == nil || f.Key != nil {
			return "an Item that is gone is there"
		}
	case f.Removed != nil || f.Key == nil || *f.Key != fmt.Sprint("key of item", i) || *f.Connection != fmt.Sprint("connection", i) ||
		*f.Version != int64(i) || *f.Record != fmt.Sprint("state", i):
		return "another Item"
	}
	return ""
}

// Who asks first may go away: the others are told nevertheless.
func TestWhoGoesAwayTakesNobodyAlong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const n = 64
		fill(t, db, n)
		var q opening.Queue
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				gone := i%2 == 0
				if gone {
					cancel()
				}
				found, err := q.Find(ctx, db, opening.Ask{Token: fmt.Sprint("token", i), Secret: fmt.Sprint("secret", i), Client: fmt.Sprint("client", i)})
				if gone && errors.Is(err, context.Canceled) {
					return
				}
				if problem := check(found, err, i, i); problem != "" {
					t.Errorf("%d: %s: %v", i, problem, err)
				}
			})
		}
		wg.Wait()
	})
}

// A panic under a statement is told to those who wait for it, and the next are answered.
func TestAPanicLeavesNobodyWaiting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if db.Local() {
			return // whoever asks, asks for itself
		}
		fill(t, db, 3)
		var queue opening.Queue
		ask := opening.Ask{Token: "token1", Secret: "secret1", Client: "client1"}
		db.Observe(func(string, []any) { panic("boom") })
		for range 5 { // more often than there are lanes
			if _, err := queue.Find(t.Context(), db, ask); err == nil || !strings.Contains(err.Error(), "boom") {
				t.Errorf("a panic is told as %v", err)
			}
		}
		db.Observe(nil)
		found, err := queue.Find(t.Context(), db, ask)
		if err != nil || found.ItemID == nil || *found.ItemID != "item1" {
			t.Errorf("after panics: %+v, %v", found, err)
		}
	})
}
