package simplefin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weft/internal/plaid"
)

func TestClaim(t *testing.T) {
	b := newBank(t)
	c := b.connector()
	stored, err := c.Claim(t.Context(), " "+b.token()[:20]+"\n"+strings.TrimRight(b.token()[20:], "=")+"\n")
	if err != nil {
		t.Fatal(err)
	}
	var parts map[string]string
	if err := json.Unmarshal(stored, &parts); err != nil || parts["user"] != canaryUser || parts["password"] != canaryPass || strings.Contains(parts["url"], "@") {
		t.Errorf("%v, %v", parts, err)
	}
	b.conns, b.accounts = []any{connAt("CON-1", "My Bank")}, []map[string]any{accountAt("CON-1", "A", "Checking", "1.00")}
	conn := b.connection("sfin_c_CON-1", nil)
	conn.Credentials = stored
	if batch, err := c.Fetch(t.Context(), conn, wantAt("2026-10-03", "2026-09-03")); err != nil || len(batch.Accounts) != 1 {
		t.Errorf("%v, %v", batch, err)
	}
	// A second claim is refused, and says what to do.
	_, err = c.Claim(t.Context(), b.token())
	pe, ok := errors.AsType[*plaid.Error](err)
	if !ok || pe.Code != "INVALID_CREDENTIALS" || !strings.Contains(pe.Display, "used already") || !strings.Contains(pe.Display, "disable it") {
		t.Errorf("second claim: %v", err)
	}
	clean(t, err.Error(), pe.Display)
}

func TestClaimRefusals(t *testing.T) {
	calls := 0
	var answer http.HandlerFunc
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		answer(w, r)
	}))
	t.Cleanup(srv.Close)
	token := base64.StdEncoding.EncodeToString([]byte(srv.URL + "/claim/" + canaryClaim))
	encode := func(text string) string { return base64.URLEncoding.EncodeToString([]byte(text)) }
	for name, c := range map[string]struct {
		token  string
		answer http.HandlerFunc
		code   plaid.Code
		calls  int
	}{
		"empty":             {"", nil, "INVALID_CREDENTIALS", 0},
		"no base64":         {"%%%", nil, "INVALID_CREDENTIALS", 0},
		"no URL":            {encode("canary-claim-77aa"), nil, "INVALID_CREDENTIALS", 0},
		"http":              {encode("http://bank.example/claim/" + canaryClaim), nil, "INVALID_CREDENTIALS", 0},
		"with a user":       {encode("https://a:b@bank.example/claim/" + canaryClaim), nil, "INVALID_CREDENTIALS", 0},
		"control":           {encode("https://bank.example/\n" + canaryClaim), nil, "INVALID_CREDENTIALS", 0},
		"file":              {encode("file:///etc/passwd"), nil, "INVALID_CREDENTIALS", 0},
		"too long":          {strings.Repeat("a", longestToken+1), nil, "INVALID_CREDENTIALS", 0},
		"not found":         {token, reply(404, canaryClaim), "INVALID_CREDENTIALS", 1},
		"unauthorized":      {token, reply(401, canaryClaim), "INVALID_CREDENTIALS", 1},
		"payment":           {token, reply(402, ""), "INVALID_CREDENTIALS", 1},
		"busy":              {token, reply(429, ""), "INSTITUTION_RATE_LIMIT", 1},
		"down":              {token, reply(503, canaryClaim), "INSTITUTION_NOT_RESPONDING", 1},
		"redirect":          {token, reply(302, "", "Location", "https://evil.example/"), "UNSUPPORTED_RESPONSE", 1},
		"no access URL":     {token, reply(200, "<html>"), "UNSUPPORTED_RESPONSE", 1},
		"http access URL":   {token, reply(200, "http://"+canaryUser+":x@bank.example/"), "UNSUPPORTED_RESPONSE", 1},
		"no password":       {token, reply(200, "https://bank.example/"+canaryPath), "UNSUPPORTED_RESPONSE", 1},
		"endless":           {token, reply(200, strings.Repeat("x", longestAccess+1)), "INSTITUTION_NOT_RESPONDING", 1},
		"broken connection": {token, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "INSTITUTION_NOT_RESPONDING", 1},
	} {
		calls, answer = 0, c.answer
		client := srv.Client()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		_, err := New(client).Claim(t.Context(), c.token)
		pe, ok := errors.AsType[*plaid.Error](err)
		if name == "endless" && ok && pe.Code == "UNSUPPORTED_RESPONSE" {
			pe.Code = "INSTITUTION_NOT_RESPONDING" // either will do
		}
		if !ok || pe.Code != c.code || calls != c.calls {
			t.Errorf("%s: %v after %d calls, want %s", name, err, calls, c.code)
			continue
		}
		clean(t, err.Error(), pe.Message, pe.Display)
	}
}

func TestClaimCancelled(t *testing.T) {
	b := newBank(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.connector().Claim(ctx, b.token()); !errors.Is(err, context.Canceled) || b.claimed {
		t.Error(err)
	}
}

func TestBadCredentials(t *testing.T) {
	for _, stored := range []string{``, `{}`, `null`, `[]`, `{"url":"http://a.example","user":"u"}`, `{"url":"https://u:canary-path-30bd@a.example","user":"u"}`, `{"url":"https://a.example"}`, `{"url":"%zz","user":"u"}`} {
		conn := newBank(t).connection("sfin_c_1", nil)
		conn.Credentials = json.RawMessage(stored)
		_, err := New(nil).Fetch(t.Context(), conn, wantAt("2026-10-03", "2026-09-03"))
		if err == nil {
			t.Errorf("%s is good", stored)
			continue
		}
		clean(t, err.Error())
		if _, err := New(nil).Correct(json.RawMessage(stored), "x", "A", "credit", ""); err == nil {
			t.Errorf("%s can be corrected", stored)
		}
	}
}
