package consent_test

import (
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/item/consent"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func FuzzParsePosition(f *testing.F) {
	for _, at := range []consent.Position{consent.First, {CreatedAt: 1, ItemID: "x", Number: 2}} {
		f.Add(at.String())
	}
	f.Add("MSAyIA")
	f.Fuzz(func(t *testing.T, cursor string) {
		at, err := consent.ParsePosition(cursor)
		if err == nil && at.String() != cursor {
			t.Errorf("%q is read as %+v, which is written %q", cursor, at, at)
		}
	})
}

// Lists give each event once, newest first, in whatever pages, and nothing of others.
func TestPages(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		tenant := store.Tenant{Client: "client", Environment: "sandbox"}
		note := func(tenant store.Tenant, id string) {
			it := rows.Item{ID: id, Key: id, Tenant: tenant, State: state.State{InstitutionID: "ins_1"}}
			if err := db.Write(t.Context(), func(tx *store.Tx) error { return consent.Note(t.Context(), tx, it, consent.Created) }); err != nil {
				t.Fatal(err)
			}
		}
		const events = 12
		for i := range events {
			note(tenant, []string{"a", "b"}[i%2])
			note(store.Tenant{Client: "other", Environment: "sandbox"}, "c")
			if i%3 == 0 {
				c.Advance(time.Second)
			}
		}
		for most := int64(1); most <= events+1; most++ {
			for name, of := range map[string]func(consent.Position) ([]consent.Record, error){
				"tenant": func(at consent.Position) ([]consent.Record, error) {
					return consent.OfTenant(t.Context(), db, tenant, at, most)
				},
				"item": func(at consent.Position) ([]consent.Record, error) {
					return consent.OfItem(t.Context(), db, tenant, "a", at, most)
				},
			} {
				want := map[string]int{"tenant": events, "item": events / 2}[name]
				if got := walk(t, of); got != want {
					t.Errorf("%s: in pages of %d there are %d events, want %d", name, most, got, want)
				}
			}
		}
		// After three years they are forgotten.
		c.Advance(3 * 366 * 24 * time.Hour)
		note(tenant, "a")
		list, err := consent.OfTenant(t.Context(), db, tenant, consent.First, 100)
		if err != nil || len(list) != 1 {
			t.Errorf("after three years there are %d events, %v", len(list), err)
		}
	})
}

// walk counts the events of all pages, and wants each once.
func walk(t *testing.T, page func(consent.Position) ([]consent.Record, error)) (n int) {
	t.Helper()
	seen := map[string]bool{}
	for at := consent.First; ; {
		list, err := page(at)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return n
		}
		for _, r := range list {
			next := r.Position()
			if seen[next.String()] || next.CreatedAt > at.CreatedAt {
				t.Fatalf("%+v comes after %+v", next, at)
			}
			at, seen[next.String()] = next, true
			n++
		}
	}
}
