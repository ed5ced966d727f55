package cli_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/store"
)

// happening is something that one call brings about: a webhook to a path of its own, or a transaction of a name of its own.
type happening struct {
	n, at        int
	access, path string
	fields       string
}

// burst is what a test writes while servers die, and what has been answered of it.
type burst struct {
	c        *cluster
	mu       sync.Mutex
	answered map[int]bool
	// halfway is closed once half has been answered.
	halfway func()
}

// send does one thing at its server. Where that gives no answer, an update is sent to the survivor; the making of a transaction,
// which may have been done, is not repeated.
func (b *burst) send(ctx context.Context, h happening) {
	a, err := b.c.servers[h.at].ask(ctx, h.path, h.fields)
	if err != nil && h.path == "/item/webhook/update" {
		a, err = b.c.servers[0].ask(b.c.t.Context(), h.path, h.fields)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil && a.status == http.StatusOK:
		b.answered[h.n] = true
	case err == nil:
		b.c.t.Errorf("%s at server %d: %d %s", h.path, h.at, a.status, a.body)
	}
	if len(b.answered) == burstSize/2 {
		b.halfway()
	}
}

// burstSize is how many things happen in a burst: two of three are updates, each of which is told by a webhook.
const burstSize = 90

func TestKilledAndFrozenServersAreTakenOver(t *testing.T) {
	const items = 9 // each with a receiver, and so a lane of webhooks, of its own
	c, r := newCluster(t, "--rate-limits", "off"), newReceivers(t, items, false)
	var access []string
	for i := range items {
		access = append(access, c.link(i, ""))
	}
	start := clock.System{}.Now()
	hang, unhang := context.WithCancel(t.Context())
	defer unhang()
	half := make(chan struct{})
	b := &burst{c: c, answered: map[int]bool{}, halfway: sync.OnceFunc(func() { close(half) })}
	things := make(chan happening)
	var writers sync.WaitGroup
	for range 6 {
		writers.Go(func() {
			for h := range things {
				b.send(hang, h)
			}
		})
	}
	writers.Go(func() {
		defer close(things)
		for n := range burstSize {
			h := happening{n: n, at: n % 3, access: access[n%items], path: "/item/webhook/update"}
			h.fields = fmt.Sprintf(`{"access_token":%q,"webhook":"%s/%d"}`, h.access, r.urls[n%items], n)
			if isCreation(n) {
				h.path, h.fields = "/sandbox/transactions/create", creation(h.access, shop(n), start)
			}
			things <- h
		}
	})
	// One server dies and one stands still in the middle of the burst, with deliveries of theirs at the receivers.
	await(t, "half of the burst", half)
	await(t, "a delivery", r.held)
	dead, frozen := c.servers[1], c.servers[2]
	dead.signal(t, syscall.SIGKILL)
	frozen.signal(t, syscall.SIGSTOP)
	<-dead.ended
	fell := clock.System{}.Now()
	unhang()
	writers.Wait()
	close(r.gate)
	late := awaitUpdates(t, r, fell)
	took := clock.System{}.Now().Sub(fell)
	c.settled()
	t.Logf("%d of %d things were answered; all webhooks had come %s after the fall of two servers, %d later than ten seconds", len(b.answered), burstSize, took.Round(time.Millisecond), late)
	// Nothing is lost and nothing doubled, at the one that is left and at those that come back.
	frozen.signal(t, syscall.SIGCONT)
	c.again(1)
	for i := range c.servers {
		for k := range items {
			told := c.sync(i, access[k], "")
			for n := k; n < burstSize; n += items {
				if got := told.names[shop(n)]; isCreation(n) && (got > 1 || got == 0 && b.answered[n]) {
					t.Errorf("server %d tells of %s %d times (answered: %v)", i, shop(n), got, b.answered[n])
				}
			}
		}
	}
}

func isCreation(n int) bool { return n/9%3 == 2 }

func shop(n int) string { return fmt.Sprintf("SHOP NUMBER %d", n) }

// await waits for a sign.
func await(t *testing.T, what string, sign <-chan struct{}) {
	t.Helper()
	select {
	case <-sign:
	case <-time.After(patience):
		t.Fatalf("no sign of %s", what)
	}
}

// awaitUpdates waits until each update's webhook has come, and returns how many came later than ten seconds after a time.
func awaitUpdates(t *testing.T, r *receivers, from time.Time) (late int) {
	t.Helper()
	missing := map[string]bool{}
	for n := range burstSize {
		if !isCreation(n) {
			missing[fmt.Sprintf("/%d", n)] = true
		}
	}
	for len(missing) > 0 {
		h := r.next(t, fmt.Sprintf("webhooks %v", missing))
		if !strings.Contains(h.body, "WEBHOOK_UPDATE_ACKNOWLEDGED") || !missing[h.path] {
			continue
		}
		delete(missing, h.path)
		if took := (clock.System{}).Now().Sub(from); took > 10*time.Second {
			late++
		}
	}
	return late
}

// inDatabase opens the cluster's database beside the servers.
func (c *cluster) inDatabase(do func(db *store.DB) error) {
	c.t.Helper()
	db, err := store.OpenPostgres(c.t.Context(), store.PostgresOptions{URL: c.database, Now: clock.System{}.Now})
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // a test's own look
	if err := do(db); err != nil {
		c.t.Fatal(err)
	}
}

// settled waits until no webhook is pending, and fails the test where one is dead.
func (c *cluster) settled() {
	c.t.Helper()
	c.inDatabase(func(db *store.DB) error {
		ctx, cancel := context.WithTimeout(c.t.Context(), patience)
		defer cancel()
		for pending, dead := 1, 0; pending > 0; {
			if err := db.QueryRow(ctx, `select coalesce(sum(case when state = 'pending' then 1 else 0 end), 0), coalesce(sum(case when state = 'dead' then 1 else 0 end), 0) from webhooks`).
				Scan(&pending, &dead); err != nil {
				return err
			}
			if dead > 0 {
				return fmt.Errorf("%d webhooks are dead", dead)
			}
		}
		return nil
	})
}
