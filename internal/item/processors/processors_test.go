package processors_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector/sandbox"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/event"
	"weft/internal/item/processors"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// world is a service with clients, each with an Item in the sandbox.
type world struct {
	t       *testing.T
	items   *item.Service
	clients []*someone
	// heard is what was told, with the client and the address that it was told to.
	heard []string
}

// someone is a client.
type someone struct {
	client.Client
	secrets   client.Secrets
	item      item.Linked
	removed   bool
	processor string
}

// token is a processor token of a client's Item.
type token struct {
	text, account, processor string
	owner                    *someone
}

func newWorld(t *testing.T, db *store.DB, c *clock.Manual, clients int) *world {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	ids := ident.Seeded("processors")
	w := &world{t: t}
	w.items = &item.Service{Life: item.Life{DB: db, Keys: keys, IDs: ids}, Clock: c, Clients: &client.Service{DB: db, Keys: keys, IDs: ids}, Log: slog.New(slog.DiscardHandler),
		Cache: cache.New(1 << 20), Connectors: item.Connectors{plaid.Sandbox: {sandbox.New("test", 0)}}}
	w.items.Events = processors.Telling(w.hear)
	for i := range clients {
		s := &someone{}
		if s.Client, s.secrets, err = w.items.Clients.Create(t.Context(), fmt.Sprint("client ", i)); err != nil {
			t.Fatal(err)
		}
		s.item, err = w.items.Link(t.Context(), store.Tenant{Client: s.ClientID, Environment: plaid.Sandbox},
			item.LinkRequest{InstitutionID: "ins_109508", Username: "user_good", Password: "pass_good", Products: []string{"auth"}})
		if err != nil {
			t.Fatal(err)
		}
		w.clients = append(w.clients, s)
	}
	return w
}

func (w *world) hear(_ context.Context, tx *store.Tx, to event.Target, e event.Event) error {
	members, err := json.Marshal(e.Members)
	if to.Webhook != "" {
		tx.OnCommit(func() {
			w.heard = append(w.heard, to.Tenant.Client+" "+to.Webhook+" "+to.ItemID+" "+e.Code+" "+string(members))
		})
	}
	return err
}

func (w *world) make(t testing.TB, owner *someone, account int, processor string) token {
	t.Helper()
	tok := token{account: owner.item.Accounts[account].AccountID, processor: processor, owner: owner}
	err := w.items.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
		tok.text, err = w.items.Processors().Create(t.Context(), tx, owner.item.Item, tok.account, processor)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// open is what a client may do with a token, as a grant or the code of the error.
func (w *world) open(caller *someone, environment, tok string) (processors.Grant, plaid.Code, error) {
	call := &httpapi.Call{ClientID: caller.ClientID, Secret: caller.secrets[environment], AccessToken: tok}
	g, err := w.items.Processors().Open(w.t.Context(), call)
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return g, pe.Code, nil
	}
	return g, "", err
}

// Whatever clients there are, tokens made, processors named and Items removed: a token is its maker's and its processor's, in
// its environment, until its Item ends.
func TestWhoMayUseATokenModel(t *testing.T) {
	names := []string{"", "dwolla", "moov"}
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c, 4)
		var tokens []token
		rapid.Check(t, func(rt *rapid.T) {
			one := rapid.SampledFrom(w.clients).Draw(rt, "client")
			switch rapid.SampledFrom([]string{"make", "make", "be", "be", "be", "remove"}).Draw(rt, "act") {
			case "make":
				if !one.removed {
					tokens = append(tokens, w.make(t, one, rapid.IntRange(0, 3).Draw(rt, "account"), rapid.SampledFrom(names).Draw(rt, "for")))
				}
			case "be":
				one.processor = rapid.SampledFrom(names).Draw(rt, "processor")
				if err := w.items.Clients.SetProcessor(t.Context(), one.ClientID, one.processor); err != nil {
					rt.Fatal(err)
				}
			case "remove":
				if one != w.clients[0] && !one.removed {
					one.removed = true
					if err := w.items.Remove(t.Context(), one.item.Item); err != nil {
						rt.Fatal(err)
					}
				}
			}
			if len(tokens) == 0 {
				return
			}
			tok := rapid.SampledFrom(tokens).Draw(rt, "token")
			caller := rapid.SampledFrom(w.clients).Draw(rt, "caller")
			env := rapid.SampledFrom(plaid.Environments).Draw(rt, "environment")
			w.check(rt, tok, caller, env)
		})
		if len(tokens) < 5 {
			t.Errorf("only %d tokens were made", len(tokens))
		}
	})
}

func (w *world) check(rt *rapid.T, tok token, caller *someone, env string) {
	g, code, err := w.open(caller, env, tok.text)
	if err != nil {
		rt.Fatal(err)
	}
	entitled := env == plaid.Sandbox && (caller == tok.owner || tok.processor != "" && caller.processor == tok.processor)
	want := plaid.Code("")
	switch {
	case !entitled:
		want = "INVALID_PROCESSOR_TOKEN"
	case tok.owner.removed:
		want = "ITEM_NOT_FOUND"
	}
	if code != want {
		rt.Fatalf("%q is answered, want %q: a token for %q, called by %q in %s", code, want, tok.processor, caller.processor, env)
	}
	if code == "" && (g.AccountID != tok.account || g.Item.ID != tok.owner.item.Item.ID || g.Item.Tenant.Client != tok.owner.ClientID || g.Own() != (caller == tok.owner)) {
		rt.Fatalf("granted %+v for %+v", g, tok)
	}
}

