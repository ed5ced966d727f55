package connection_test

import (
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
	"weft/internal/item/connections"
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
			answer.Batch = connector.Batch{Accounts: []connector.Account{{Key: "acct", Account: plaid.Account{
				Name: "Checking", Type: "depository", Balances: plaid.Balances{Current: plaid.Dec(balance).Ptr()}}}}}
		}
		span.Answers = append(span.Answers, answer)
	}
	err, during := b.whole, b.during
	b.mu.Unlock()
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
		DB: db, Keys: keys, IDs: ids, Clock: w.clock, Clients: &client.Service{DB: db, Keys: keys, IDs: ids}, Log: log,
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

func TestConnectMakesAnItemOfEachInstitution(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		if _, err := w.Connect(t.Context(), w.tenant, "bridge", "bad"); code(err) != "INVALID_CREDENTIALS" {
			t.Errorf("a bad token: %v", err)
		}
		if _, err := w.Connect(t.Context(), w.tenant, "nothing", "good"); code(err) != "INVALID_FIELD" {
			t.Errorf("an unknown connector: %v", err)
		}
		done := w.connect(t)
		is(t, "Items", len(done.Round.Results), 2)
		for _, r := range done.Round.Results {
			it, err := w.Items.ItemOf(t.Context(), w.tenant, r.AccessToken)
			if err != nil || !r.New || it.ID != r.Item.ID || !it.Has("transactions") {
				t.Errorf("%s: %v, new %v, products %v", r.Item.InstitutionID, err, r.New, it.Products)
			}
		}
		st, balances := w.state(t)
		is(t, "balances", balances, map[string]string{"ins_a": "1.00", "ins_b": "2.00"})
		is(t, "notes", st.Notes[0].Message, `{"fetches":1}`)
		if wait := st.Due.Sub(w.clock.Now()); wait < 6*time.Hour*9/10 || wait > 6*time.Hour*11/10 {
			t.Errorf("it is due in %s", wait)
		}
		w.bridge.set(func(b *bridge) { b.balances["ins_c"] = "3.00" })
		round, err := w.Refresh(t.Context(), w.tenant, done.ID)
		if err != nil || len(round.Results) != 3 || !round.Results[2].New || round.Results[2].AccessToken == "" {
			t.Errorf("a third bank: %v, %+v", err, round)
		}
		other := store.Tenant{Client: "other", Environment: "production"}
		if _, err := w.Refresh(t.Context(), other, done.ID); code(err) != "INVALID_FIELD" {
			t.Errorf("another tenant's connection: %v", err)
		}
		if err := w.Remove(t.Context(), other, done.ID); code(err) != "INVALID_FIELD" {
			t.Errorf("another tenant's connection: %v", err)
		}
	})
}

func TestErrorsAreOfTheirInstitution(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		w.bridge.set(func(b *bridge) {
			b.errors["ins_b"], b.balances["ins_a"] = plaid.Err("ITEM_LOGIN_REQUIRED"), "1.50"
		})
		w.clock.Advance(time.Hour)
		round, err := w.Refresh(t.Context(), w.tenant, done.ID)
		if err != nil || round.Results[0].Err != nil || code(round.Results[1].Err) != "ITEM_LOGIN_REQUIRED" {
			t.Fatalf("%v, %+v", err, round)
		}
		st, balances := w.state(t)
		is(t, "balances", balances, map[string]string{"ins_a": "1.50", "ins_b": "2.00"})
		is(t, "errors", [2]plaid.Code{st.Items[0].Error, st.Items[1].Error}, [2]plaid.Code{"", "ITEM_LOGIN_REQUIRED"})
		refreshed, failed, err := w.Items.Status(t.Context(), st.Items[1])
		if err != nil || !failed.Equal(w.clock.Now()) || !refreshed.Equal(storetest.Start) {
			t.Errorf("refreshed %v, failed %v, %v", refreshed, failed, err)
		}
		if _, err := w.Items.Refresh(t.Context(), st.Items[1]); code(err) != "ITEM_LOGIN_REQUIRED" {
			t.Errorf("the Item alone: %v", err)
		}
		w.bridge.set(func(b *bridge) { delete(b.errors, "ins_b") })
		if it, err := w.Items.Refresh(t.Context(), st.Items[1]); err != nil || it.Error != "" {
			t.Errorf("repaired at the server: %v, %v", it.Error, err)
		}
	})
}

