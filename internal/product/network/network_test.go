package network_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/product/network"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// Whoever remembers people is asked by tenant, with the number in its normal form.
func TestPeopleWhoAreKnown(t *testing.T) {
	c := clock.NewManual(storetest.Start)
	db := storetest.SQLite(t, c)
	keys, err := seal.Create(t.TempDir() + "/key")
	if err != nil {
		t.Fatal(err)
	}
	clients := &client.Service{DB: db, Keys: keys, IDs: ident.System()}
	who, secrets, err := clients.Create(t.Context(), "a client")
	if err != nil {
		t.Fatal(err)
	}
	known := func(_ context.Context, tenant store.Tenant, phone string) (bool, error) {
		return tenant == store.Tenant{Client: who.ClientID, Environment: "sandbox"} && phone == "+14155550123", nil
	}
	api := &httpapi.API{Log: slog.New(slog.DiscardHandler), Clock: c, IDs: ident.System(), BaseURL: func() string { return "" }}
	handler := api.Handler(network.New(&item.Service{Life: item.Life{DB: db}, Clients: clients, Clock: c}, known).Routes, nil)
	for _, ask := range []struct{ environment, phone, want string }{
		{"sandbox", "+1 415 555 0123", "RETURNING_USER"}, {"sandbox", "+14155550124", "UNKNOWN"}, {"production", "+14155550123", "UNKNOWN"},
	} {
		req := httptest.NewRequest(http.MethodPost, "/network/status/get", strings.NewReader(`{"user":{"phone_number":"`+ask.phone+`"}}`))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("PLAID-CLIENT-ID", who.ClientID)
		req.Header.Set("PLAID-SECRET", secrets[ask.environment])
		res := httptest.NewRecorder()
		handler.ServeHTTP(res, req)
		if !strings.Contains(res.Body.String(), `"network_status":"`+ask.want+`"`) {
			t.Errorf("%+v is answered %s", ask, res.Body)
		}
	}
}
