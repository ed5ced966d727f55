package users_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// each runs a test with a server on each engine.
func each(t *testing.T, observe func(string, []any), run func(t *testing.T, s *wefttest.Server)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, wefttest.NewServerWith(t, wefttest.Options{Observe: observe})) })
	t.Run("postgres", func(t *testing.T) {
		run(t, wefttest.NewServerWith(t, wefttest.Options{Observe: observe, Database: storetest.PostgresURL(t)}))
	})
}

func mustCall(t *testing.T, s *wefttest.Server, path string, request, out any) {
	t.Helper()
	if err := s.Call(path, request, out); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func mustUser(t *testing.T, s *wefttest.Server) map[string]any {
	t.Helper()
	var made struct {
		UserID string `json:"user_id"`
	}
	mustCall(t, s, "/user/create", map[string]any{"client_user_id": "u"}, &made)
	return map[string]any{"user_id": made.UserID}
}

// publicToken makes an Item of a user.
func publicToken(s *wefttest.Server, user map[string]any) (string, error) {
	var made struct {
		PublicToken string `json:"public_token"`
	}
	err := s.Call("/sandbox/public_token/create", map[string]any{"institution_id": "ins_109508", "initial_products": []string{"investments"}, "user_id": user["user_id"]}, &made)
	return made.PublicToken, err
}

func exchange(s *wefttest.Server, publicToken string) (accessToken string, err error) {
	var made struct {
		AccessToken string `json:"access_token"`
	}
	err = s.Call("/item/public_token/exchange", map[string]any{"public_token": publicToken}, &made)
	return made.AccessToken, err
}

func codeOf(err error) string {
	var e *wefttest.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// A removal that ends at any of its statements leaves the user with all Items, whole.
func TestRemovalIsWholeOrNothing(t *testing.T) {
	var left atomic.Int64 // how many statements are lived through, while it is positive
	observe := func(query string, _ []any) {
		if query != store.Committing && query != store.Committed && left.Add(-1) == 0 {
			panic("the server has ended")
		}
	}
	each(t, observe, func(t *testing.T, s *wefttest.Server) {
		left.Store(0)
		user := mustUser(t, s)
		var tokens []string
		for range 2 {
			public, err := publicToken(s, user)
			if err != nil {
				t.Fatal(err)
			}
			access, err := exchange(s, public)
			if err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, access)
		}
		ends := 0
		for ; ; ends++ {
			left.Store(int64(ends) + 2) // the first statement is the authorization
			err := s.Call("/user/remove", user, nil)
			left.Store(0)
			if err == nil {
				break
			}
			if codeOf(err) != "INTERNAL_SERVER_ERROR" {
				t.Fatal(err)
			}
			var owned struct {
				Items []any `json:"items"`
			}
			mustCall(t, s, "/user/items/get", user, &owned)
			if len(owned.Items) != len(tokens) {
				t.Fatalf("ended at statement %d, the removal left %d Items", ends, len(owned.Items))
			}
			for _, token := range tokens {
				mustCall(t, s, "/investments/holdings/get", map[string]any{"access_token": token}, nil)
			}
		}
		if ends < 20 {
			t.Errorf("the removal of a user with two Items had only %d statements", ends)
		}
		for _, token := range tokens {
			if err := s.Call("/item/get", map[string]any{"access_token": token}, nil); codeOf(err) != "ITEM_NOT_FOUND" {
				t.Errorf("an Item of the removed user is answered: %v", err)
			}
		}
	})
}

// An Item that is made while its user is removed is gone with the user, or was never made.
func TestNoItemOutlivesItsUser(t *testing.T) {
	each(t, nil, func(t *testing.T, s *wefttest.Server) {
		user := mustUser(t, s)
		var mu sync.Mutex
		var wg sync.WaitGroup
		var tokens []string
		enough := make(chan struct{})
		for range 3 {
			wg.Go(func() {
				for { // until the user is gone
					token, err := publicToken(s, user)
					if err != nil {
						if codeOf(err) != "USER_NOT_FOUND" {
							t.Error(err)
						}
						return
					}
					mu.Lock()
					if tokens = append(tokens, token); len(tokens) == 10 {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
		<-enough
		mustCall(t, s, "/user/remove", user, nil)
		wg.Wait()
		for _, token := range tokens {
			if _, err := exchange(s, token); codeOf(err) != "INVALID_PUBLIC_TOKEN" {
				t.Fatalf("an Item has outlived its user: %v", err)
			}
		}
	})
}
