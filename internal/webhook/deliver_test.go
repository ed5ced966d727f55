package webhook_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/item/event"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/internal/webhook"
)

var errBroken = errors.New("broken")

func TestAnEventIsPartOfItsTransaction(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver()
		err := b.db.Write(b.Context(), func(tx *store.Tx) error {
			if err := b.service.Notify(b.Context(), tx, event.Target{Tenant: tenant, ItemID: "item", Webhook: r.URL}, event.Event{Type: "T", Code: "C"}); err != nil {
				return err
			}
			return errBroken
		})
		if !errors.Is(err, errBroken) {
			b.Fatal(err)
		}
		b.tell("", 1) // no address
		b.settle()
		want(b, "asked and listed", fmt.Sprint(r.asked, b.list("")), "[] []")
		b.tell(r.URL+"/hook?token=secret", 1, 2, 3)
		want(b, "before the job", len(b.list(webhook.Pending)), 3)
		b.settle()
		want(b, "got", r.got, "[1 2 3]")
		want(b, "delivered", len(b.list(webhook.Delivered)), 3)
		w, attempts, err := b.service.Get(b.Context(), tenant, b.list("")[0].ID, 10)
		if err != nil || len(attempts) != 1 || attempts[0].Status != 200 || attempts[0].Error != "" || w.Attempts != 1 || w.Body != r.bodies[0] {
			b.Errorf("%+v %+v %v", w, attempts, err)
		}
		if a := attempts[0].Answer; !strings.HasPrefix(a, "?thanks xxx") || len(a) != 512 {
			b.Errorf("answer %q", a)
		}
		if h := r.headers[0]; h.Get("Content-Type") != "application/json" || !strings.HasPrefix(h.Get("User-Agent"), "Weft-Webhooks/") {
			b.Errorf("headers %v", h)
		}
		if strings.Contains(b.log.String(), "secret") {
			b.Errorf("the log has the address's secret: %s", b.log)
		}
	})
}

func TestWhatCountsAsDelivered(t *testing.T) {
	for status, state := range map[int]string{
		200: webhook.Delivered, 201: webhook.Delivered, 202: webhook.Delivered, 204: webhook.Delivered, 299: webhook.Delivered,
		301: webhook.Pending, 302: webhook.Pending, 307: webhook.Pending, 400: webhook.Pending, 404: webhook.Pending, 429: webhook.Pending,
		500: webhook.Pending, 503: webhook.Pending, 410: webhook.Dead,
	} {
		c := clock.NewManual(storetest.Start)
		b := newBench(t, storetest.SQLite(t, c), c, webhook.Retries{})
		r := b.receiver()
		r.always(status)
		b.tell(r.URL, 1)
		b.settle()
		want(t, fmt.Sprint(status), fmt.Sprint(b.list("")[0].State, len(r.asked)), fmt.Sprint(state, 1)) // a redirect is not followed
	}
}

func TestRetriesBeginAsPlaidsAndThenProbe(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver()
		r.always(503)
		b.tell(r.URL, 1)
		b.settle()
		b.tell(r.URL, 2, 3)
		for _, wait := range []time.Duration{30 * time.Second, 2 * time.Minute, 270 * time.Second, 270 * time.Second} {
			before := len(r.times)
			b.clock.Advance(wait - time.Millisecond)
			b.settle()
			want(b, "too early", len(r.times), before)
			b.clock.Advance(time.Millisecond)
			b.settle()
			if len(r.times) == before {
				b.Fatalf("no attempt after %s", wait)
			}
		}
		if slices.Contains(r.asked, 3) {
			b.Errorf("a receiver that is down is asked for each: %v", r.asked)
		}
		r.always(200)
		b.clock.Advance(6 * time.Minute)
		b.settle()
		want(b, "in order after recovery", r.got, "[1 2 3]")
		b.tell(r.URL, 4)
		b.settle()
		want(b, "at once again", r.got, "[1 2 3 4]")
	})
}

func TestARefusedWebhookDoesNotHoldUpTheOthers(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver()
		r.set(func(n int) int {
			if n == 1 {
				return 400
			}
			return 200
		})
		b.tell(r.URL, 1, 2, 3)
		b.settle()
		for range 4 {
			b.clock.Advance(2 * time.Minute)
			b.settle()
		}
		want(b, "others", r.got, "[2 3]")
		r.always(200)
		b.clock.Advance(73 * time.Minute)
		b.settle()
		want(b, "the refused one", r.got, "[2 3 1]")
		want(b, "delivered", len(b.list(webhook.Delivered)), 3)
	})
}

