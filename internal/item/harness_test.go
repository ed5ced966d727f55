package item_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connection"
	"weft/internal/connector"
	"weft/internal/connector/numbers"
	"weft/internal/connector/sandbox"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/ending"
	"weft/internal/item/event"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// simulated are the simulated banks, whose logins last as long as at Plaid.
var simulated = sync.OnceValue(func() *sandbox.Connector {
	return sandbox.New("test", sandbox.LoginDays*24*time.Hour)
})

// moody are banks that may refuse to answer.
type moody struct {
	*sandbox.Connector
	refuses error
	// asked, if set, is told what is wanted before the bank answers.
	asked func(connector.Want)
}

func (m *moody) Fetch(ctx context.Context, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	if m.asked != nil {
		m.asked(want)
	}
	if m.refuses != nil {
		return connector.Batch{}, m.refuses
	}
	return m.Connector.Fetch(ctx, conn, want)
}

const (
	platypus = "ins_109508"
	british  = "ins_117650"
	day      = 24 * time.Hour
)

// fatal is what ends a test, and a check of a property.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// world is a server with the simulated banks, which notes what it tells.
type world struct {
	*connection.Service
	banks  *moody
	clock  *clock.Manual
	jobs   *job.Queue
	tenant store.Tenant
	told   []string
}

func newWorld(t *testing.T, db *store.DB, c *clock.Manual) *world {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	ids, log := ident.System(), slog.New(slog.DiscardHandler)
	w := &world{banks: &moody{Connector: simulated()}, clock: c, tenant: store.Tenant{Client: "c", Environment: "sandbox"}}
	w.jobs = job.New(job.Config{DB: db, Clock: c, IDs: ids, Random: rand.Int64N, Log: log, Sole: true})
	w.Service = &connection.Service{Log: log, Items: &item.Service{
		Life: item.Life{DB: db, Keys: keys, IDs: ids, Events: w.note}, Clock: c, Clients: &client.Service{DB: db, Keys: keys, IDs: ids}, Log: log,
		Cache: cache.New(0), Connectors: item.Connectors{"sandbox": {w.banks, numbers.Simulated()}}, Ends: ending.New(db, w.note, w.jobs),
	}}
	return w
}

// note notes an event once its transaction has been committed.
func (w *world) note(_ context.Context, tx *store.Tx, _ event.Target, e event.Event) error {
	members, err := json.Marshal(e.Members)
	if err == nil {
		tx.OnCommit(func() { w.told = append(w.told, e.Code+" "+string(members)) })
	}
	return err
}

// take is what was told since it was asked last.
func (w *world) take() []string {
	told := w.told
	w.told = nil
	return told
}

// settle does what is due.
func (w *world) settle(t fatal) {
	t.Helper()
	for {
		n, err := w.jobs.RunDue(context.Background())
		if err != nil {
			t.Fatalf("jobs: %v", err)
		}
		if n == 0 {
			return
		}
	}
}

// login logs in at an institution.
func (w *world) login(t fatal, institution, user, password string) connector.Opened {
	t.Helper()
	opened, err := w.Items.Authenticate(context.Background(), w.tenant, connector.Login{InstitutionID: institution, Username: user, Password: password})
	if err != nil {
		t.Fatalf("%s at %s: %v", user, institution, err)
	}
	return opened
}

// link makes an Item with all accounts.
func (w *world) link(t fatal, institution, user, password string) item.Linked {
	t.Helper()
	linked, err := w.Items.Link(context.Background(), w.tenant, item.LinkRequest{
		InstitutionID: institution, Username: user, Password: password, Products: []string{"auth"},
	})
	if err != nil {
		t.Fatalf("%s at %s: %v", user, institution, err)
	}
	return linked
}

// now is an Item as it is now.
func (w *world) now(t fatal, it item.Item) item.Item {
	t.Helper()
	it, err := w.Items.ItemByID(context.Background(), w.tenant, it.ID)
	if err != nil {
		t.Fatalf("the Item: %v", err)
	}
	return it
}

// accounts are the ids of the Item's accounts, as they are answered.
func (w *world) accounts(t fatal, it item.Item) []string {
	t.Helper()
	docs, err := item.ReadDocuments(context.Background(), w.Items.DB, it, item.AccountsDocument)
	if err != nil {
		t.Fatalf("accounts: %v", err)
	}
	return ids(t, docs.ByKind[item.AccountsDocument])
}

func ids(t fatal, doc []byte) []string {
	t.Helper()
	var list []plaid.Account
	if err := json.Unmarshal(doc, &list); err != nil {
		t.Fatalf("accounts: %v", err)
	}
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.AccountID
	}
	return out
}

func accountIDs(list []connector.Account) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.AccountID
	}
	return out
}

// count counts the rows of a table.
func (w *world) count(t fatal, table string) (n int) {
	t.Helper()
	if err := w.Items.DB.QueryRow(context.Background(), `select count(*) from `+table).Scan(&n); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
	return n
}

func code(err error) plaid.Code {
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

func is(t testing.TB, what string, got, want any) {
	t.Helper()
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
