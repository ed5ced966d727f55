package contract

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/item"
	"weft/internal/needs"
	"weft/internal/server"
	"weft/internal/store"
	"weft/wefttest"
)

// webhookSchemas are the published file's schemas of the webhooks that the server can send.
var webhookSchemas = map[string]string{
	"TRANSACTIONS INITIAL_UPDATE":                "InitialUpdateWebhook",
	"TRANSACTIONS HISTORICAL_UPDATE":             "HistoricalUpdateWebhook",
	"TRANSACTIONS DEFAULT_UPDATE":                "DefaultUpdateWebhook",
	"TRANSACTIONS TRANSACTIONS_REMOVED":          "TransactionsRemovedWebhook",
	"TRANSACTIONS SYNC_UPDATES_AVAILABLE":        "SyncUpdatesAvailableWebhook",
	"TRANSACTIONS RECURRING_TRANSACTIONS_UPDATE": "RecurringTransactionsUpdateWebhook",
	"HOLDINGS DEFAULT_UPDATE":                    "HoldingsDefaultUpdateWebhook",
	"INVESTMENTS_TRANSACTIONS DEFAULT_UPDATE":    "InvestmentsDefaultUpdateWebhook",
	"INVESTMENTS_TRANSACTIONS HISTORICAL_UPDATE": "InvestmentsHistoricalUpdateWebhook",
	"LIABILITIES DEFAULT_UPDATE":                 "LiabilitiesDefaultUpdateWebhook",
	"STATEMENTS STATEMENTS_REFRESH_COMPLETE":     "StatementsRefreshCompleteWebhook",
	"AUTH DEFAULT_UPDATE":                        "AuthDefaultUpdateWebhook",
	"AUTH AUTOMATICALLY_VERIFIED":                "AutomaticallyVerifiedWebhook",
	"AUTH VERIFICATION_EXPIRED":                  "VerificationExpiredWebhook",
	"AUTH SMS_MICRODEPOSITS_VERIFICATION":        "HostedMMDVerificationWebhook",
	"IDENTITY DEFAULT_UPDATE":                    "IdentityDefaultUpdateWebhook",
	"ASSETS PRODUCT_READY":                       "AssetsProductReadyWebhook",
	"ASSETS ERROR":                               "AssetsErrorWebhook",
	"ITEM ERROR":                                 "ItemErrorWebhook",
	"ITEM LOGIN_REPAIRED":                        "ItemLoginRepairedWebhook",
	"ITEM NEW_ACCOUNTS_AVAILABLE":                "NewAccountsAvailableWebhook",
	"ITEM PENDING_DISCONNECT":                    "PendingDisconnectWebhook",
	"ITEM USER_PERMISSION_REVOKED":               "UserPermissionRevokedWebhook",
	"ITEM USER_ACCOUNT_REVOKED":                  "UserAccountRevokedWebhook",
	"ITEM WEBHOOK_UPDATE_ACKNOWLEDGED":           "WebhookUpdateAcknowledgedWebhook",
	"LINK ITEM_ADD_RESULT":                       "ItemAddResultWebhook",
	"LINK SESSION_FINISHED":                      "LinkSessionFinishedWebhook",
	"LINK EVENTS":                                "LinkEventsWebhook",

	// Without an item_id: those of processors.
	"PROCESSOR_TOKEN WEBHOOK_UPDATE_ACKNOWLEDGED":            "ProcessorTokenWebhookUpdate",
	"TRANSACTIONS INITIAL_UPDATE (processor)":                "ProcessorInitialUpdateWebhook",
	"TRANSACTIONS HISTORICAL_UPDATE (processor)":             "ProcessorHistoricalUpdateWebhook",
	"TRANSACTIONS DEFAULT_UPDATE (processor)":                "ProcessorDefaultUpdateWebhook",
	"TRANSACTIONS TRANSACTIONS_REMOVED (processor)":          "ProcessorTransactionsRemovedWebhook",
	"TRANSACTIONS SYNC_UPDATES_AVAILABLE (processor)":        "ProcessorSyncUpdatesAvailableWebhook",
	"TRANSACTIONS RECURRING_TRANSACTIONS_UPDATE (processor)": "ProcessorRecurringTransactionsUpdateWebhook",
}

// unpublished are webhooks of which the published file says that there are such, and has no schema.
var unpublished = []string{"ITEM AUTHORIZATION_GRANTED", "ASSETS RELAY_REPORT_RETRIEVED"}