func TestGoneSuspendsUntilReplayOrANewAddress(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver()
		r.always(410)
		b.tell(r.URL+"/a", 1, 2)
		b.settle()
		b.tell(r.URL+"/b", 3)
		b.settle()
		want(b, "asked", r.asked, "[1]")
		for _, w := range b.list(webhook.Dead) {
			want(b, "why", w.Suspended, "it answered 410 Gone")
		}
		want(b, "dead", len(b.list(webhook.Dead)), 3)
		r.always(200)
		if err := b.service.Replay(b.Context(), tenant, b.list("")[1].ID); err != nil {
			b.Fatal(err)
		}
		b.settle()
		b.tell(r.URL, 4)
		b.settle()
		want(b, "after a replay", r.got, "[2 4]")
		r.always(410)
		b.tell(r.URL, 5)
		b.settle()
		r.always(200)
		err := b.db.Write(b.Context(), func(tx *store.Tx) error {
			return b.service.Notify(b.Context(), tx, event.Target{Tenant: tenant, ItemID: "item", Webhook: r.URL},
				event.Event{Type: "ITEM", Code: "WEBHOOK_UPDATE_ACKNOWLEDGED", Members: numbered{6}})
		})
		if err != nil {
			b.Fatal(err)
		}
		b.settle()
		want(b, "after a new address", r.got, "[2 4 6]")
		n, err := b.service.ReplayBetween(b.Context(), tenant, storetest.Start, storetest.Start.Add(time.Hour))
		if err != nil || n != 6 {
			b.Fatalf("%d replayed, %v", n, err)
		}
		b.settle()
		want(b, "all replayed in order", r.got, "[2 4 6 1 2 3 4 5 6]")
		if err := b.service.Replay(b.Context(), store.Tenant{Client: "other", Environment: "sandbox"}, b.list("")[0].ID); !errors.Is(err, store.ErrNotFound) {
			b.Errorf("another client replays: %v", err)
		}
	})
}

func TestAReceiverThatFailsForTheWholeHorizonIsSuspended(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver()
		r.always(500)
		b.tell(r.URL, 1, 2)
		end := b.clock.Now().Add(72 * time.Hour)
		for b.clock.Now().Before(end.Add(-10 * time.Minute)) {
			b.settle()
			b.clock.Advance(9 * time.Minute)
		}
		want(b, "before the end", len(b.list(webhook.Pending)), 2)
		for b.clock.Now().Before(end) {
			b.settle()
			b.clock.Advance(5 * time.Minute)
		}
		want(b, "dead", len(b.list(webhook.Dead)), 2)
		asked := len(r.asked)
		b.clock.Advance(time.Hour)
		b.settle()
		want(b, "attempts after that", len(r.asked), asked)
		if why := b.list("")[0].Suspended; !strings.Contains(why, "72h") || !strings.Contains(why, "500") {
			b.Errorf("suspended because %q", why)
		}
	})
}

func TestAReplayDoesNotWaitForTheNextProbe(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver()
		r.always(500)
		b.tell(r.URL, 1)
		b.settle()
		r.always(200)
		if err := b.service.Replay(b.Context(), tenant, b.list("")[0].ID); err != nil {
			b.Fatal(err)
		}
		b.settle()
		want(b, "got", r.got, "[1]")
	})
}

func TestPlaidsOwnRetries(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		b := newBench(t, db, c, webhook.Plaid)
		r := b.receiver()
		r.set(func(n int) int { return map[int]int{1: 500, 2: 200}[n] })
		b.tell(r.URL, 1, 2)
		b.settle()
		want(b, "each by itself", r.got, "[2]")
		for range 24 * 60 * 2 {
			b.clock.Advance(30 * time.Second)
			b.settle()
		}
		var waits []string
		times := []time.Time{}
		for i, n := range r.asked {
			if n == 1 {
				times = append(times, r.times[i])
			}
		}
		for i := 1; i < len(times); i++ {
			waits = append(waits, times[i].Sub(times[i-1]).String())
		}
		want(b, "waits", waits, "[30s 2m0s 8m0s 32m0s 2h8m0s 8h32m0s]")
		want(b, "dead", len(b.list(webhook.Dead)), 1)
		r.always(200)
		if err := b.service.Replay(b.Context(), tenant, b.list(webhook.Dead)[0].ID); err != nil {
			b.Fatal(err)
		}
		b.settle()
		want(b, "replayed", r.got, "[2 1]")
	})
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	c := clock.NewManual(storetest.Start)
	b := newBench(t, storetest.SQLite(t, c), c, webhook.Retries{})
	r := b.receiver()
	b.start(webhook.Retries{}, false)
	for i, url := range []string{r.URL, "http://localhost:1/", "https://10.0.0.1/", "https://169.254.169.254/", "http://example.com/", "https://[::1]/"} {
		b.tell(url, i)
	}
	b.settle()
	want(t, "asked", r.asked, "[]")
	for _, w := range b.list("") {
		_, attempts, err := b.service.Get(t.Context(), tenant, w.ID, 1)
		if err != nil || len(attempts) != 1 || !strings.HasPrefix(attempts[0].Error, "not allowed") {
			t.Errorf("%s: %+v %v", w.URL, attempts, err)
		}
	}
}
