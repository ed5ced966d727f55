package cli_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weft/internal/clock"
)

// What one server writes the two others read at once, although each has cached what was before.
func TestServersReadEachOthersWrites(t *testing.T) {
	const rounds = 20
	c, r := newCluster(t, "--instant", "--rate-limits", "off"), newReceivers(t, 1, true)
	access := c.link(0, "")
	token := fmt.Sprintf(`{"access_token":%q}`, access)
	cursor := c.sync(0, access, "").cursor
	for n := range rounds {
		balances := make([]string, 3)
		for i := range c.servers { // everything is cached everywhere
			c.sync(i, access, cursor)
			c.must(i, "/item/get", token, nil)
			c.must(i, "/accounts/get", token, nil)
		}
		name, address := fmt.Sprintf("SHOP NUMBER %d", n), fmt.Sprintf("%s/%d", r.urls[0], n)
		c.must(n, "/sandbox/transactions/create", creation(access, name, clock.System{}.Now()), nil)
		for i := n + 1; i < n+3; i++ {
			if told := c.sync(i, access, cursor); told.names[name] != 1 {
				t.Errorf("server %d tells of %q %d times after it was made at server %d", i%3, name, told.names[name], n%3)
			}
		}
		c.must(n+1, "/item/webhook/update", fmt.Sprintf(`{"access_token":%q,"webhook":%q}`, access, address), nil)
		c.must(n+2, "/transactions/refresh", token, nil)
		var next [3]changed
		for i := range c.servers {
			var item struct{ Item struct{ Webhook string } }
			if c.must(i, "/item/get", token, &item); item.Item.Webhook != address {
				t.Errorf("server %d tells of the webhook %s, not %s", i, item.Item.Webhook, address)
			}
			var accounts struct{ Accounts json.RawMessage }
			c.must(i, "/accounts/get", token, &accounts)
			balances[i], next[i] = string(accounts.Accounts), c.sync(i, access, cursor)
		}
		for i := range c.servers {
			if balances[i] != balances[0] || fmt.Sprint(next[i].names) != fmt.Sprint(next[0].names) || next[i].cursor != next[0].cursor {
				t.Errorf("round %d: servers disagree: %s %v and %s %v", n, balances[0], next[0], balances[i], next[i])
			}
		}
		cursor = next[0].cursor
	}
}

// Of the requests that are spread over three servers as many are let through in a minute as one server would let through.
func TestServersShareALimit(t *testing.T) {
	const limit, requests = 40, 75
	c := newCluster(t, "--instant")
	for try := 1; ; try++ {
		access := c.link(try, "")
		minute := clock.System{}.Now().Truncate(time.Minute)
		var through, refused atomic.Int64
		var clients sync.WaitGroup
		for i := range 5 {
			clients.Go(func() {
				for n := range requests / 5 {
					a, err := c.servers[(i+n)%3].ask(t.Context(), "/item/get", fmt.Sprintf(`{"access_token":%q}`, access))
					switch {
					case err == nil && a.status == http.StatusOK:
						through.Add(1)
					case err == nil && a.status == http.StatusTooManyRequests && strings.Contains(a.body, "ITEM_GET_LIMIT"):
						refused.Add(1)
					default:
						t.Error(a, err)
					}
				}
			})
		}
		clients.Wait()
		if now := (clock.System{}).Now(); !now.Truncate(time.Minute).Equal(minute) && try < 5 { // the next minute has a limit of its own
			continue
		}
		if through.Load() != limit || refused.Load() != requests-limit {
			t.Errorf("%d let through and %d refused, want %d and %d", through.Load(), refused.Load(), limit, requests-limit)
		}
		return
	}
}