// holdWebhooks holds all webhooks of a client against the file.
func holdWebhooks(t *testing.T, call func(path string, request, out any) error, spec *Spec, held map[string]int) {
	t.Helper()
	for cursor := ""; ; {
		req := map[string]any{"count": 500}
		if cursor != "" {
			req["cursor"] = cursor
		}
		var page struct {
			Webhooks []struct {
				ID   string `json:"webhook_id"`
				Type string `json:"webhook_type"`
				Code string `json:"webhook_code"`
				Item string `json:"item_id"`
			} `json:"webhooks"`
			NextCursor string `json:"next_cursor"`
		}
		if err := call("/weft/webhooks/list", req, &page); err != nil {
			t.Fatal(err)
		}
		for _, w := range page.Webhooks {
			var got struct{ Body string }
			if err := call("/weft/webhooks/get", map[string]any{"webhook_id": w.ID}, &got); err != nil {
				t.Fatal(err)
			}
			name := w.Type + " " + w.Code
			if w.Type == "TRANSACTIONS" && w.Item == "" {
				name += " (processor)"
			}
			held[name]++
			if slices.Contains(unpublished, name) {
				continue
			}
			for _, v := range spec.CheckWebhook(webhookSchemas[name], []byte(got.Body)) {
				t.Errorf("%s: %s\n%s", name, v, got.Body)
			}
		}
		if cursor = page.NextCursor; cursor == "" {
			return
		}
	}
}

// TestWebhooks holds every webhook that scenarios cause, and every one that can be fired, against the published file.
func TestWebhooks(t *testing.T) {
	spec, held := published(t), map[string]int{}
	for _, file := range webhookScenarios(t) {
		t.Run(filepath.Base(filepath.Dir(filepath.Dir(file)))+" "+filepath.Base(file), func(t *testing.T) {
			s := wefttest.NewServer(t)
			s.RunScenario(t, file)
			holdWebhooks(t, s.Call, spec, held)
		})
	}
	hook := map[string]any{"webhook": "https://receiver.example/hook"}
	t.Run("fired", func(t *testing.T) {
		s := wefttest.NewServer(t)
		p := newProbe(s, spec, newTally())
		token := p.link(t, login{products: []string{"transactions", "investments", "auth", "identity", "liabilities", "assets"}, options: hook})
		for name := range webhookSchemas {
			kind, code, _ := strings.Cut(name, " ")
			p.ask(t, "/sandbox/item/fire_webhook", about(token, "webhook_type", kind, "webhook_code", code))
		}
		p.ok(t, "/sandbox/item/fire_webhook", about(token, "webhook_code", "AUTHORIZATION_GRANTED"))
		holdWebhooks(t, s.Call, spec, held)
	})
	t.Run("of refreshes", func(t *testing.T) {
		s := wefttest.NewServer(t)
		p := newProbe(s, spec, newTally())
		token := p.link(t, login{user: "user_transactions_dynamic", password: "x", products: []string{"transactions"}, options: hook})
		p.ok(t, "/transactions/sync", about(token))
		for range 2 {
			p.ok(t, "/transactions/refresh", about(token))
		}
		s.Settle()
		holdWebhooks(t, s.Call, spec, held)
		owing := p.link(t, login{products: []string{"liabilities", "transactions"}, options: hook})
		s.Advance(31 * 24 * time.Hour)
		p.ask(t, "/transactions/refresh", about(owing))
		s.Settle()
		holdWebhooks(t, s.Call, spec, held)
	})
	holdOthers(t, spec, held)
	t.Run("of a history that is fetched beside", func(t *testing.T) { holdWebhooks(t, historyBeside(t), spec, held) })
	for _, name := range slices.Sorted(maps.Keys(webhookSchemas)) {
		t.Logf("%-45s %d held", name, held[name])
	}
	for _, missing := range slices.Sorted(maps.Keys(webhookSchemas)) {
		if held[missing] == 0 {
			t.Errorf("%s was never sent", missing)
		}
	}
}

