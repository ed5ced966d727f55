package simplefin_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/dialect/simplefin"
	"weft/internal/item"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// Of a hundred claims at once one wins, and what it got is what opens the access.
func TestClaimRace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		_, claim := w.create(w.importBatch("ins_a", "Larkfield Savings", "", bank()))
		answers := make([]string, 100)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() {
				rec := httptest.NewRecorder()
				w.pages.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "POST", strings.TrimPrefix(claim, base), nil))
				answers[i] = fmt.Sprint(rec.Code, " ", rec.Body)
			})
		}
		all.Wait()
		won := 0
		for _, a := range answers {
			switch {
			case strings.HasPrefix(a, "200 https://"):
				won++
			case a != "403 Forbidden":
				t.Errorf("a claim answers %q", a)
			}
		}
		if won != 1 {
			t.Errorf("%d claims have won", won)
		}
	})
}

// A setup token that was used, has expired, was taken back or never was has one answer.
func TestClaimRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it := w.importBatch("ins_a", "Larkfield Savings", "", bank())
		_, used := w.create(it)
		if status, _ := w.do("POST", used, "", ""); status != 200 {
			t.Fatalf("the first claim answers %d", status)
		}
		removedID, removed := w.create(it)
		if err := (simplefin.Accesses{Items: w.items}).Remove(t.Context(), w.tenant, removedID); err != nil {
			t.Fatal(err)
		}
		_, late := w.create(it)
		_, expired := w.create(it)
		w.clock.Advance(simplefin.Life - time.Millisecond)
		if status, _ := w.do("POST", late, "", ""); status != 200 {
			t.Errorf("a claim in the last moment answers %d", status)
		}
		w.clock.Advance(time.Millisecond)
		unknown := base + "/simplefin/claim/00000000000000000000000000000000"
		for name, claim := range map[string]string{"used": used, "removed": removed, "expired": expired, "unknown": unknown} {
			if status, body := w.do("POST", claim, "", ""); status != 403 || body != "Forbidden" {
				t.Errorf("%s: %d %q", name, status, body)
			}
		}
	})
}

// What is not an access's user name and password opens nothing, and is told nothing.
func TestCredentials(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		it := w.importBatch("ins_a", "Larkfield Savings", "", bank())
		a, b := w.open(it), w.open(it)
		unclaimed, claim := w.create(it)
		if len(a.must("").Accounts) != 4 {
			t.Fatal("the access does not open")
		}
		setup := claim[strings.LastIndex(claim, "/")+1:]
		for name, c := range map[string][2]string{
			"nobody": {"", ""}, "no password": {a.id, ""}, "another password": {a.id, b.password}, "another name": {b.id, a.password},
			"an unclaimed one": {unclaimed, setup}, "an unclaimed one without a password": {unclaimed, ""}, "the name as password": {a.id, a.id},
		} {
			status, body := w.do("GET", "/simplefin/accounts", c[0], c[1])
			want := `{"errors":["The access is not valid, or it was revoked"],"errlist":[{"code":"gen.auth","msg":"The access is not valid, or it was revoked"}],"connections":[],"accounts":[]}`
			if status != 403 || body != want {
				t.Errorf("%s: %d %s", name, status, body)
			}
		}
		if err := (simplefin.Accesses{Items: w.items}).Remove(t.Context(), w.tenant, a.id); err != nil {
			t.Fatal(err)
		}
		if status, _ := a.get(""); status != 403 {
			t.Errorf("a revoked access answers %d", status)
		}
		if status, _ := b.get(""); status != 200 {
			t.Errorf("the other access answers %d", status)
		}
		for _, secret := range []string{a.password, b.password, setup} {
			if strings.Contains(w.log.String(), secret) {
				t.Errorf("the log has %q", secret)
			}
		}
	})
}

// That an access was used is noted, but not at each read.
func TestUsedAt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a := w.open(w.importBatch("ins_a", "Larkfield Savings", "", bank()))
		used := func() string {
			list, err := simplefin.Accesses{Items: w.items}.List(t.Context(), w.tenant)
			if err != nil || len(list) != 1 || list[0].ClaimedAt == nil {
				t.Fatalf("%+v, %v", list, err)
			}
			if list[0].UsedAt == nil {
				return "never"
			}
			return list[0].UsedAt.Sub(storetest.Start).String()
		}
		if got := used(); got != "never" {
			t.Errorf("before the first read: %s", got)
		}
		writes := 0
		db.Observe(func(query string, _ []any) {
			if strings.HasPrefix(query, "update") {
				writes++
			}
		})
		for _, c := range []struct {
			later  time.Duration
			want   string
			writes int
		}{{time.Second, "1s", 1}, {59 * time.Second, "1s", 0}, {time.Second, "1m1s", 1}} {
			w.clock.Advance(c.later)
			writes = 0
			a.must("")
			if got := used(); got != c.want || writes != c.writes {
				t.Errorf("after %s: used at %s with %d writes, want %s with %d", c.later, got, writes, c.want, c.writes)
			}
		}
	})
}

// An access of one tenant with an Item of another one reads nothing of it, whatever stands in its row.
func TestTenants(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		own, foreign := w.importBatch("ins_a", "Larkfield Savings", "", bank()), *w
		foreign.tenant = store.Tenant{Client: "other", Environment: "production"}
		theirs := foreign.importBatch("ins_b", "Moss & Partners", "", broker())
		foreign.tenant = store.Tenant{Client: "c", Environment: "development"}
		elsewhere := foreign.importBatch("ins_b", "Moss & Partners", "", broker())
		a := w.open(own, theirs, elsewhere, item.Item{ID: "nothing"})
		if s := a.must("version=2"); len(s.Connections) != 1 || s.Connections[0].ConnID != own.ID || len(s.Accounts) != 4 {
			t.Errorf("read %+v", s.Connections)
		}
		if err := (simplefin.Accesses{Items: w.items}).Remove(t.Context(), foreign.tenant, a.id); err == nil {
			t.Error("another environment has removed the access")
		}
		list, err := simplefin.Accesses{Items: w.items}.List(t.Context(), foreign.tenant)
		if err != nil || len(list) != 0 {
			t.Errorf("another environment lists %+v, %v", list, err)
		}
	})
}
