package server_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/limit"
	"weft/internal/needs"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// limited sends requests until one is refused, and returns how many were let through and the refusal's code.
func limited(t *testing.T, call func() error) (n int, code string) {
	t.Helper()
	for ; n < 100_000; n++ {
		var e *wefttest.Error
		if err := call(); errors.As(err, &e) && e.Status == 429 {
			if e.Type != "RATE_LIMIT_EXCEEDED" || !strings.HasPrefix(e.Message, "rate limit exceeded") || e.RequestID == "" {
				t.Fatalf("the refusal is %+v", e)
			}
			return n, e.Code
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("no request is refused")
	return 0, ""
}

func TestRateLimits(t *testing.T) {
	for engine, o := range map[string]wefttest.Options{"sqlite": {RateLimits: 1}, "postgres": {RateLimits: 1, Database: storetest.PostgresURL(t)}} {
		t.Run(engine, func(t *testing.T) {
			s := wefttest.NewServerWith(t, o)
			item, other := s.MustLink("ins_109508", "investments"), s.MustLink("ins_109508", "investments")
			for range 2 {
				n, code := limited(t, func() error { return item.Call("/item/get", nil, nil) })
				if n != 40 || code != "ITEM_GET_LIMIT" {
					t.Errorf("of /item/get %d requests are let through, and then %s", n, code)
				}
				s.Advance(time.Minute)
			}
			if n, code := limited(t, func() error { return item.Call("/investments/refresh", nil, nil) }); n != 1 || code != "RATE_LIMIT" {
				t.Errorf("of /investments/refresh %d requests are let through, and then %s", n, code)
			}
			other.MustRefresh() // another Item's limit is its own
			list := map[string]any{"count": 1, "offset": 0, "country_codes": []string{"US"}}
			if n, code := limited(t, func() error { return s.Call("/institutions/get", list, nil) }); n != 10 || code != "INSTITUTIONS_GET_LIMIT" {
				t.Errorf("of /institutions/get %d requests are let through, and then %s", n, code)
			}
			through := 0
			for strings.Contains(tell(t, s, wefttest.ProductionSecret, "/network/status/get", `{"user":{"phone_number":"+14155550123"}}`), `"UNKNOWN"`) {
				through++
			}
			if through != 1000 {
				t.Errorf("of /network/status/get %d requests are let through", through)
			}
			if err := s.NewClient().Call("/institutions/get", list, nil); err != nil {
				t.Errorf("another client: %v", err)
			}
		})
	}
}

// Two servers on one database count together.
func TestRateLimitsOfServersThatShareADatabase(t *testing.T) {
	o := wefttest.Options{RateLimits: 1, Database: storetest.PostgresURL(t), DataDir: t.TempDir()}
	first := wefttest.NewServerWith(t, o)
	o.Seed = "another"
	second := wefttest.NewServerWith(t, o)
	item := first.MustLink("ins_109508", "investments")
	at := map[bool]*wefttest.Server{true: first, false: second}
	turn := false
	n, code := limited(t, func() error {
		turn = !turn
		return at[turn].Call("/accounts/get", map[string]any{"access_token": item.AccessToken}, nil)
	})
	if n != 100 || code != "ACCOUNTS_LIMIT" {
		t.Errorf("%d requests are let through, and then %s", n, code)
	}
}

// A restart is no way around a limit.
func TestRateLimitsOutliveARestart(t *testing.T) {
	o := wefttest.Options{RateLimits: 1, DataDir: t.TempDir()}
	first := wefttest.NewServerWith(t, o)
	item := first.MustLink("ins_109508", "investments")
	for range 30 {
		item.MustGet()
	}
	first.Stop()
	second := wefttest.NewServerWith(t, o)
	n, _ := limited(t, func() error { return second.Call("/item/get", map[string]any{"access_token": item.AccessToken}, nil) })
	if n != 10 {
		t.Errorf("after 30 of 40 requests and a restart %d are let through", n)
	}
}

// Requests that name nobody's Item, or a wrong secret, use up nobody's limit.
func TestWhatIsRefusedBeforeIsNotCounted(t *testing.T) {
	s := wefttest.NewServerWith(t, wefttest.Options{RateLimits: 1})
	item := s.MustLink("ins_109508", "investments")
	stranger := s.NewClient()
	for range 50 {
		if err := stranger.Call("/item/get", map[string]any{"access_token": item.AccessToken}, nil); err == nil {
			t.Fatal("another client reads the Item")
		}
	}
	if n, _ := limited(t, func() error { return item.Call("/item/get", nil, nil) }); n != 40 {
		t.Errorf("%d requests are let through", n)
	}
}

// Each limit is of a published operation, and its codes are in the catalogue.
func TestLimitsAreOfPublishedOperations(t *testing.T) {
	routes := wefttest.NewServer(t).Routes()
	served := 0
	for _, r := range limit.Table {
		if slices.Contains(routes, r.Path) {
			served++
		}
		if strings.HasPrefix(r.Path, "/weft/") || r.Production.Client == 0 { // of the sandbox not all figures are documented
			t.Errorf("%+v", r)
		}
	}
	if served < 13 {
		t.Errorf("only %d limits are of operations that there are", served)
	}
	spec, err := os.ReadFile(needs.Shared(t, "plaid/2020-09-14.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range limit.Table {
		if !strings.Contains(string(spec), "\n  "+r.Path+":\n") {
			t.Errorf("%s is not published", r.Path)
		}
	}
}