func TestMemoryOutlivesFailures(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		w.bridge.whole = plaid.Err("INSTITUTION_NOT_RESPONDING")
		done := w.connect(t)
		is(t, "error", done.Err.Code, "INSTITUTION_NOT_RESPONDING")
		for failures := range int64(8) {
			st, _ := w.state(t)
			is(t, "memory", st.Notes[0].Message, fmt.Sprintf(`{"fetches":%d}`, failures+1))
			is(t, "failures", st.Failures, failures+1)
			wait := min(6*time.Hour, 5*time.Minute<<(2*failures))
			if in := st.Due.Sub(w.clock.Now()); in < wait*9/10 || in > wait*11/10 {
				t.Errorf("after %d failures it is due in %s", failures+1, in)
			}
			if err := w.RefreshDue(t.Context()); err != nil || w.bridge.fetches != int(failures)+1 {
				t.Errorf("asked before it was due: %d, %v", w.bridge.fetches, err)
			}
			w.clock.Advance(st.Due.Sub(w.clock.Now()))
			if err := w.RefreshDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		w.bridge.set(func(b *bridge) { b.whole = nil })
		st, _ := w.state(t)
		w.clock.Advance(st.Due.Sub(w.clock.Now()))
		if err := w.RefreshDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		st, balances := w.state(t)
		is(t, "failures", st.Failures, 0)
		is(t, "balances", balances, map[string]string{"ins_a": "1.00", "ins_b": "2.00"})
		if strings.Contains(w.log.String(), "s3cret") {
			t.Error("the log has the credentials")
		}
	})
}

func TestRemovedItemsStayAway(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		if err := w.Items.Remove(t.Context(), done.Round.Results[0].Item); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Refresh(t.Context(), w.tenant, done.ID); err != nil {
			t.Fatal(err)
		}
		is(t, "declined", w.bridge.declined, []string{"ins_a"})
		_, balances := w.state(t)
		is(t, "balances", balances, map[string]string{"ins_b": "2.00"})
		// One that is removed while the bank is asked stays away too.
		w.bridge.set(func(b *bridge) {
			b.balances["ins_c"] = "3.00"
			b.during = func(int) {
				if err := w.Items.Remove(t.Context(), done.Round.Results[1].Item); err != nil && code(err) != "ITEM_NOT_FOUND" {
					t.Error(err)
				}
			}
		})
		if _, err := w.Refresh(t.Context(), w.tenant, done.ID); code(err) != "INVALID_FIELD" {
			t.Errorf("the last Item took the connection with it: %v", err)
		}
		if list, err := w.List(t.Context(), w.tenant); err != nil || len(list) != 0 {
			t.Errorf("%d connections are left, %v", len(list), err)
		}
	})
}

func TestRemoveEndsConnectionAndItems(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		if err := w.Remove(t.Context(), w.tenant, done.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Items.ItemOf(t.Context(), w.tenant, done.Round.Results[0].AccessToken); code(err) != "ITEM_NOT_FOUND" {
			t.Errorf("an Item of it: %v", err)
		}
		if list, err := w.List(t.Context(), w.tenant); err != nil || len(list) != 0 {
			t.Errorf("%d connections are left, %v", len(list), err)
		}
		w.bridge.set(func(b *bridge) { b.whole = plaid.Err("ITEM_LOGIN_REQUIRED") })
		empty := w.connect(t) // it has no Items
		if err := w.Remove(t.Context(), w.tenant, empty.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Remove(t.Context(), w.tenant, empty.ID); code(err) != "INVALID_FIELD" {
			t.Errorf("twice: %v", err)
		}
	})
}

