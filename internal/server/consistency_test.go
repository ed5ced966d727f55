package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"weft/internal/seal"
	"weft/internal/server"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// The documentation_url of an error leads to a page that explains its code.
func TestDocumentationURLExplainsTheCode(t *testing.T) {
	s := wefttest.NewServer(t)
	err := s.Call("/accounts/get", map[string]any{"access_token": "x"}, nil)
	var e *wefttest.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	res, err := http.Get(e.DocumentationURL)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 || !strings.Contains(string(page), e.Code) || !strings.Contains(string(page), *e.SuggestedAction) {
		t.Errorf("%s: %d %s %v", e.DocumentationURL, res.StatusCode, page, err)
	}
}

// A path that only looks like one of ours is answered in the contract's shape, not by a redirect.
func TestUncleanPathsAreNotFound(t *testing.T) {
	s := wefttest.NewServer(t)
	for _, path := range []string{"//accounts/get", "/accounts//get", "/accounts/get/", "/accounts/../accounts/get"} {
		err := s.Call(path, map[string]any{}, nil)
		var e *wefttest.Error
		if !errors.As(err, &e) || e.Code != "NOT_FOUND" || e.RequestID == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A seeded server goes on with the data of an earlier start: it mints no id twice.
func TestSeededServerGoesOnWithItsData(t *testing.T) {
	dir := t.TempDir()
	seen := map[string]bool{}
	for range 4 {
		s := wefttest.NewServerWith(t, wefttest.Options{DataDir: dir})
		for range 2 {
			item := s.MustLink("ins_109508", "investments")
			if seen[item.ItemID] || seen[item.AccessToken] {
				t.Fatalf("%s or its token was minted before", item.ItemID)
			}
			seen[item.ItemID], seen[item.AccessToken] = true, true
		}
		s.Stop()
	}
}

// Of two servers with keys of their own, the first to use an empty PostgreSQL database is the one that it belongs to.
func TestOneKeyPerDatabase(t *testing.T) {
	url := storetest.PostgresURL(t)
	first, second := config(t.TempDir()), config(t.TempDir())
	first.Storage.DatabaseURL, second.Storage.DatabaseURL = url, url
	var wg sync.WaitGroup
	servers, failures := make([]*server.Server, 2), make([]error, 2)
	for i, cfg := range []server.Config{first, second} {
		wg.Go(func() { servers[i], failures[i] = server.New(t.Context(), cfg) })
	}
	wg.Wait()
	started := 0
	for i, srv := range servers {
		if failures[i] == nil {
			started++
			mustClose(t, srv)
		} else if !errors.Is(failures[i], server.ErrWrongKey) && !errors.Is(failures[i], seal.ErrNoKeyFile) {
			t.Errorf("refused by %v", failures[i])
		}
	}
	if started != 1 {
		t.Fatalf("%d of two servers started", started)
	}
	for i, cfg := range []server.Config{first, second} {
		_, err := os.Stat(cfg.Storage.KeyFile())
		if (err == nil) != (failures[i] == nil) {
			t.Errorf("server %d: start %v, key file %v", i, failures[i], err)
		}
	}
}

// Whatever is written meanwhile, a page is of one state: its total fits its rows, and a removed Item is ITEM_NOT_FOUND.
func TestPagesAreNotTorn(t *testing.T) {
	for _, noCache := range []bool{false, true} {
		s := wefttest.NewServerWith(t, wefttest.Options{NoCache: noCache})
		for range 4 {
			tearAt(t, s)
		}
	}
}

func tearAt(t *testing.T, s *wefttest.Server) {
	item := s.MustLink("ins_109508", "investments")
	request := map[string]any{
		"access_token": item.AccessToken, "start_date": "2024-01-01", "end_date": "2026-12-31", "options": map[string]any{"count": 500},
	}
	var wg sync.WaitGroup
	reading := make(chan struct{}, 4)
	for range 4 {
		wg.Go(func() {
			for first := true; ; first = false {
				status, body, err := s.Post("/investments/transactions/get", request, nil)
				if err != nil {
					t.Error(err)
					return
				}
				if first {
					reading <- struct{}{}
				}
				var answer struct {
					Rows  []json.RawMessage `json:"investment_transactions"`
					Total int               `json:"total_investment_transactions"`
					Code  string            `json:"error_code"`
				}
				if err := json.Unmarshal(body, &answer); err != nil {
					t.Error(err)
					return
				}
				if status != 200 {
					if answer.Code != "ITEM_NOT_FOUND" {
						t.Errorf("%d %s", status, body)
					}
					return
				}
				if answer.Total != 1167 || len(answer.Rows) != 500 {
					t.Errorf("total %d, %d rows", answer.Total, len(answer.Rows))
				}
			}
		})
	}
	for range 4 {
		<-reading
	}
	item.MustRemove()
	wg.Wait()
}

// What a client repeats in a list costs nothing: the answer is that for the list without repetitions.
func TestRepeatedAccountIDs(t *testing.T) {
	s := wefttest.NewServer(t)
	item := s.MustLink("ins_109508", "investments")
	id := item.MustHoldings().Holdings[0].AccountID
	var statements sync.Map
	for n := range 300 {
		ids := strings.Split(strings.Repeat(id+",", n+1), ",")[:n+1]
		var answer struct {
			Total int `json:"total_investment_transactions"`
		}
		err := item.Call("/investments/transactions/get", map[string]any{
			"start_date": "2024-01-01", "end_date": "2026-12-31", "options": map[string]any{"account_ids": ids, "count": 1},
		}, &answer)
		if err != nil {
			t.Fatal(err)
		}
		statements.Store(fmt.Sprint(answer.Total), true)
	}
	n := 0
	statements.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d different totals", n)
	}
}