// Nobody without a valid secret learns anything, and tokens are not stored.
func TestSecretsOfTokens(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c, 1)
		one := w.clients[0]
		tok := w.make(t, one, 0, "dwolla")
		one.secrets["wrong"] = "nobody's"
		if _, code, err := w.open(one, "wrong", tok.text); code != "INVALID_API_KEYS" || err != nil {
			t.Errorf("a wrong secret is answered %q, %v", code, err)
		}
		if err := db.QueryRow(t.Context(), `select token_hash from processor_tokens where token_hash = $1`, tok.text).Scan(new(string)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the token is stored as it is: %v", err)
		}
		if err := w.items.Clients.SetProcessor(t.Context(), one.ClientID, "nobody"); err == nil {
			t.Error("a client is a processor that there is not")
		}
		if err := w.items.Clients.SetProcessor(t.Context(), "nobody", "dwolla"); !errors.Is(err, client.ErrUnknown) {
			t.Errorf("a client that there is not is a processor: %v", err)
		}
	})
}

// Products: none are all; else one of the route's must be allowed.
func TestAllow(t *testing.T) {
	for _, c := range []struct {
		limit, of []string
		ok        bool
	}{
		{nil, []string{"auth"}, true}, {[]string{"auth"}, nil, true}, {[]string{"auth"}, []string{"auth"}, true}, {[]string{"auth"}, []string{"identity"}, false},
		{[]string{"transactions_refresh"}, []string{"transactions", "transactions_refresh"}, true},
	} {
		if err := (processors.Grant{Products: c.limit}).Allow(c.of); (err == nil) != c.ok {
			t.Errorf("%q for %q: %v", c.limit, c.of, err)
		}
	}
}

// Telling tells each processor of its own account: once at an address, not without one, not once it is the processor no longer.
func TestTelling(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c, 3)
		owner, partner, other := w.clients[0], w.clients[1], w.clients[2]
		for name, s := range map[string]*someone{"dwolla": partner, "moov": other} {
			if err := w.items.Clients.SetProcessor(t.Context(), s.ClientID, name); err != nil {
				t.Fatal(err)
			}
		}
		set := func(caller *someone, tok token, address string) {
			t.Helper()
			g, code, err := w.open(caller, plaid.Sandbox, tok.text)
			if err == nil && code == "" {
				err = w.items.Processors().SetWebhook(t.Context(), w.items.Events, g, address)
			}
			if err != nil || code != "" {
				t.Fatal(code, err)
			}
		}
		first, again, second, others := w.make(t, owner, 0, "dwolla"), w.make(t, owner, 0, "dwolla"), w.make(t, owner, 1, "dwolla"), w.make(t, owner, 0, "moov")
		set(partner, first, "https://p.example/")
		set(partner, again, "https://p.example/")
		set(partner, second, "https://p.example/")
		set(other, others, "https://o.example/")
		set(owner, w.make(t, owner, 2, "dwolla"), "https://own.example/") // of an account without news
		acknowledged := "https://p.example/  WEBHOOK_UPDATE_ACKNOWLEDGED {\"error\":null,\"account_id\":\"" + first.account + "\",\"new_webhook_url\":\"https://p.example/\"}"
		if len(w.heard) != 5 || w.heard[0] != partner.ClientID+" "+acknowledged {
			t.Fatalf("heard %q", w.heard)
		}
		tell := func() []string {
			t.Helper()
			w.heard = nil
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				return w.items.Events.Tell(t.Context(), tx, owner.item.Item.Target(), event.Event{Type: "TRANSACTIONS", Code: "X", OfAccount: func(id string) any {
					if id == owner.item.Accounts[2].AccountID {
						return nil
					}
					return id
				}})
			})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(w.heard)
			return w.heard
		}
		of := func(s *someone, address string, tok token) string {
			return s.ClientID + " " + address + "  X \"" + tok.account + "\""
		}
		want := []string{of(partner, "https://p.example/", first), of(partner, "https://p.example/", second), of(other, "https://o.example/", others)}
		slices.Sort(want)
		if got := tell(); !slices.Equal(got, want) {
			t.Errorf("told %q, want %q", got, want)
		}
		set(partner, second, "")
		if err := w.items.Clients.SetProcessor(t.Context(), other.ClientID, ""); err != nil {
			t.Fatal(err)
		}
		if got := tell(); !slices.Equal(got, []string{of(partner, "https://p.example/", first)}) {
			t.Errorf("told %q", got)
		}
		if err := w.items.Remove(t.Context(), owner.item.Item); err != nil {
			t.Fatal(err)
		}
		if got := tell(); len(got) != 0 {
			t.Errorf("after the Item is removed, told %q", got)
		}
	})
}
