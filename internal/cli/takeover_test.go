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
	path, fields string
}

// isCreation: of three things in a row of all Items, two are updates, each of which is told by a webhook.
func isCreation(n int) bool { return n/burstItems%3 == 2 }

func shop(n int) string { return fmt.Sprintf("SHOP NUMBER %d", n) }

const (
	burstSize  = 135
	burstItems = 9 // each with a receiver, and so a lane of webhooks, of its own
)

// burst is what a test writes while servers fall, and what has been answered of it.
type burst struct {
	c                  *cluster
	mu                 sync.Mutex
	answered, repeated map[int]bool
	half               chan struct{} // closed once half has been answered
}

// send does one thing at its server. Where that gives no answer, an update is sent to the survivor; the making of a transaction,
// which may have been done, is not repeated. Calls of those that fall end with the context.
func (b *burst) send(fall context.Context, h happening) {
	ctx, repeated := fall, false
	if h.at == 0 {
		ctx = b.c.t.Context()
	}
	a, err := b.c.servers[h.at].ask(ctx, h.path, h.fields)
	if err != nil && !isCreation(h.n) {
		repeated = true
		a, err = b.c.servers[0].ask(b.c.t.Context(), h.path, h.fields)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.repeated[h.n] = repeated
	switch {
	case err == nil && a.status == http.StatusOK:
		b.answered[h.n] = true
		if len(b.answered) == burstSize/2 {
			close(b.half)
		}
	case err == nil, h.at == 0, repeated:
		b.c.t.Errorf("%s of %d at server %d: %d %s %v", h.path, h.n, h.at, a.status, a.body, err)
	}
}

// Of three servers one is killed and one stands still in the middle of its work: in a transaction, at banks, at receivers of
// webhooks. The third takes it all over, nothing is lost or done twice, and the one that wakes does no harm.
func TestKilledAndFrozenServersAreTakenOver(t *testing.T) {
	c, r := newCluster(t, "--instant", "--rate-limits", "off"), newReceivers(t, burstItems+1, false)
	var access []string
	for i := range burstItems + 1 {
		access = append(access, c.link(i, ""))
	}
	last, today := access[burstItems], clock.System{}.Now()
	hooked := `{"access_token":"` + last + `","webhook":"` + r.urls[burstItems] + `/%s"}`
	c.must(0, "/item/webhook/update", fmt.Sprintf(hooked, "before"), nil)
	c.sync(0, last, "")
	fall, fallen := context.WithCancel(t.Context())
	defer fallen()
	b := &burst{c: c, answered: map[int]bool{}, repeated: map[int]bool{}, half: make(chan struct{})}
	writers := b.write(fall, access, r.urls)
	await(t, "half of the burst", b.half)
	await(t, "a delivery", r.held)

	// One is killed. One stands still while it writes what a bank has said, with the bank's lease and the Item's row.
	dead, frozen := c.servers[1], c.servers[2]
	dead.signal(t, syscall.SIGKILL)
	woken := make(chan error, 1)
	c.freezeInTransaction(frozen, r.urls[burstItems], func() {
		a, err := frozen.ask(t.Context(), "/sandbox/transactions/create", creation(last, "OF THE FROZEN", today))
		if err == nil && a.status != http.StatusOK {
			err = fmt.Errorf("%d %s", a.status, a.body)
		}
		woken <- err
	})
	await(t, "the end of a server", dead.ended)
	watch := clock.Begin()
	fallen()
	close(r.gate)
	c.must(0, "/item/webhook/update", fmt.Sprintf(hooked, "survivor"), nil)
	freed := watch.Elapsed()
	c.must(0, "/sandbox/transactions/create", creation(last, "OF THE SURVIVOR", today), nil)
	asked := watch.Elapsed()
	writers.Wait()
	b.awaitUpdates(r)
	told := watch.Elapsed()
	t.Logf("%d of %d things were answered; after the fall of two servers locked rows were free in %s, a bank was asked in %s, and all webhooks had come in %s",
		len(b.answered), burstSize, freed.Round(time.Millisecond), asked.Round(time.Millisecond), told.Round(time.Millisecond))

	frozen.signal(t, syscall.SIGCONT)
	if err := <-woken; err != nil {
		t.Errorf("what the frozen server was at: %v", err)
	}
	c.again(1)
	var seen [3]changed
	for i := range c.servers {
		c.must(i, "/item/webhook/update", fmt.Sprintf(hooked, fmt.Sprint("after", i)), nil)
		seen[i] = c.sync(i, last, "")
		if seen[i].names["OF THE FROZEN"] != 1 || seen[i].names["OF THE SURVIVOR"] != 1 || seen[i].cursor != seen[0].cursor {
			t.Errorf("server %d tells of %+v, server 0 of %+v", i, seen[i], seen[0])
		}
	}
	c.settled()
	b.checkCreations(access)
	b.checkUpdates(r.urls)
}

// write writes a burst, of every Item at every server, and ends when all is answered or given up.
func (b *burst) write(fall context.Context, access, urls []string) *sync.WaitGroup {
	things, start := make(chan happening), clock.System{}.Now()
	var writers sync.WaitGroup
	for range 6 {
		writers.Go(func() {
			for h := range things {
				b.send(fall, h)
			}
		})
	}
	writers.Go(func() {
		defer close(things)
		for n := range burstSize {
			i := n % burstItems
			h := happening{n: n, at: (n + n/burstItems) % 3, path: "/item/webhook/update",
				fields: fmt.Sprintf(`{"access_token":%q,"webhook":"%s/%d"}`, access[i], urls[i], n)}
			if isCreation(n) {
				h.path, h.fields = "/sandbox/transactions/create", creation(access[i], shop(n), start)
			}
			things <- h
		}
	})
	return &writers
}

// freezeInTransaction stops a server when a call has it in the middle of a transaction: at the row of a receiver, which is locked
// until the server stands still. What comes then the server does not read.
func (c *cluster) freezeInTransaction(p *process, receiver string, call func()) {
	c.t.Helper()
	c.inDatabase(func(ctx context.Context, db *store.DB) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			var own, waiting int64
			err := tx.QueryRow(ctx, `update webhook_receivers set failures = failures where address = $1 returning pg_backend_pid()`, receiver).Scan(&own)
			if err != nil {
				return err
			}
			go call()
			for waiting == 0 {
				err := db.QueryRow(ctx, `select count(*) from pg_stat_activity where cast($1 as integer) = any(pg_blocking_pids(pid))
					and query like 'insert into webhook_receivers%'`, own).Scan(&waiting) // deliveries may wait for the row too
				if err != nil {
					return err
				}
			}
			return p.Process.Signal(syscall.SIGSTOP)
		})
	})
}

