package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// PostgreSQL stops, in order and as in a crash, under servers that know Items: they say so, to programs and to the proxy, and go on as
// soon as it is back. What one of them writes then the others tell at once, and the webhook of it is delivered.
func TestServersOutliveTheirDatabase(t *testing.T) {
	database := storetest.NewOwn(t)
	c, r := newClusterOn(t, database.URL(), "--instant"), newReceivers(t, 1, true)
	access := c.link(0, "")
	ofItem := fmt.Sprintf(`{"access_token":%q}`, access)
	for i := range 2 * len(c.servers) { // once to know it, and once of what is known
		c.must(i, "/accounts/get", ofItem, nil)
		c.must(i, "/item/get", ofItem, nil)
	}
	cursor := c.sync(0, access, "").cursor
	const ofInstitution = `{"institution_id":"ins_109508","country_codes":["US"]}`

	for n, how := range []os.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		c.askMany(ofInstitution, nil) // so that each has connections, whose end it does not see
		database.Stop(how)
		for i := range c.servers {
			c.isWithoutDatabase(i, ofItem)
		}
		database.Start()
		c.askMany(ofInstitution, func(server int, a answer, err error) {
			if err != nil || a.status != http.StatusOK {
				t.Errorf("%s: as soon as the database is back server %d says %d %s %v", how, server, a.status, a.body, err)
			}
		})

		hook, name := fmt.Sprintf("%s/%d", r.urls[0], n), fmt.Sprintf("OUTAGE %d", n)
		c.must(n, "/item/webhook/update", fmt.Sprintf(`{"access_token":%q,"webhook":%q}`, access, hook), nil)
		c.must(n+1, "/sandbox/transactions/create", creation(access, name, clock.System{}.Now()), nil)
		for i := range c.servers {
			var got struct{ Item struct{ Webhook string } }
			if c.must(i, "/item/get", ofItem, &got); got.Item.Webhook != hook {
				t.Errorf("%s: server %d tells the webhook %q, it is %q", how, i, got.Item.Webhook, hook)
			}
			if told := c.sync(i, access, cursor); told.names[name] != 1 {
				t.Errorf("%s: server %d tells of %q %d times", how, i, name, told.names[name])
			}
		}
		c.awaitHook(r, n)
	}
}

// Servers may share a pooler that gives each transaction another connection, where they prepare nothing. Migrations go by it: those
// hold a lock over several transactions.
func TestServersShareAPoolerOfTransactions(t *testing.T) {
	database := storetest.NewOwn(t)
	pooler := database.Pooler()
	db, err := store.OpenPostgres(t.Context(), store.PostgresOptions{URL: database.URL(), Now: clock.System{}.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Migrate(t.Context()), db.Close()); err != nil {
		t.Fatal(err)
	}
	c, r := newClusterOn(t, pooler+"&default_query_exec_mode=exec", "--instant", "--rate-limits", "off"), newReceivers(t, 1, true)
	access := c.link(0, "")
	ofItem := fmt.Sprintf(`{"access_token":%q}`, access)
	cursor := c.sync(0, access, "").cursor
	for n := range 12 {
		hook, name := fmt.Sprintf("%s/%d", r.urls[0], n), fmt.Sprintf("POOLED %d", n)
		var calls sync.WaitGroup
		for i := range 4 * len(c.servers) { // more at once than the pooler has connections
			calls.Go(func() {
				if a, err := c.servers[i%3].ask(t.Context(), "/accounts/get", ofItem); err != nil || a.status != http.StatusOK {
					t.Errorf("server %d: %d %s %v", i%3, a.status, a.body, err)
				}
			})
		}
		c.must(n, "/item/webhook/update", fmt.Sprintf(`{"access_token":%q,"webhook":%q}`, access, hook), nil)
		c.must(n+1, "/sandbox/transactions/create", creation(access, name, clock.System{}.Now()), nil)
		calls.Wait()
		var got struct{ Item struct{ Webhook string } }
		if c.must(n+2, "/item/get", ofItem, &got); got.Item.Webhook != hook {
			t.Errorf("server %d tells the webhook %q, it is %q", (n+2)%3, got.Item.Webhook, hook)
		}
		if told := c.sync(n+2, access, cursor); told.names[name] != 1 {
			t.Errorf("server %d tells of %q %d times", (n+2)%3, name, told.names[name])
		}
		c.awaitHook(r, n)
	}
}

// awaitHook waits until a receiver was told that its nth address is the Item's.
func (c *cluster) awaitHook(r *receivers, n int) {
	c.t.Helper()
	for told := ""; !strings.Contains(told, "WEBHOOK_UPDATE_ACKNOWLEDGED"); {
		if h := r.next(c.t, "the webhook"); h.path == fmt.Sprintf("/%d", n) {
			told = h.body
		}
	}
}

// askMany asks all servers many times at once, for an institution, which no cache keeps from the database.
func (c *cluster) askMany(fields string, see func(server int, a answer, err error)) {
	var calls sync.WaitGroup
	for i := range 20 * len(c.servers) {
		calls.Go(func() {
			a, err := c.servers[i%3].ask(c.t.Context(), "/institutions/get_by_id", fields)
			if see != nil {
				see(i%3, a, err)
			}
		})
	}
	calls.Wait()
}

// isWithoutDatabase: a server says that it cannot answer, soon and in Plaid's shape, and to the proxy that it should not be asked.
func (c *cluster) isWithoutDatabase(i int, fields string) {
	c.t.Helper()
	a, err := c.servers[i].ask(c.t.Context(), "/accounts/get", fields)
	var said struct {
		Type string `json:"error_type"`
		Code string `json:"error_code"`
	}
	if err == nil {
		err = json.Unmarshal([]byte(a.body), &said)
	}
	if err != nil || a.status != http.StatusInternalServerError || said.Type != "API_ERROR" || said.Code != "INTERNAL_SERVER_ERROR" {
		c.t.Errorf("without its database server %d says %d %s %v", i, a.status, a.body, err)
	}
	for path, want := range map[string]int{"/readyz": http.StatusServiceUnavailable, "/healthz": http.StatusOK} {
		res, err := checks.Get(c.servers[i].url + path)
		if err != nil {
			c.t.Errorf("%s of server %d: %v", path, i, err)
			continue
		}
		res.Body.Close() //nolint:errcheck // the status is the answer
		if res.StatusCode != want {
			c.t.Errorf("%s of server %d: %s, want %d", path, i, res.Status, want)
		}
	}
}
