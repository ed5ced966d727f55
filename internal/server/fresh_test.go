package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weft/internal/store/storetest"
	"weft/wefttest"
)

// writerAndReader are two ways to one database: the same server on SQLite, two servers on PostgreSQL.
func writerAndReader(t *testing.T, engine string) (writer, reader *wefttest.Server) {
	if engine == "sqlite" {
		s := wefttest.NewServer(t)
		return s, s
	}
	o := wefttest.Options{Database: storetest.PostgresURL(t), DataDir: t.TempDir()}
	writer = wefttest.NewServerWith(t, o)
	o.Seed = "reader" // no two servers mint the same ids
	return writer, wefttest.NewServerWith(t, o)
}

// Whoever has been answered is never contradicted by an older answer, by whichever server: readers find at least what was
// acknowledged before they asked, and never go back.
func TestAnswersAreNeverOlderThanWhatWasAcknowledged(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			writer, reader := writerAndReader(t, engine)
			item := writer.MustLink("ins_109508", "investments")
			var acknowledged, reads atomic.Int64
			var wg sync.WaitGroup
			over := make(chan struct{})
			for range 4 {
				wg.Go(func() {
					for seen := int64(0); ; {
						select {
						case <-over:
							return
						default:
						}
						least := max(seen, acknowledged.Load())
						n, err := webhookNumber(reader, item.AccessToken)
						if err != nil || n < least {
							t.Errorf("read %d after %d was acknowledged or read: %v", n, least, err)
							return
						}
						seen = n
						reads.Add(1)
					}
				})
			}
			for n := range int64(60) {
				if err := item.Call("/item/webhook/update", map[string]any{"webhook": fmt.Sprintf("https://example.com/%d", n+1)}, nil); err != nil {
					t.Error(err)
					break
				}
				acknowledged.Store(n + 1)
				for from := reads.Load(); reads.Load() < from+3 && !t.Failed(); { // some find it in the cache
					runtime.Gosched()
				}
			}
			close(over)
			wg.Wait()
		})
	}
}

// webhookNumber is the number in the webhook's address, as /accounts/get tells it.
func webhookNumber(s *wefttest.Server, token string) (int64, error) {
	var answer struct {
		Item struct {
			Webhook string `json:"webhook"`
		} `json:"item"`
	}
	if err := s.Call("/accounts/get", map[string]any{"access_token": token}, &answer); err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(answer.Item.Webhook[strings.LastIndex(answer.Item.Webhook, "/")+1:], 10, 64)
	if answer.Item.Webhook == "" {
		return 0, nil
	}
	return n, err
}

// What has opened an Item before opens it no more once it has ended, on whichever server it ended.
func TestCredentialsEndAtOnce(t *testing.T) {
	ends := map[string]struct {
		end  func(*testing.T, *wefttest.Server, *wefttest.Item)
		code string
	}{
		"token": {func(t *testing.T, _ *wefttest.Server, i *wefttest.Item) {
			if err := i.Call("/item/access_token/invalidate", nil, nil); err != nil {
				t.Fatal(err)
			}
		}, "INVALID_ACCESS_TOKEN"},
		"item":   {func(_ *testing.T, _ *wefttest.Server, i *wefttest.Item) { i.MustRemove() }, "ITEM_NOT_FOUND"},
		"secret": {func(_ *testing.T, s *wefttest.Server, _ *wefttest.Item) { s.RotateSecret() }, "INVALID_API_KEYS"},
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		for what, c := range ends {
			t.Run(engine+"/"+what, func(t *testing.T) {
				writer, reader := writerAndReader(t, engine)
				item := writer.MustLink("ins_109508", "investments")
				old := *reader
				read := func() error {
					return old.Call("/accounts/get", map[string]any{"access_token": item.AccessToken}, &json.RawMessage{})
				}
				for range 3 {
					if err := read(); err != nil {
						t.Fatal(err)
					}
				}
				c.end(t, writer, item)
				var e *wefttest.Error
				if err := read(); !errors.As(err, &e) || e.Code != c.code {
					t.Errorf("after its end it answers %v, want %s", err, c.code)
				}
			})
		}
	}
}

// A secret that is rotated with an overlap ends when that is over, though nothing is written then.
func TestRotatedSecretsEndWithTheirOverlap(t *testing.T) {
	s := wefttest.NewServer(t)
	item := s.MustLink("ins_109508", "investments")
	old := *s
	s.RotateSecretIn(time.Hour)
	read := func() error {
		return old.Call("/accounts/get", map[string]any{"access_token": item.AccessToken}, &json.RawMessage{})
	}
	for range 3 {
		if err := read(); err != nil {
			t.Fatal(err)
		}
	}
	s.Advance(time.Hour)
	var e *wefttest.Error
	if err := read(); !errors.As(err, &e) || e.Code != "INVALID_API_KEYS" {
		t.Errorf("after the overlap it answers %v", err)
	}
}
