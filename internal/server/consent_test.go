package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/server"
	"weft/internal/store"
)

// consented links an Item that was made for transactions, whose user has agreed to share investments too.
func consented(t *testing.T, srv *server.Server) (post func(path, more string) (int, map[string]any)) {
	t.Helper()
	tenant := store.Tenant{Client: srv.Client.ClientID, Environment: "sandbox"}
	linked, err := srv.Items.Link(t.Context(), tenant, item.LinkRequest{
		InstitutionID: "ins_109508", Username: "user_good", Password: "pass_good",
		Products: []string{"transactions"}, Consented: []string{"investments"},
	})
	if err != nil {
		t.Fatal(err)
	}
	access, _, err := srv.Items.Exchange(t.Context(), tenant, linked.PublicToken)
	if err != nil {
		t.Fatal(err)
	}
	return poster(t, srv, access)
}

// poster calls endpoints for an Item of the first client.
func poster(t *testing.T, srv *server.Server, access string) func(path, more string) (int, map[string]any) {
	return func(path, more string) (int, map[string]any) {
		body := fmt.Sprintf(`{"client_id": %q, "secret": %q, "access_token": %q%s}`, srv.Client.ClientID, srv.Made["sandbox"], access, more)
		rec := httptest.NewRecorder()
		srv.Handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(body)))
		var answer map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		return rec.Code, answer
	}
}

func productsOf(answer map[string]any, list string) string {
	return fmt.Sprint(answer["item"].(map[string]any)[list])
}

// A consented product is added by the first call of one of its endpoints, and the Item shows it from then on.
func TestConsentedProductIsAddedByItsFirstCall(t *testing.T) {
	srv := mustOpen(t, config(t.TempDir()))
	defer mustClose(t, srv)
	post := consented(t, srv)

	_, before := post("/item/get", "")
	if got := productsOf(before, "products") + productsOf(before, "consented_products"); got != "[transactions][investments transactions]" {
		t.Fatalf("before: %s", got)
	}
	if !strings.Contains(productsOf(before, "available_products"), "investments") {
		t.Errorf("before: investments is not available: %v", before)
	}
	status, holdings := post("/investments/holdings/get", "")
	if status != 200 || len(holdings["holdings"].([]any)) != 13 || productsOf(holdings, "products") != "[investments transactions]" {
		t.Fatalf("first call: %d %v", status, productsOf(holdings, "products"))
	}
	_, after := post("/item/get", "")
	if got := productsOf(after, "billed_products"); got != "[investments transactions]" {
		t.Errorf("after: billed %s", got)
	}
	if strings.Contains(productsOf(after, "available_products"), "investments ") {
		t.Errorf("after: investments is available and billed: %v", after)
	}
}

// With async_update the history is fetched beside: until it is there everything that needs it is PRODUCT_NOT_READY.
func TestAsyncUpdateAnswersBeforeTheHistoryIsThere(t *testing.T) {
	srv := mustOpen(t, config(t.TempDir()))
	defer mustClose(t, srv)
	post := consented(t, srv)
	request := `, "start_date": "2024-11-20", "end_date": "2026-11-20", "options": {"async_update": true}`

	status, first := post("/investments/transactions/get", request)
	if status != 400 || first["error_code"] != "PRODUCT_NOT_READY" {
		t.Fatalf("first call: %d %v", status, first)
	}
	for path, more := range map[string]string{"/investments/transactions/get": `, "start_date": "2024-11-20", "end_date": "2026-11-20"`, "/investments/refresh": ""} {
		if status, answer := post(path, more); status != 400 || answer["error_code"] != "PRODUCT_NOT_READY" {
			t.Errorf("%s while it comes: %d %v", path, status, answer)
		}
	}
	if _, err := srv.Jobs.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	status, later := post("/investments/transactions/get", request)
	if status != 200 || fmt.Sprint(later["total_investment_transactions"]) != "1167" {
		t.Fatalf("later: %d %v", status, later["total_investment_transactions"])
	}
}

// Acts at the bank of an Item that is removed meanwhile find no Item, and do not fail in a way that nobody can explain.
func TestActsAtTheBankOfARemovedItem(t *testing.T) {
	srv := mustOpen(t, config(t.TempDir()))
	defer mustClose(t, srv)
	tenant := store.Tenant{Client: srv.Client.ClientID, Environment: "sandbox"}
	linked, err := srv.Items.Link(t.Context(), tenant, item.LinkRequest{
		InstitutionID: "ins_109508", Username: "user_good", Password: "pass_good", Products: []string{"transactions"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Items.Remove(t.Context(), linked.Item); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"open":    srv.Connections.OpenAccount(t.Context(), linked.Item, connector.SimulatedAccount{Type: "depository", Subtype: "savings", Name: "x"}),
		"consent": srv.Connections.RevokeConsent(t.Context(), linked.Item),
		"create":  srv.Connections.CreateTransactions(t.Context(), linked.Item, nil),
	} {
		var pe *plaid.Error
		if !errors.As(err, &pe) || pe.Code != "ITEM_NOT_FOUND" {
			t.Errorf("%s: %v, want ITEM_NOT_FOUND", name, err)
		}
	}
}
