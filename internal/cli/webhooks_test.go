package cli_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A server delivers by itself, to a receiver on its own machine; commands beside it list, show and replay, and change the key.
func TestWebhooksBesideARunningServer(t *testing.T) {
	received := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received <- r.Header.Get("Plaid-Verification") }))
	defer receiver.Close()
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil, "--instant")
	id, secrets := printed(t, s.greeting)
	status, code := s.post("/sandbox/public_token/create", `{"client_id":"`+id+`","secret":"`+secrets["sandbox"]+
		`","institution_id":"ins_109508","initial_products":["transactions"],"options":{"webhook":"`+receiver.URL+`"}}`)
	if status != 200 {
		t.Fatalf("%d %s", status, code)
	}
	await := func() string {
		t.Helper()
		select {
		case token := <-received:
			return token
		case <-time.After(30 * time.Second):
			t.Fatal("no webhook came")
			return ""
		}
	}
	await()
	await()
	sandbox := []string{"--environment", "sandbox", "--data", s.data}
	run := func(args ...string) outcome {
		return weft(t, nil, append(append([]string{"webhooks"}, args...), sandbox...)...)
	}
	// recorded is the id of a webhook that has been delivered so many times. A receiver has it some moments before that is written down.
	recorded := func(times string) string {
		t.Helper()
		late := time.After(30 * time.Second)
		for {
			list := run("list").succeeds(t)
			if hook := regexp.MustCompile(`(?m)^(\w+) .*INITIAL_UPDATE +` + times + ` +delivered$`).FindStringSubmatch(list.out); hook != nil {
				return hook[1]
			}
			select {
			case <-late:
				t.Fatalf("list:\n%s", list.out)
			default:
			}
		}
	}
	hook := recorded("1")
	if shown := run("show", hook).succeeds(t); !strings.Contains(shown.out, `"webhook_code": "INITIAL_UPDATE"`) || !strings.Contains(shown.out, "200") {
		t.Errorf("show:\n%s", shown.out)
	}
	rotated := weft(t, nil, "webhooks", "rotate-key", "--data", s.data).succeeds(t)
	if !strings.Contains(rotated.out, "from now on") {
		t.Errorf("rotate-key:\n%s", rotated.out)
	}
	run("replay", hook).succeeds(t)
	await()
	recorded("2") // what waits is passed over by the next
	run("replay", "--from", "2020-01-01", "--to", "2100-01-01").succeeds(t)
	await()
	await()
	run("replay").fails(t, "nothing named", 2, "WEBHOOK_ID")
	run("replay", "--from", "noon", "--to", "later").fails(t, "no times", 2, "--from")
	run("list", "--limit", "-1").fails(t, "fewer than one", 2, "--limit must be at least 1")
	run("list", "--state", "lost").fails(t, "no state", 2, `--state "lost" is not pending, delivered or dead`)
	run("show", "nothing").fails(t, "an unknown one", 1, "there is no webhook")
	weft(t, nil, "serve", "--webhook-retries", "never", "--data", s.data).fails(t, "no kind of retries", 2, "--webhook-retries")
}

// A login that has ended while no server ran has ended when one runs again.
func TestLoginsEndWhileNoServerRuns(t *testing.T) {
	received := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			body = []byte(err.Error())
		}
		received <- string(body)
	}))
	defer receiver.Close()
	data, env := filepath.Join(t.TempDir(), "data"), []string{"WEFT_SANDBOX_LOGIN_DAYS=20"}
	s := serve(t, data, env, "--now", "2026-01-01")
	id, secrets := printed(t, s.greeting)
	status, answer := s.post("/sandbox/public_token/create", `{"client_id":"`+id+`","secret":"`+secrets["sandbox"]+
		`","institution_id":"ins_109508","initial_products":["auth"],"options":{"webhook":"`+receiver.URL+`"}}`)
	if status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
	s.stop()
	serve(t, data, env, "--now", "2026-01-22")
	select {
	case body := <-received:
		if !strings.Contains(body, `"webhook_code": "ERROR"`) || !strings.Contains(body, "ITEM_LOGIN_REQUIRED") {
			t.Errorf("told %s", body)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no webhook came")
	}
}