// inDatabase does something in the cluster's database, beside the servers.
func (c *cluster) inDatabase(do func(ctx context.Context, db *store.DB) error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	db, err := store.OpenPostgres(ctx, store.PostgresOptions{URL: c.database, Now: clock.System{}.Now})
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // a test's own look
	if err := do(ctx, db); err != nil {
		c.t.Fatal(err)
	}
}

// settled waits until no webhook and no job is pending, and fails the test where one is dead.
func (c *cluster) settled() {
	c.t.Helper()
	c.inDatabase(func(ctx context.Context, db *store.DB) error {
		for pending, dead := 1, 0; pending > 0; {
			err := db.QueryRow(ctx, `select (select count(*) from webhooks where state = 'pending') + (select count(*) from jobs where kind = 'webhook'),
				(select count(*) from webhooks where state = 'dead') + (select count(*) from dead_jobs) from pg_sleep(0.05)`).Scan(&pending, &dead)
			if err != nil {
				return err
			}
			if dead > 0 {
				return fmt.Errorf("%d webhooks and jobs are dead", dead)
			}
		}
		return nil
	})
}

// awaitUpdates waits until the webhook of each update has come.
func (b *burst) awaitUpdates(r *receivers) {
	b.c.t.Helper()
	missing := map[string]bool{"/survivor": true}
	for n := range burstSize {
		if !isCreation(n) {
			missing[fmt.Sprintf("/%d", n)] = true
		}
	}
	for len(missing) > 0 {
		h := r.next(b.c.t, fmt.Sprintf("webhooks %v", missing))
		if strings.Contains(h.body, "WEBHOOK_UPDATE_ACKNOWLEDGED") {
			delete(missing, h.path)
		}
	}
}

// checkCreations: every server tells once of a transaction whose making was answered, and at most once of others.
func (b *burst) checkCreations(access []string) {
	b.c.t.Helper()
	for i := range b.c.servers {
		for k := range burstItems {
			told := b.c.sync(i, access[k], "")
			for n := k; n < burstSize; n += burstItems {
				if got := told.names[shop(n)]; isCreation(n) && (got > 1 || got == 0 && b.answered[n]) {
					b.c.t.Errorf("server %d tells of %s %d times (answered: %v)", i, shop(n), got, b.answered[n])
				}
			}
		}
	}
}

// checkUpdates: each update has put down one webhook; one that was sent to a second server had perhaps been done by the first.
func (b *burst) checkUpdates(urls []string) {
	b.c.t.Helper()
	times := map[string]int{}
	b.c.inDatabase(func(ctx context.Context, db *store.DB) error {
		rows, err := db.Query(ctx, `select url, count(*) from webhooks where webhook_code = 'WEBHOOK_UPDATE_ACKNOWLEDGED' group by url`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var at string
			var n int
			if err := rows.Scan(&at, &n); err != nil {
				return err
			}
			times[at] = n
		}
		return rows.Err()
	})
	for n := range burstSize {
		got := times[fmt.Sprintf("%s/%d", urls[n%burstItems], n)]
		if !isCreation(n) && got != 1 && !(b.repeated[n] && got == 2) {
			b.c.t.Errorf("update %d was put down %d times (repeated: %v)", n, got, b.repeated[n])
		}
	}
	for _, name := range []string{"before", "survivor", "after0", "after1", "after2"} {
		if got := times[urls[burstItems]+"/"+name]; got != 1 {
			b.c.t.Errorf("the update %q was put down %d times", name, got)
		}
	}
}
