package server_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/wefttest"
)

// What a refresh changes is told, and what it does not change is not.
func TestRefreshesTellWhatTheyChange(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		r := wefttest.NewReceiver(t)
		item := s.MustLinkUser(wefttest.User{Name: "user_investor", Password: "x"}, "ins_109508", "investments")
		if err := item.Call("/item/webhook/update", map[string]any{"webhook": r.URL}, nil); err != nil {
			t.Fatal(err)
		}
		told := func() (codes []string) {
			s.Settle()
			for _, w := range r.Take() {
				codes = append(codes, w.Type+" "+w.Code)
				if w.ItemID != item.ItemID || w.Signature == "" || !bytes.Contains(w.Body, []byte("\n  \"environment\": \"sandbox\"\n}")) {
					t.Errorf("%s %s", w.Body, w.Signature)
				}
			}
			return codes
		}
		if got := told(); !slices.Equal(got, []string{"ITEM WEBHOOK_UPDATE_ACKNOWLEDGED"}) {
			t.Errorf("told %v", got)
		}
		item.MustRefresh()
		if got := told(); len(got) != 0 {
			t.Errorf("nothing has changed, and told is %v", got)
		}
		s.Advance(20 * 24 * time.Hour)
		item.MustRefresh()
		if got := told(); !slices.Equal(got, []string{"HOLDINGS DEFAULT_UPDATE", "INVESTMENTS_TRANSACTIONS DEFAULT_UPDATE"}) {
			t.Errorf("after three weeks told is %v", got)
		}
	})
}

// A client that follows by cursor is told when there is something to fetch, once it has begun to.
func TestSyncUpdatesAreTold(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		r := wefttest.NewReceiver(t)
		item := s.MustLinkUser(wefttest.User{Name: "user_transactions_dynamic", Password: "x"}, "ins_109508", "transactions")
		if err := item.Call("/item/webhook/update", map[string]any{"webhook": r.URL}, nil); err != nil {
			t.Fatal(err)
		}
		refresh := func() (codes []string) {
			if err := item.Call("/transactions/refresh", nil, nil); err != nil {
				t.Fatal(err)
			}
			s.Settle()
			for _, w := range r.Take() {
				codes = append(codes, w.Code)
			}
			return codes
		}
		refresh()
		want := []string{"DEFAULT_UPDATE", "TRANSACTIONS_REMOVED"}
		if got := refresh(); !slices.Equal(got, want) {
			t.Errorf("before a sync: %v", got)
		}
		if err := item.Call("/transactions/sync", nil, nil); err != nil {
			t.Fatal(err)
		}
		if got := refresh(); !slices.Equal(got, append(want, "SYNC_UPDATES_AVAILABLE")) {
			t.Errorf("after a sync: %v", got)
		}
	})
}

// Where Items are paced, the history comes in two steps some time after the Item: first nothing, which is no error to those who
// follow by cursor, then the newest days, then all of it.
func TestPacedHistory(t *testing.T) {
	s := wefttest.NewServerWith(t, wefttest.Options{Paced: true})
	r := wefttest.NewReceiver(t)
	item := s.MustLink("ins_109508", "transactions")
	if err := item.Call("/item/webhook/update", map[string]any{"webhook": r.URL}, nil); err != nil {
		t.Fatal(err)
	}
	var page struct {
		Added  []struct{ Date string }
		Next   string `json:"next_cursor"`
		Status string `json:"transactions_update_status"`
	}
	read := func() {
		page.Added = nil
		if err := item.Call("/transactions/sync", map[string]any{"cursor": page.Next, "count": 500}, &page); err != nil {
			t.Fatal(err)
		}
	}
	told := func() (codes []string) {
		s.Settle()
		for _, w := range r.Take() {
			codes = append(codes, w.Code)
		}
		return codes
	}
	span := map[string]any{"start_date": "2024-01-01", "end_date": "2026-12-31"}
	if err := item.Call("/transactions/get", span, nil); err == nil || !strings.Contains(err.Error(), "PRODUCT_NOT_READY") {
		t.Errorf("before anything has come: %v", err)
	}
	if read(); page.Status != "NOT_READY" || page.Next != "" || len(page.Added) != 0 {
		t.Errorf("before anything has come: %+v", page)
	}
	told()
	s.Advance(6 * time.Second)
	if got := told(); !slices.Equal(got, []string{"INITIAL_UPDATE", "SYNC_UPDATES_AVAILABLE"}) {
		t.Errorf("the first step: %v", got)
	}
	if read(); page.Status != "INITIAL_UPDATE_COMPLETE" || len(page.Added) == 0 || len(page.Added) > 20 || page.Added[0].Date < "2026-10-21" {
		t.Errorf("the first step: %s, %d transactions from %v", page.Status, len(page.Added), page.Added)
	}
	recent := len(page.Added)
	s.Advance(time.Minute)
	if got := told(); !slices.Equal(got, []string{"HISTORICAL_UPDATE", "SYNC_UPDATES_AVAILABLE"}) {
		t.Errorf("the second step: %v", got)
	}
	if read(); page.Status != "HISTORICAL_UPDATE_COMPLETE" || len(page.Added) < recent || page.Added[0].Date < "2026-08-22" {
		t.Errorf("the second step: %s, %d transactions", page.Status, len(page.Added))
	}
	var whole struct {
		Total int `json:"total_transactions"`
	}
	if err := item.Call("/transactions/get", span, &whole); err != nil || whole.Total != recent+len(page.Added) {
		t.Errorf("%d of %d, %v", whole.Total, recent+len(page.Added), err)
	}
}

// A card's next statement is news of what is owed, with the names of what has changed.
func TestStatementsOfCardsAreTold(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		r := wefttest.NewReceiver(t)
		item := s.MustLinkUser(wefttest.User{Name: "user_yuppie", Password: "x"}, "ins_109508", "liabilities", "transactions")
		if err := item.Call("/item/webhook/update", map[string]any{"webhook": r.URL}, nil); err != nil {
			t.Fatal(err)
		}
		s.Settle()
		r.Take()
		s.Advance(3 * 24 * time.Hour) // a card closes on the 22nd
		if err := item.Call("/transactions/refresh", nil, nil); err != nil {
			t.Fatal(err)
		}
		s.Settle()
		for _, w := range r.Take() {
			if w.Type == "LIABILITIES" {
				if !bytes.Contains(w.Body, []byte(`"last_statement_issue_date"`)) || !bytes.Contains(w.Body, []byte(`"account_ids_with_new_liabilities": []`)) {
					t.Errorf("%s", w.Body)
				}
				return
			}
		}
		t.Error("the client was not told of a new statement")
	})
}