func TestCorrect(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		it := w.connect(t).Round.Results[0].Item
		account := ident.Derive("account", it.ID, "acct")
		if _, err := w.Correct(t.Context(), it, account, "wrong", ""); code(err) != "INVALID_FIELD" {
			t.Errorf("a wrong type: %v", err)
		}
		if _, err := w.Correct(t.Context(), it, "unknown", "credit", ""); code(err) != "INVALID_ACCOUNT_ID" {
			t.Errorf("an unknown account: %v", err)
		}
		if _, err := w.Correct(t.Context(), it, account, "credit", "credit card"); err != nil {
			t.Fatal(err)
		}
		is(t, "what the bank was asked with", w.bridge.types, "ins_a acct credit/credit card")
	})
}

// Of many who ask at once, on two servers, one asks the bank and the others have its answer.
func TestOneAsksAtATime(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		servers := []*connection.Service{w.Service, w.server(db, w.Items.Keys)}
		started, goOn := make(chan struct{}, 64), make(chan struct{})
		w.bridge.set(func(b *bridge) {
			b.balances["ins_a"] = "5.00"
			b.during = func(int) {
				started <- struct{}{}
				<-goOn
			}
		})
		var group sync.WaitGroup
		results := make(chan error, 16)
		ask := func(s *connection.Service) {
			group.Go(func() {
				round, err := s.Refresh(t.Context(), w.tenant, done.ID)
				if err == nil && len(round.Results) != 2 {
					err = fmt.Errorf("%d results", len(round.Results))
				}
				results <- err
			})
		}
		ask(servers[0])
		<-started
		if _, err := servers[1].Items.RefreshDue(t.Context(), connections.Ref{Tenant: w.tenant, ID: done.ID}); !errors.Is(err, connections.ErrBusy) {
			t.Errorf("one that does not wait: %v", err)
		}
		close(goOn)
		for i := range 15 {
			ask(servers[i%2])
		}
		group.Wait()
		close(results)
		for err := range results {
			if err != nil {
				t.Error(err)
			}
		}
		_, balances := w.state(t)
		is(t, "balance", balances["ins_a"], "5.00")
		if w.bridge.fetches > 17 {
			t.Errorf("the bank was asked %d times", w.bridge.fetches)
		}
	})
}

// An asker that is paused past its lease and wakes late does not write over what another has brought meanwhile.
func TestLateWakerIsRefused(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		done := w.connect(t)
		other := w.server(db, w.Items.Keys)
		paused, wake := make(chan struct{}), make(chan struct{})
		w.bridge.set(func(b *bridge) {
			b.balances["ins_a"] = "10.00"
			b.during = func(fetch int) {
				if fetch == 2 { // the first asker's; its answer says 10.00
					close(paused)
					<-wake
				}
			}
		})
		late := make(chan error, 1)
		go func() {
			_, err := w.Refresh(t.Context(), w.tenant, done.ID)
			late <- err
		}()
		<-paused
		w.clock.Advance(connections.LeaseTime + time.Second)
		w.bridge.set(func(b *bridge) { b.balances["ins_a"] = "20.00" })
		if _, err := other.Refresh(t.Context(), w.tenant, done.ID); err != nil {
			t.Fatal(err)
		}
		_, balances := w.state(t)
		is(t, "balance before it wakes", balances["ins_a"], "20.00")
		close(wake)
		if err := <-late; err != nil {
			t.Errorf("the late one: %v", err)
		}
		_, balances = w.state(t)
		is(t, "balance after it woke", balances["ins_a"], "20.00")
	})
}

// What was claimed and not asked for yet, because the server died in between, is asked for by itself.
func TestClaimedConnectionIsTakenUp(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		now := w.clock.Now()
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			return connections.Insert(t.Context(), tx, w.Items.Keys, connections.Connection{Tenant: w.tenant, Connector: "bridge", Due: &now,
				Connection: connector.Connection{ID: "claimed", Credentials: json.RawMessage(`{}`)}})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.RefreshDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, balances := w.state(t)
		is(t, "balances", balances, map[string]string{"ins_a": "1.00", "ins_b": "2.00"})
	})
}
