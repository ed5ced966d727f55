package token

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/internal/user"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// bank is a connector with one institution and one account.
type bank struct{}

func (bank) Name() string { return "bank" }

func (bank) Institutions(time.Time) []connector.Institution {
	return []connector.Institution{{
		Institution: plaid.Institution{InstitutionID: "ins_1", Name: "Bank", Products: []string{"auth", "transactions"}, CountryCodes: []string{"US"}},
		Supported:   true,
	}}
}

func (bank) Authenticate(context.Context, connector.Login) (connector.Opened, error) {
	return connector.Opened{Credentials: json.RawMessage(`{}`)}, nil
}

func (bank) Fetch(context.Context, connector.Connection, connector.Want) (connector.Batch, error) {
	checking := "checking"
	return connector.Batch{Accounts: []connector.Account{{
		Key: "1", Account: plaid.Account{Name: "Checking", Type: plaid.TypeDepository, Subtype: &checking},
	}}}, nil
}

// server is the real adapter over the product, with one client.
type server struct {
	t       testing.TB
	handler http.Handler
	items   *item.Service
	clock   *clock.Manual
	id      string
	secrets client.Secrets
	// usr and other are users in the sandbox, token is that of a third one.
	usr, other, token string
}

func newServer(t testing.TB, db *store.DB, c *clock.Manual) *server {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	ids := ident.Seeded("link")
	clients := &client.Service{DB: db, Keys: keys, IDs: ids}
	connectors := item.Connectors{}
	for _, env := range plaid.Environments {
		connectors[env] = []connector.Connector{bank{}}
	}
	items := &item.Service{Life: item.Life{DB: db, Keys: keys, IDs: ids}, Clock: c, Clients: clients, Cache: cache.New(0), Connectors: connectors}
	api := &httpapi.API{Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})), Clock: c, IDs: ids, BaseURL: func() string { return "http://weft.test" }}
	s := &server{t: t, handler: api.Handler(Routes(items, "http://weft.test", noSessions), nil), items: items, clock: c}
	s.id, s.secrets = s.addClient("tests")
	s.usr, s.other, s.token = s.user("1", false).ID, s.user("2", false).ID, s.user("3", true).Token
	return s
}

func (s *server) addClient(name string) (string, client.Secrets) {
	s.t.Helper()
	c, secrets, err := s.items.Clients.Create(s.t.Context(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	return c.ClientID, secrets
}

// user makes a user in the sandbox.
func (s *server) user(clientUserID string, token bool) user.User {
	s.t.Helper()
	users := &user.Service{DB: s.items.DB, Keys: s.items.Keys, IDs: s.items.IDs}
	u, _, err := users.Create(s.t.Context(), s.tenant(plaid.Sandbox), user.Wanted{ClientUserID: clientUserID, Token: token})
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// each runs a test with a server on each engine.
func each(t *testing.T, run func(t *testing.T, s *server)) {
	t.Run("sqlite", func(t *testing.T) {
		c := clock.NewManual(storetest.Start)
		run(t, newServer(t, storetest.SQLite(t, c), c))
	})
	t.Run("postgres", func(t *testing.T) {
		c := clock.NewManual(storetest.Start)
		run(t, newServer(t, storetest.Postgres(t, c), c))
	})
}

func sqlite(t testing.TB) *server {
	c := clock.NewManual(storetest.Start)
	return newServer(t, storetest.SQLite(t, c), c)
}

// caller is who calls, and with which version.
type caller struct{ id, secret, version string }

func (s *server) sandbox() caller { return caller{id: s.id, secret: s.secrets[plaid.Sandbox]} }

// call posts a body and returns the status and the answer.
func (s *server) call(who caller, path, body string) (int, []byte) {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("PLAID-CLIENT-ID", who.id)
	r.Header.Set("PLAID-SECRET", who.secret)
	if who.version != "" {
		r.Header.Set("Plaid-Version", who.version)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// ok is an answer that must be one of success.
func (s *server) ok(who caller, path, body string) map[string]any {
	s.t.Helper()
	status, answer := s.call(who, path, body)
	if status != http.StatusOK {
		s.t.Fatalf("%s %s: status %d: %s", path, body, status, answer)
	}
	return decode(s.t, answer)
}

func decode(t testing.TB, b []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return v
}

// fails wants an error with a code, and a message that has a part.
func (s *server) fails(who caller, path, body string, status int, code, part string) {
	s.t.Helper()
	got, answer := s.call(who, path, body)
	var e struct {
		Code    string `json:"error_code"`
		Message string `json:"error_message"`
	}
	if err := json.Unmarshal(answer, &e); err != nil {
		s.t.Fatal(err)
	}
	if got != status || e.Code != code || !strings.Contains(e.Message, part) {
		s.t.Errorf("%s\n got %d %s %q\nwant %d %s %q", body, got, e.Code, e.Message, status, code, part)
	}
}

// with is the smallest valid request, with members added, replaced, or (as null) taken away.
func with(members string) string {
	base := map[string]json.RawMessage{
		"client_name": json.RawMessage(`"App"`), "language": json.RawMessage(`"en"`), "country_codes": json.RawMessage(`["US"]`),
		"user": json.RawMessage(`{"client_user_id":"u"}`), "products": json.RawMessage(`["transactions"]`),
	}
	var more map[string]json.RawMessage
	if err := json.Unmarshal([]byte("{"+members+"}"), &more); err != nil {
		panic(members + ": " + err.Error())
	}
	for name, value := range more {
		if base[name] = value; string(value) == "null" {
			delete(base, name)
		}
	}
	b, err := json.Marshal(base)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// link makes an Item and returns its access token and its id.
func (s *server) link(tenant store.Tenant, userID string) (accessToken, itemID string) {
	s.t.Helper()
	linked, err := s.items.Link(s.t.Context(), tenant, item.LinkRequest{InstitutionID: "ins_1", Products: []string{"auth"}, UserID: userID})
	if err != nil {
		s.t.Fatal(err)
	}
	accessToken, itemID, err = s.items.Exchange(s.t.Context(), tenant, linked.PublicToken)
	if err != nil {
		s.t.Fatal(err)
	}
	return accessToken, itemID
}

func (s *server) tenant(environment string) store.Tenant {
	return store.Tenant{Client: s.id, Environment: environment}
}

// canonical is JSON without the request_id, for comparisons byte by byte.
func canonical(t testing.TB, answer []byte) string {
	t.Helper()
	v := decode(t, answer)
	delete(v, "request_id")
	var buf bytes.Buffer
	if err := json.NewEncoder(&buf).Encode(v); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// noSessions is a flow in which nobody has opened Link.
func noSessions(context.Context, Token) ([]json.RawMessage, error) { return nil, nil }