// holdOthers holds the webhooks of people who trade and move house, and those of processors.
func holdOthers(t *testing.T, spec *Spec, held map[string]int) {
	t.Helper()
	hook := map[string]any{"webhook": "https://receiver.example/hook"}
	t.Run("of a trader's days", func(t *testing.T) {
		s := wefttest.NewServerWith(t, wefttest.Options{LastingLogins: true})
		p := newProbe(s, spec, newTally())
		token := p.link(t, login{user: "user_investor", password: "x", products: []string{"investments"}, options: hook})
		for range 40 {
			s.Advance(24 * time.Hour)
			s.Settle()
		}
		p.readAll(t, token, true, false)
		holdWebhooks(t, s.Call, spec, held)
	})
	t.Run("of processors", func(t *testing.T) {
		holdWebhooks(t, toldProcessor(t, newProbe(wefttest.NewServer(t), spec, newTally())), spec, held)
	})
	t.Run("of owners that change", func(t *testing.T) {
		s := wefttest.NewServer(t)
		p := newProbe(s, spec, newTally())
		token := p.link(t, login{user: "user_yuppie", password: "x", products: []string{"identity"}, options: hook})
		s.Advance(20 * 24 * time.Hour)
		p.ok(t, "/identity/refresh", about(token))
		s.Settle()
		before := held["IDENTITY DEFAULT_UPDATE"]
		holdWebhooks(t, s.Call, spec, held)
		if n := held["IDENTITY DEFAULT_UPDATE"] - before; n != 1 {
			t.Errorf("%d webhooks of owners", n)
		}
	})
}

// toldProcessor has processors told of all that they can be told, and returns how to call as the client that they are.
func toldProcessor(t *testing.T, p *probe) func(path string, request, out any) error {
	t.Helper()
	hook := "https://receiver.example/hook"
	var made struct {
		Token string `json:"processor_token"`
	}
	p.ok(t, "/sandbox/processor_token/create", map[string]any{"institution_id": usBank}).into(t, &made)
	p.ok(t, "/processor/token/webhook/update", ofToken(made.Token, "webhook", hook))
	p.ok(t, "/processor/transactions/sync", ofToken(made.Token)) // the product is added: its history comes
	access := p.link(t, login{user: "user_transactions_dynamic", password: "x", products: []string{"transactions"}, options: map[string]any{"webhook": hook}})
	for _, id := range p.accountIDs(t, access) {
		p.ok(t, "/processor/token/create", about(access, "account_id", id, "processor", "dwolla")).into(t, &made)
		p.ok(t, "/processor/token/webhook/update", ofToken(made.Token, "webhook", hook))
		p.ok(t, "/processor/transactions/sync", ofToken(made.Token))
	}
	for range 2 {
		p.ok(t, "/processor/transactions/refresh", ofToken(made.Token))
	}
	p.ok(t, "/sandbox/item/fire_webhook", about(access, "webhook_code", "RECURRING_TRANSACTIONS_UPDATE"))
	return p.Call
}

// historyBeside asks with async_update for the history of an Item whose user has consented to it, which no request can make, and
// returns how to call that server.
func historyBeside(t *testing.T) func(path string, request, out any) error {
	t.Helper()
	s, err := server.New(t.Context(), server.Config{Storage: server.Storage{DataDir: t.TempDir(), Exclusive: true}, Listen: "127.0.0.1:0",
		Clock: clock.NewManual(wefttest.Start), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	tenant := store.Tenant{Client: s.Client.ClientID, Environment: "sandbox"}
	linked, err := s.Items.Link(t.Context(), tenant, item.LinkRequest{InstitutionID: usBank, Username: "user_good", Password: "pass_good",
		Products: []string{"transactions"}, Consented: []string{"investments"}, Webhook: "https://receiver.example/hook"})
	if err != nil {
		t.Fatal(err)
	}
	access, _, err := s.Items.Exchange(t.Context(), tenant, linked.PublicToken)
	if err != nil {
		t.Fatal(err)
	}
	call := func(path string, request, out any) error {
		req := httptest.NewRequestWithContext(t.Context(), "POST", path, bytes.NewReader(bodyOf(t, request)))
		req.Header = http.Header{"Plaid-Client-Id": {tenant.Client}, "Plaid-Secret": {s.Made["sandbox"]}}
		rec := httptest.NewRecorder()
		s.Handler.ServeHTTP(rec, req)
		return json.Unmarshal(rec.Body.Bytes(), out)
	}
	var refused wefttest.Error
	err = call("/investments/transactions/get", about(access, "start_date", "2024-11-20", "end_date", "2026-11-20", "options", map[string]any{"async_update": true}), &refused)
	if err != nil || refused.Code != "PRODUCT_NOT_READY" {
		t.Fatalf("%+v, %v", refused, err)
	}
	if _, err := s.Jobs.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	return call
}

// webhookScenarios are the scenarios in which webhooks are sent.
func webhookScenarios(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(needs.Root(t), "internal"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(filepath.Dir(path)) != "testdata" || filepath.Ext(path) != ".txt" {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), "\n> /") && strings.Contains(string(text), `"webhook"`) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scenarios, %v", len(files), err)
	}
	return files
}
