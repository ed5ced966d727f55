package server_test

import (
	"fmt"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/server"
	"weft/internal/store"
	"weft/wefttest"
)

// repairing is an Item with transactions on a server, which a new login may repair.
type repairing struct {
	*server.Server
	clock  *clock.Manual
	item   item.Item
	tenant store.Tenant
	post   func(path, more string) (int, map[string]any)
}

func newRepairing(t *testing.T, paced bool) *repairing {
	t.Helper()
	c := clock.NewManual(wefttest.Start)
	cfg := config(t.TempDir())
	cfg.Clock, cfg.Paced, cfg.HoldJobs, cfg.SandboxLogin = c, paced, true, 30*24*time.Hour
	srv := mustOpen(t, cfg)
	t.Cleanup(func() { mustClose(t, srv) })
	r := &repairing{Server: srv, clock: c, tenant: store.Tenant{Client: srv.Client.ClientID, Environment: "sandbox"}}
	linked, err := srv.Items.Link(t.Context(), r.tenant, item.LinkRequest{
		InstitutionID: "ins_109508", Username: "user_yuppie", Password: "x", Products: []string{"transactions"},
	})
	if err != nil {
		t.Fatal(err)
	}
	access, _, err := srv.Items.Exchange(t.Context(), r.tenant, linked.PublicToken)
	if err != nil {
		t.Fatal(err)
	}
	r.item, r.post = linked.Item, poster(t, srv, access)
	return r
}

func (r *repairing) repair(t *testing.T) {
	t.Helper()
	opened, err := r.Items.Authenticate(t.Context(), r.tenant, connector.Login{InstitutionID: "ins_109508", Username: "user_yuppie", Password: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Items.Repair(t.Context(), r.item, opened, item.Renewal{}, nil); err != nil {
		t.Fatal(err)
	}
}

// sync follows the Item's transactions to the end, and returns the days of what was added.
func (r *repairing) sync(t *testing.T, cursor string) (next, status string, days []string) {
	t.Helper()
	for more := true; more; {
		code, page := r.post("/transactions/sync", fmt.Sprintf(`, "count": 500, "cursor": %q`, cursor))
		if code != 200 {
			t.Fatalf("%d %v", code, page)
		}
		for _, row := range page["added"].([]any) {
			days = append(days, row.(map[string]any)["date"].(string))
		}
		cursor, more, status = page["next_cursor"].(string), page["has_more"].(bool), page["transactions_update_status"].(string)
	}
	return cursor, status, days
}

// A cursor from before the Item's error goes on after it: what came meanwhile is told, and nothing twice.
func TestCursorsOutliveARepair(t *testing.T) {
	r := newRepairing(t, false)
	before, _, first := r.sync(t, "")
	r.clock.Advance(40 * 24 * time.Hour)
	if _, err := r.Jobs.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if code, answer := r.post("/transactions/sync", ""); code != 400 || answer["error_code"] != "ITEM_LOGIN_REQUIRED" {
		t.Fatalf("%d %v", code, answer)
	}
	r.repair(t)
	_, _, news := r.sync(t, before)
	for _, day := range news {
		if day < "2026-11-15" { // what was pending is posted some days later
			t.Errorf("told again: a transaction of %s", day)
		}
	}
	if _, _, all := r.sync(t, ""); len(first) < 200 || len(news) < 20 || len(all) < len(first) {
		t.Errorf("%d before, %d new, %d in all", len(first), len(news), len(all))
	}
}

// A history that the Item's error has held up comes with the repair.
func TestHistoryComesWithTheRepair(t *testing.T) {
	r := newRepairing(t, true)
	if err := r.Items.ResetLogin(t.Context(), r.tenant, r.item.ID); err != nil {
		t.Fatal(err)
	}
	r.clock.Advance(time.Minute)
	for n := 1; n > 0; {
		var err error
		if n, err = r.Jobs.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.repair(t)
	if _, status, days := r.sync(t, ""); status != "HISTORICAL_UPDATE_COMPLETE" || len(days) < 50 {
		t.Errorf("%s, %d transactions", status, len(days))
	}
}
