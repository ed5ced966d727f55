package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/store/storetest"
)

// hookLinks is how long it takes a program to link an Item of a server whose delays are off: from the public token through its
// exchange and all pages of /transactions/sync to the webhook HISTORICAL_UPDATE, one Item after the other.
func hookLinks(t *testing.T, engine string, h hooks) string {
	address := startInstant(t, engine)
	told := &history{told: map[string]chan struct{}{}}
	s := newSink(t, told.took)
	var all []time.Duration
	for n := range h.links + 1 {
		start := time.Now()
		told.await(linkOne(t, address, s.at(0)))
		if n > 0 { // the first one makes the key
			all = append(all, time.Since(start))
		}
	}
	return latencyLine("public token to HISTORICAL_UPDATE", all, nil, linkMark)
}

// history is of which Items HISTORICAL_UPDATE has come.
type history struct {
	mu   sync.Mutex
	told map[string]chan struct{}
}

func (h *history) of(item string) chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.told[item] == nil {
		h.told[item] = make(chan struct{})
	}
	return h.told[item]
}

func (h *history) await(item string) { <-h.of(item) }

func (h *history) took(body []byte) {
	var w struct {
		Code   string `json:"webhook_code"`
		ItemID string `json:"item_id"`
	}
	if json.Unmarshal(body, &w) == nil && w.Code == "HISTORICAL_UPDATE" {
		close(h.of(w.ItemID))
	}
}

// linkOne links an Item, reads all of its transactions, and returns its id.
func linkOne(t *testing.T, address, receiver string) string {
	var made struct {
		PublicToken string `json:"public_token"`
		AccessToken string `json:"access_token"`
		ItemID      string `json:"item_id"`
		NextCursor  string `json:"next_cursor"`
		HasMore     bool   `json:"has_more"`
	}
	ask(t, address, "/sandbox/public_token/create", fmt.Sprintf(`{"institution_id":"ins_109508","initial_products":["transactions"],"options":{"webhook":%q}}`, receiver), &made)
	ask(t, address, "/item/public_token/exchange", fmt.Sprintf(`{"public_token":%q}`, made.PublicToken), &made)
	for more := true; more; more = made.HasMore {
		ask(t, address, "/transactions/sync", fmt.Sprintf(`{"access_token":%q,"cursor":%q,"count":500}`, made.AccessToken, made.NextCursor), &made)
	}
	if made.NextCursor == "" {
		t.Fatal("nothing was synced")
	}
	return made.ItemID
}

func ask(t *testing.T, address, path, body string, into any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+path, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "PLAID-CLIENT-ID": clientID, "PLAID-SECRET": secret} {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %.300s %v", path, res.StatusCode, text, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// startInstant serves an empty database, with the delays of banks off.
func startInstant(t *testing.T, engine string) string {
	t.Helper()
	dir, database := t.TempDir(), ""
	if engine == "postgres" {
		database = storetest.Durable(t)
	}
	weft := binary(t, "weft/cmd/weft")
	cmd := exec.Command(weft, "serve", "--listen", "127.0.0.1:0", "--log-level", "error", "--rate-limits", "off", "--instant")
	cmd.Env = append(os.Environ(), "WEFT_DATA="+filepath.Join(dir, "data"), "WEFT_DATABASE="+database, "WEFT_CLIENT_ID="+clientID, "WEFT_SANDBOX_SECRET="+secret)
	serves := regexp.MustCompile(`serves at http://(\S+)`)
	return started(t, cmd, func(line string) string {
		if m := serves.FindStringSubmatch(line); m != nil {
			return strings.TrimSuffix(m[1], "/")
		}
		return ""
	})
}
