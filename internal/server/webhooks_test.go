package server_test

import (
	"bytes"
	"slices"
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
		s.Advance(60 * 24 * time.Hour)
		item.MustRefresh()
		if got := told(); !slices.Equal(got, []string{"HOLDINGS DEFAULT_UPDATE", "INVESTMENTS_TRANSACTIONS DEFAULT_UPDATE"}) {
			t.Errorf("after two months told is %v", got)
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
