package connection_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connection"
	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// bridge is a connector to several banks that answers what the test has put down.
type bridge struct {
	mu sync.Mutex
	// balances are the balances of the banks' accounts, errors the errors of banks; whole fails a fetch as a whole.
	balances map[string]string
	errors   map[string]*plaid.Error
	whole    error
	fetches  int
	// declined and types are what the last fetch was given.
	declined []string
	types    string
	// asOf is the moment that balances are of, account the key of the banks' accounts; keeps has a memory written down at once.
	asOf    time.Time
	account string
	keeps   bool
	// during, if set, is called while a bank is asked.
	during func(fetch int)
}

func (*bridge) Name() string { return "bridge" }

func (*bridge) Fetch(context.Context, connector.Connection, connector.Want) (connector.Batch, error) {
	return connector.Batch{}, errors.New("a connection to several banks is asked for all of them")
}

func (*bridge) Claim(_ context.Context, token string) (json.RawMessage, error) {
	if token != "good" {
		return nil, plaid.Err("INVALID_CREDENTIALS")
	}
	return json.RawMessage(`{"secret":"s3cret"}`), nil
}

func (*bridge) RefreshEvery() time.Duration { return 6 * time.Hour }

func (*bridge) Notes(memory json.RawMessage) []connector.Note {
	return []connector.Note{{Message: string(memory)}}
}

func (*bridge) Correct(_ json.RawMessage, institution, account, kind, subtype string) (json.RawMessage, error) {
	if kind == "wrong" {
		return nil, plaid.InvalidField("type", "is wrong")
	}
	return json.RawMessage(fmt.Sprintf(`{"types":%q}`, institution+" "+account+" "+kind+"/"+subtype)), nil
}

func (b *bridge) FetchAll(ctx context.Context, conn connector.Connection, want connector.Want) (connector.Span, error) {
	b.mu.Lock()
	b.fetches++
	fetch := b.fetches
	b.declined = conn.Declined
	var creds struct{ Types string }
	if err := json.Unmarshal(conn.Credentials, &creds); err != nil {
		return connector.Span{}, err
	}
	b.types = creds.Types
	span := connector.Span{Memory: json.RawMessage(fmt.Sprintf(`{"fetches":%d}`, fetch))}
	for _, id := range []string{"ins_a", "ins_b", "ins_c"} {
		balance, there := b.balances[id]
		if !there || slices.Contains(conn.Declined, id) {
			continue
		}
		answer := connector.Answer{Institution: connector.Institution{Institution: plaid.Institution{
			InstitutionID: id, Name: "Bank " + id, Products: []string{"transactions", "investments"}}}, Err: b.errors[id]}
		if answer.Err == nil {
			answer.Batch = connector.Batch{Accounts: []connector.Account{{Key: cmp.Or(b.account, "acct"), AsOf: b.asOf, Account: plaid.Account{
				Name: "Checking", Type: "depository", Balances: plaid.Balances{Current: plaid.Dec(balance).Ptr()}}}}}
		}
		span.Answers = append(span.Answers, answer)
	}
	err, during, keeps := b.whole, b.during, b.keeps
	b.mu.Unlock()
	if keeps {
		if err := conn.Keep(ctx, json.RawMessage(fmt.Sprintf(`{"kept":%d}`, fetch))); err != nil {
			return span, err
		}
	}
	if during != nil {
		during(fetch)
	}
	return span, err
}

func (b *bridge) set(change func(*bridge)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}

// world is a server with a bridge to two banks.
type world struct {
	*connection.Service
	bridge *bridge
	clock  *clock.Manual
	tenant store.Tenant
	log    *strings.Builder
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
	w := &world{bridge: &bridge{balances: map[string]string{"ins_a": "1.00", "ins_b": "2.00"}, errors: map[string]*plaid.Error{}},
		clock: c, tenant: store.Tenant{Client: "c", Environment: "production"}, log: &strings.Builder{}}
	w.Service = w.server(db, keys)
	return w
}

// server is another server on the same database.
func (w *world) server(db *store.DB, keys *seal.Keys) *connection.Service {
	ids := ident.System()
	log := slog.New(slog.NewTextHandler(w.log, nil))
	return &connection.Service{Log: log, Items: &item.Service{
		Life: item.Life{DB: db, Keys: keys, IDs: ids}, Clock: w.clock, Clients: &client.Service{DB: db, Keys: keys, IDs: ids}, Log: log,
		Cache: cache.New(0), Connectors: item.Connectors{"production": {w.bridge}},
	}}
}

func (w *world) connect(t *testing.T) connection.Connected {
	t.Helper()
	done, err := w.Connect(t.Context(), w.tenant, "bridge", "good")
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// state is the one connection and the balance of each of its Items.
func (w *world) state(t *testing.T) (connection.Status, map[string]string) {
	t.Helper()
	list, err := w.List(t.Context(), w.tenant)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d connections, %v", len(list), err)
	}
	balances := map[string]string{}
	for _, it := range list[0].Items {
		docs, err := item.ReadDocuments(t.Context(), w.Items.DB, it, item.AccountsDocument)
		if err != nil {
			t.Fatal(err)
		}
		var accounts []plaid.Account
		if err := json.Unmarshal(docs.ByKind[item.AccountsDocument], &accounts); err != nil || len(accounts) != 1 {
			t.Fatalf("%d accounts, %v", len(accounts), err)
		}
		balances[it.InstitutionID] = accounts[0].Balances.Current.String()
	}
	return list[0], balances
}

func code(err error) plaid.Code {
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

func is(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