// A session of Link that is begun at one server goes on at the others, step by step; its public token and what it has told are
// known everywhere. Every server tells the key of webhooks that any of them has signed.
func TestServersShareSessionsAndKeys(t *testing.T) {
	c, r := newCluster(t, "--instant", "--rate-limits", "off"), newReceivers(t, 1, true)
	var made struct {
		LinkToken   string `json:"link_token"`
		AccessToken string `json:"access_token"`
	}
	for n := range 3 {
		c.must(n, "/link/token/create", fmt.Sprintf(`{"client_name":"App","language":"en","country_codes":["US"],"products":["transactions"],`+
			`"user":{"client_user_id":"u"},"webhook":%q}`, r.urls[0]+"/"+fmt.Sprint(n)), &made)
		public := c.walkThroughLink(n, made.LinkToken)
		c.must(n+1, "/item/public_token/exchange", fmt.Sprintf(`{"public_token":%q}`, public), &made)
		for i := range c.servers {
			var got struct {
				Sessions []struct {
					Success struct {
						PublicToken string `json:"public_token"`
					} `json:"on_success"`
				} `json:"link_sessions"`
			}
			if c.must(i, "/link/token/get", fmt.Sprintf(`{"link_token":%q}`, made.LinkToken), &got); len(got.Sessions) != 1 || got.Sessions[0].Success.PublicToken != public {
				t.Errorf("server %d tells of the session %+v", i, got)
			}
		}
		c.must(n+2, "/sandbox/item/fire_webhook", fmt.Sprintf(`{"access_token":%q,"webhook_code":"LOGIN_REPAIRED"}`, made.AccessToken), nil)
	}
	for fired := 0; fired < 3; {
		h := r.next(t, "a webhook of every server")
		for i, s := range c.servers {
			if err := (&program{server: &running{url: s.url}}).verify(h.signature, []byte(h.body)); err != nil {
				t.Errorf("by the key that server %d tells: %v", i, err)
			}
		}
		if strings.Contains(h.body, "LOGIN_REPAIRED") {
			fired++
		}
	}
}

// walkThroughLink goes through Link as a person does, with every step at another server, and returns the public token.
func (c *cluster) walkThroughLink(at int, linkToken string) string {
	c.t.Helper()
	var page struct {
		Key, Pane, HTML string
		Step            int64
		Finished        *struct {
			PublicToken string `json:"public_token"`
		}
	}
	key := ""
	post := func(path, contentType, body string) string {
		req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.servers[at%3].url+path, strings.NewReader(body))
		if err != nil {
			c.t.Fatal(err)
		}
		at++
		req.Header = http.Header{"Content-Type": {contentType}, "Sec-Fetch-Site": {"same-origin"}, "Weft-Link-Session": {key}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			c.t.Fatal(err)
		}
		defer res.Body.Close() //nolint:errcheck // it has been read
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			c.t.Fatalf("%s: %d %s %v", path, res.StatusCode, text, err)
		}
		return string(text)
	}
	parse := func(text string) {
		page.HTML = ""
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			c.t.Fatalf("%v: %s", err, text)
		}
	}
	act := func(name, values string) {
		parse(post("/link/v2/act", "application/json", fmt.Sprintf(`{"name":%q,"step":%d,"values":%s}`, name, page.Step, values)))
		for page.Pane == "loading" {
			parse(post("/link/v2/act", "application/json", fmt.Sprintf(`{"name":"continue","step":%d,"values":{}}`, page.Step)))
		}
	}
	between := func(text, from, to string) string {
		_, rest, _ := strings.Cut(text, from)
		found, _, _ := strings.Cut(rest, to)
		return html.UnescapeString(found)
	}
	form := url.Values{"link_token": {linkToken}, "origin": {"https://app.example"}}
	parse(between(post("/link/v2/open", "application/x-www-form-urlencoded", form.Encode()), `name="weft-link" content="`, `"`))
	key = page.Key
	act("skip", `{}`)
	act("select", `{"institution":["ins_109508"]}`)
	act("submit", `{"username":["user_good"],"password":["pass_good"]}`)
	_, account, _ := strings.Cut(page.HTML, `name="account"`)
	act("choose", fmt.Sprintf(`{"account":[%q]}`, between(account, `value="`, `"`)))
	act("finish", `{}`)
	if page.Finished == nil || page.Finished.PublicToken == "" {
		c.t.Fatalf("Link ends on %s without a public token", page.Pane)
	}
	return page.Finished.PublicToken
}
