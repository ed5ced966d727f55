package item_test

import (
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/item"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// Each end is told of a week ahead, and then comes; a repair sets another.
func TestLoginsEnd(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		linked := w.link(t, platypus, "user_good", "pass_good")
		at := func(d time.Duration, want ...string) {
			t.Helper()
			c.Advance(storetest.Start.Add(d).Sub(c.Now()))
			w.settle(t)
			is(t, "told at "+d.String(), w.take(), want)
		}
		end := func(d time.Duration) string { return plaid.Timestamp(storetest.Start.Add(d)) }
		at(23*day - time.Millisecond)
		at(23*day, `PENDING_DISCONNECT {"reason":"INSTITUTION_TOKEN_EXPIRATION","disconnect_time":"`+end(30*day)+`"}`)
		at(25 * day)
		if _, err := w.Items.Repair(t.Context(), linked.Item, w.login(t, platypus, "user_good", "pass_good"), item.Renewal{}, nil); err != nil {
			t.Fatal(err)
		}
		at(48*day - time.Millisecond)
		at(48*day, `PENDING_DISCONNECT {"reason":"INSTITUTION_TOKEN_EXPIRATION","disconnect_time":"`+end(55*day)+`"}`)
		at(55*day - time.Millisecond)
		is(t, "error before the end", w.now(t, linked.Item).Error, "")
		c.Advance(time.Millisecond)
		w.settle(t)
		is(t, "error", w.now(t, linked.Item).Error, "ITEM_LOGIN_REQUIRED")
		is(t, "told at the end", len(w.take()), 1)
		is(t, "jobs of an Item that has ended", w.count(t, "jobs"), 0)
		at(100 * day)
		if _, err := w.Items.Repair(t.Context(), linked.Item, w.login(t, platypus, "user_good", "pass_good"), item.Renewal{}, nil); err != nil {
			t.Fatal(err)
		}
		c.Advance(40 * day) // nobody is there for the notice
		w.settle(t)
		told := w.take()
		if len(told) != 1 || told[0][:6] != "ERROR " {
			t.Errorf("told late: %q", told)
		}
	})
}

// In the UK and the EU it is consent that ends.
func TestConsentEnds(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		linked := w.link(t, british, "user_good", "pass_good")
		is(t, "consent", linked.Item.ConsentExpires, storetest.Start.AddDate(0, 0, 180).UnixMilli())
		opened := w.login(t, british, "user_good", "pass_good")
		opened.LoginEnds, opened.ConsentEnds = time.Time{}, c.Now().Add(9*day)
		if _, err := w.Items.Repair(t.Context(), linked.Item, opened, item.Renewal{}, nil); err != nil {
			t.Fatal(err)
		}
		c.Advance(2 * day)
		w.settle(t)
		is(t, "told", w.take(), []string{`PENDING_EXPIRATION {"consent_expiration_time":"` + plaid.Timestamp(c.Now().Add(7*day)) + `"}`})
		c.Advance(7 * day)
		w.settle(t)
		is(t, "error", w.now(t, linked.Item).Error, "ITEM_LOGIN_REQUIRED")
		w.take()
		opened.ConsentEnds = time.Time{}
		if _, err := w.Items.Repair(t.Context(), linked.Item, opened, item.Renewal{}, nil); err != nil {
			t.Fatal(err)
		}
		is(t, "jobs of an Item without an end", w.count(t, "jobs"), 0)
	})
}

func TestNext(t *testing.T) {
	ms := func(d time.Duration) int64 { return storetest.Start.Add(d).UnixMilli() }
	for name, c := range map[string]struct {
		state state.State
		want  time.Duration
		none  bool
	}{
		"never":             {state.State{}, 0, true},
		"login":             {state.State{LoginEnds: ms(30 * day)}, 23 * day, false},
		"consent":           {state.State{ConsentExpires: ms(30 * day)}, 23 * day, false},
		"login first":       {state.State{LoginEnds: ms(30 * day), ConsentExpires: ms(31 * day)}, 23 * day, false},
		"consent first":     {state.State{LoginEnds: ms(30 * day), ConsentExpires: ms(29 * day)}, 22 * day, false},
		"told of":           {state.State{LoginEnds: ms(30 * day), Warned: ms(30 * day)}, 30 * day, false},
		"told of another":   {state.State{LoginEnds: ms(30 * day), Warned: ms(20 * day)}, 23 * day, false},
		"does not work now": {state.State{LoginEnds: ms(30 * day), Error: "ITEM_LOCKED"}, 0, true},
	} {
		at, ok := c.state.Next()
		if ok == c.none || ok && !at.Equal(storetest.Start.Add(c.want)) {
			t.Errorf("%s: %v %v", name, at, ok)
		}
	}
}
