package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/store/storetest"
	"weft/wefttest"
)

// tenant is a client with an Item and everything of its own that a request can name.
type tenant struct {
	*wefttest.Server
	item       *wefttest.Item
	public     string
	link       string
	reader     string // an access over SimpleFIN
	webhook    string // the id of one that is waiting
	user       string // a user with an Item
	token      string // of a user of the older kind
	bearer     string // what opens the user's Items by itself
	processor  string // a token for an account of the Item
	report     string // a token of an Asset Report
	copy       string // of its audit copy, which the tenant itself may read
	relay      string // and of a relay of it
	accountIDs []string
	// secrets are texts of the tenant's own that no other tenant may ever see.
	secrets []string
}

func newTenant(t *testing.T, s *wefttest.Server) tenant {
	item := s.MustLink("ins_109508", "identity", "investments", "investments_auth")
	n := tenant{Server: s, item: item, public: s.MustPublicToken(wefttest.Good, "ins_109508", "investments")}
	for _, a := range item.MustAccounts() {
		n.accountIDs = append(n.accountIDs, a.AccountID)
	}
	var link struct {
		LinkToken string `json:"link_token"`
	}
	err := s.Call("/link/token/create", map[string]any{
		"client_name": "program of " + s.ClientID, "language": "en", "country_codes": []string{"US"},
		"user": map[string]any{"client_user_id": "u"}, "products": []string{"investments"},
	}, &link)
	if err != nil {
		t.Fatal(err)
	}
	n.link = link.LinkToken
	var reader struct {
		AccessID string `json:"access_id"`
	}
	if err := s.Call("/weft/simplefin/create", map[string]any{"access_tokens": []string{item.AccessToken}}, &reader); err != nil {
		t.Fatal(err)
	}
	n.reader = reader.AccessID
	if err := s.Call("/weft/insights/settings/update", map[string]any{"enabled": true}, nil); err != nil {
		t.Fatal(err)
	}
	n.user, n.token = n.mustUser(t, map[string]any{"client_user_id": "u", "identity": person}).UserID, n.mustUser(t, map[string]any{"client_user_id": "t", "with_upgraded_user": false}).UserToken
	ofUser := map[string]any{"institution_id": "ins_109508", "initial_products": []string{"auth"}, "user_id": n.user}
	if err := s.Call("/sandbox/public_token/create", ofUser, nil); err != nil {
		t.Fatal(err)
	}
	var registered struct {
		UserID      string `json:"user_id"`
		AccessToken string `json:"access_token"`
	}
	if err := s.Call("/v1/plaid/users/register", map[string]any{"client_user_id": "u"}, &registered); err != nil || registered.UserID != n.user {
		t.Fatal(registered.UserID, err)
	}
	n.bearer = registered.AccessToken
	hook := "https://" + s.ClientID + ".example/hook"
	if err := item.Call("/item/webhook/update", map[string]any{"webhook": hook}, nil); err != nil {
		t.Fatal(err)
	}
	var told struct {
		Webhooks []struct {
			ID string `json:"webhook_id"`
		} `json:"webhooks"`
	}
	if err := s.Call("/weft/webhooks/list", map[string]any{"item_id": item.ItemID}, &told); err != nil || len(told.Webhooks) != 1 {
		t.Fatalf("%+v, %v", told, err)
	}
	n.webhook = told.Webhooks[0].ID
	var made struct {
		ProcessorToken string `json:"processor_token"`
	}
	if err := item.Call("/processor/token/create", map[string]any{"account_id": n.accountIDs[0], "processor": "dwolla"}, &made); err != nil {
		t.Fatal(err)
	}
	n.processor = made.ProcessorToken
	n.share(t)
	n.secrets = append([]string{n.webhook, hook, n.user, n.token, n.bearer, item.ItemID, item.AccessToken, n.public, n.link, n.reader, n.processor, n.report, n.copy, n.relay, "program of " + s.ClientID}, n.accountIDs...)
	return n
}

// share makes a report, and lets the tenant itself read it as others do.
func (n *tenant) share(t *testing.T) {
	n.report = createReport(t, n.Server, 1, nil, n.MustLink("ins_109508", "assets"))
	n.Settle()
	var shared struct {
		Copy  string `json:"audit_copy_token"`
		Relay string `json:"relay_token"`
	}
	err := n.Call("/asset_report/audit_copy/create", map[string]any{"asset_report_token": n.report, "auditor_id": n.ClientID}, &shared)
	if err2 := n.Call("/credit/relay/create", map[string]any{"report_tokens": []string{n.report}, "secondary_client_id": n.ClientID}, &shared); err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	n.copy, n.relay = shared.Copy, shared.Relay
}

// person is what each tenant tells of its user.
var person = map[string]any{"emails": []map[string]any{{"data": "private@example.com", "primary": true}}}

// user is what making one answers.
type user struct {
	UserID    string `json:"user_id"`
	UserToken string `json:"user_token"`
}

func (n tenant) mustUser(t *testing.T, request map[string]any) (u user) {
	if err := n.Call("/user/create", request, &u); err != nil {
		t.Fatal(err)
	}
	return u
}

// call is a request that names something, and what it names.
type call struct {
	path    string
	request func(id string) map[string]any
	own     func(tenant) string
	unknown string
}

const unknownUUID = "00000000-0000-0000-0000-000000000000"

// calls are all ways in which a request can name something of a tenant's.
func calls(routes []string) []call {
	byToken := func(more map[string]any) func(string) map[string]any {
		return func(id string) map[string]any {
			req := map[string]any{"access_token": id}
			for k, v := range more {
				req[k] = v
			}
			return req
		}
	}
	access := func(n tenant) string { return n.item.AccessToken }
	dates := map[string]any{"start_date": "2024-01-01", "end_date": "2026-12-31"}
	var all []call
	for _, path := range routes {
		c := call{path: path, request: byToken(nil), own: access, unknown: "access-sandbox-" + unknownUUID}
		if strings.HasPrefix(path, "/processor/") && !strings.HasSuffix(path, "token/create") {
			all = append(all, ofProcessor(path))
			continue
		}
		if strings.HasPrefix(path, "/asset_report/") || strings.HasPrefix(path, "/credit/relay/") {
			all = append(all, ofReport(path))
			continue
		}
		if strings.HasPrefix(path, "/v1/plaid/") || strings.HasPrefix(path, "/v2/plaid/") {
			all = append(all, ofDialect(path, path[len("/v1/plaid"):])...)
			continue
		}
		switch path {
		case "/processor/token/create":
			c.request = byToken(map[string]any{"account_id": "x", "processor": "dwolla"})
		case "/processor/apex/processor_token/create", "/processor/stripe/bank_account_token/create":
			c.request = byToken(map[string]any{"account_id": "x"})
		case "/investments/transactions/get":
			c.request = byToken(dates)
		case "/item/public_token/exchange":
			c = call{path, func(id string) map[string]any { return map[string]any{"public_token": id} }, func(n tenant) string { return n.public }, "public-sandbox-" + unknownUUID}
		case "/link/token/get":
			c = call{path, func(id string) map[string]any { return map[string]any{"link_token": id} }, func(n tenant) string { return n.link }, "link-sandbox-" + unknownUUID}
		case "/link/token/create":
			c.request = byToken(map[string]any{"client_name": "x", "language": "en", "country_codes": []string{"US"}, "user": map[string]any{"client_user_id": "u"}})
		case "/weft/simplefin/create":
			c.request = func(id string) map[string]any { return map[string]any{"access_tokens": []string{id}} }
		case "/weft/simplefin/remove":
			c = call{path, func(id string) map[string]any { return map[string]any{"access_id": id} }, func(n tenant) string { return n.reader }, strings.Repeat("x", 37)}
		case "/sandbox/public_token/create", "/user/get", "/user/update", "/user/remove", "/user/items/get", "/sandbox/user/reset_login":
			all = append(all, ofUser(path)...)
			continue
		case "/weft/webhooks/get", "/weft/webhooks/replay":
			c = call{path, func(id string) map[string]any { return map[string]any{"webhook_id": id} }, func(n tenant) string { return n.webhook }, strings.Repeat("0", 30)}
		case "/item/products/terminate":
			c.request = byToken(map[string]any{"reason_code": "OTHER"})
		case "/item/application/unlink":
			c.request = byToken(map[string]any{"application_id": "x"})
		case "/item/webhook/update":
			c.request = byToken(map[string]any{"webhook": "https://receiver.example/"})
		case "/sandbox/item/fire_webhook":
			c.request = byToken(map[string]any{"webhook_code": "LOGIN_REPAIRED"})
		case "/weft/webhooks/list", "/weft/webhooks/listen", "/webhook_verification_key/get", // checkLists asks the one, and the other's keys are public
			"/sandbox/processor_token/create", "/weft/simplefin/list", "/user/create", "/item/import", "/network/status/get", "/institutions/get", "/institutions/get_by_id", "/institutions/search":
			continue // these name nothing of a tenant's
		}
		all = append(all, c)
	}
	return append(all, ofUser("/link/token/create")...)
}

// ofProcessor is a request with a processor token, and with what the route wants besides.
func ofProcessor(path string) call {
	return call{path, func(id string) map[string]any {
		req := map[string]any{"processor_token": id}
		switch path {
		case "/processor/token/permissions/set":
			req["products"] = []string{"auth"}
		case "/processor/token/webhook/update":
			req["webhook"] = "https://receiver.example/"
		case "/processor/transactions/get", "/processor/investments/transactions/get":
			req["start_date"], req["end_date"] = "2024-01-01", "2026-12-31"
		}
		return req
	}, func(n tenant) string { return n.processor }, "processor-sandbox-" + unknownUUID}
}

// ofReport is a request that names a report, or what lets somebody read one.
func ofReport(path string) call {
	c := call{path, func(id string) map[string]any { return map[string]any{"asset_report_token": id} },
		func(n tenant) string { return n.report }, "assets-sandbox-" + unknownUUID}
	short := strings.Repeat("A", 26)
	switch {
	case path == "/asset_report/create":
		c.request = func(id string) map[string]any {
			return map[string]any{"access_tokens": []string{id}, "days_requested": 1}
		}
		c.own, c.unknown = func(n tenant) string { return n.item.AccessToken }, "access-sandbox-"+unknownUUID
	case path == "/asset_report/filter":
		c.request = func(id string) map[string]any {
			return map[string]any{"asset_report_token": id, "account_ids_to_exclude": []string{}}
		}
	case path == "/asset_report/audit_copy/create":
		c.request = func(id string) map[string]any {
			return map[string]any{"asset_report_token": id, "auditor_id": wefttest.ClientID}
		}
	case path == "/credit/relay/create":
		c.request = func(id string) map[string]any {
			return map[string]any{"report_tokens": []string{id}, "secondary_client_id": wefttest.ClientID}
		}
	case strings.HasPrefix(path, "/asset_report/audit_copy/"):
		c.request = func(id string) map[string]any { return map[string]any{"audit_copy_token": id} }
		c.own, c.unknown = func(n tenant) string { return n.copy }, "a-sandbox-"+short
	case path == "/credit/relay/remove":
		c.request = func(id string) map[string]any { return map[string]any{"relay_token": id} }
		c.own, c.unknown = func(n tenant) string { return n.relay }, "credit-relay-sandbox-"+short
	case strings.HasPrefix(path, "/credit/relay/"):
		c.request = func(id string) map[string]any { return map[string]any{"relay_token": id, "report_type": "asset"} }
		c.own, c.unknown = func(n tenant) string { return n.relay }, "credit-relay-sandbox-"+short
	}
	return c
}

// ofDialect are the ways in which a request of Link Money's dialect names something of a tenant's: the client's own credentials stand
// beside it.
func ofDialect(path, row string) []call {
	request := func(id string) map[string]any { return map[string]any{"access_token": id} }
	switch {
	case strings.HasPrefix(row, "/users/token/"):
		request = func(id string) map[string]any { return map[string]any{"user_id": id} }
		return []call{{path, request, func(n tenant) string { return n.user }, "usr_00000000000000"}}
	case row == "/asset_report/create":
		request = func(id string) map[string]any {
			return map[string]any{"access_tokens": []string{id}, "days_requested": 1}
		}
	case strings.HasSuffix(row, "/transactions/get") || row == "/transactions":
		request = func(id string) map[string]any {
			return map[string]any{"access_token": id, "start_date": "2024-01-01", "end_date": "2026-12-31"}
		}
	case row == "/configuration" || row == "/users/register" || strings.HasPrefix(row, "/webhook_") || row == "/categories/get":
		return nil // these name nothing of a tenant's
	}
	return []call{
		{path, request, func(n tenant) string { return n.bearer }, "access-user-sandbox-" + unknownUUID},
		{path, request, func(n tenant) string { return n.item.AccessToken }, "access-sandbox-" + unknownUUID},
	}
}

// ofUser are the ways in which a request names a user.
func ofUser(path string) []call {
	naming := func(field string) func(string) map[string]any {
		return func(id string) map[string]any {
			req := map[string]any{field: id}
			switch path {
			case "/user/update":
				req["identity"] = person
			case "/link/token/create":
				req["client_name"], req["language"], req["country_codes"], req["products"] = "x", "en", []string{"US"}, []string{"auth"}
			case "/sandbox/public_token/create":
				req["institution_id"], req["initial_products"] = "ins_109508", []string{"auth"}
			}
			return req
		}
	}
	user, token := func(n tenant) string { return n.user }, func(n tenant) string { return n.token }
	const unknownUser, unknownToken = "usr_00000000000000", "user-sandbox-" + unknownUUID
	ways := []call{{path, naming("user_id"), user, unknownUser}, {path, naming("user_id"), token, unknownToken}}
	if path != "/user/get" {
		ways = append(ways, call{path, naming("user_token"), token, unknownToken})
	}
	return ways
}

var requestID = regexp.MustCompile(`"request_id":"\w+"`)

func withoutRequestID(body []byte) string { return requestID.ReplaceAllString(string(body), "") }

// Whatever a client names of another client's, by whatever endpoint, it sees nothing of it, and the answer is to the byte
// that for something unknown.
func TestTenantsSeeNothingOfEachOther(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			var o wefttest.Options
			if engine == "postgres" {
				o.Database = storetest.PostgresURL(t)
			}
			first := wefttest.NewServerWith(t, o)
			tenants := []tenant{newTenant(t, first)}
			for range 5 {
				tenants = append(tenants, newTenant(t, first.NewClient()))
			}
			all := calls(first.Routes())
			if len(all) < 30 {
				t.Fatalf("only %d calls", len(all))
			}
			rapid.Check(t, func(rt *rapid.T) {
				me := rapid.IntRange(0, len(tenants)-1).Draw(rt, "me")
				other := (me + rapid.IntRange(1, len(tenants)-1).Draw(rt, "other")) % len(tenants)
				c := rapid.SampledFrom(all).Draw(rt, "call")
				check(rt, tenants[me], tenants[other], c)
				checkAccounts(rt, tenants[me], tenants[other])
				checkProcessor(rt, tenants[me], tenants[other])
				checkListening(rt, tenants[me], tenants[other])
				checkLists(rt, tenants[me], tenants[other])
			})
			for _, n := range tenants { // nothing that was tried has changed anything
				if got := len(n.item.MustAccounts()); got != len(n.accountIDs) {
					t.Errorf("an Item has %d accounts after all calls, want %d", got, len(n.accountIDs))
				}
				for path, request := range map[string]map[string]any{"/asset_report/audit_copy/get": {"audit_copy_token": n.copy}, "/credit/relay/get": {"relay_token": n.relay, "report_type": "asset"}} {
					if err := n.Call(path, request, nil); err != nil {
						t.Errorf("after all calls: %s: %v", path, err)
					}
				}
				n.MustExchange(n.public)
				n.hasUser(t)
			}
		})
	}
}

// hasUser wants the tenant's user as it was made, with its Item.
func (n tenant) hasUser(t *testing.T) {
	var got struct {
		CreatedAt string `json:"created_at"`
		UpdatedAt string `json:"updated_at"`
	}
	var owned struct {
		Items []struct {
			Error any `json:"error"`
		} `json:"items"`
	}
	err := n.Call("/user/items/get", map[string]any{"user_id": n.user}, &owned)
	if err2 := n.Call("/user/get", map[string]any{"user_id": n.user}, &got); err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if len(owned.Items) != 1 || owned.Items[0].Error != nil || got.UpdatedAt != got.CreatedAt {
		t.Errorf("after all calls a user is %+v with the Items %+v", got, owned)
	}
}

func check(t *rapid.T, me, other tenant, c call) {
	status, foreign := post(t, me, c.path, c.request(c.own(other)))
	unknownStatus, unknown := post(t, me, c.path, c.request(c.unknown))
	if status != unknownStatus || status == 200 || withoutRequestID(foreign) != withoutRequestID(unknown) {
		t.Fatalf("%s: another client's id is answered\n%d %s\nan unknown one\n%d %s", c.path, status, foreign, unknownStatus, unknown)
	}
	seesNothing(t, foreign, other)
}

// checkAccounts names another client's account, or one of another Item, beside the client's own token.
func checkAccounts(t *rapid.T, me, other tenant) {
	path := rapid.SampledFrom([]string{"/accounts/get", "/accounts/balance/get", "/identity/get", "/identity/match", "/investments/holdings/get", "/investments/auth/get", "/investments/transactions/get",
		"/weft/insights/get"}).Draw(t, "path")
	request := func(id string) map[string]any {
		req := map[string]any{"access_token": me.item.AccessToken, "options": map[string]any{"account_ids": []string{me.accountIDs[0], id}}}
		if path == "/investments/transactions/get" {
			req["start_date"], req["end_date"] = "2024-01-01", "2026-12-31"
		}
		if path == "/identity/match" {
			req["user"] = map[string]any{"legal_name": "Alberta Charleson"}
		}
		return req
	}
	foreignID := rapid.SampledFrom(other.accountIDs).Draw(t, "account")
	status, foreign := post(t, me, path, request(foreignID))
	_, unknown := post(t, me, path, request(strings.Repeat("x", len(foreignID))))
	if status == 200 || withoutRequestID(foreign) != withoutRequestID(unknown) {
		t.Fatalf("%s: another client's account is answered %d %s, an unknown one %s", path, status, foreign, unknown)
	}
	seesNothing(t, foreign, other)
}

// checkProcessor makes a token for another client's account with the client's own Item.
func checkProcessor(t *rapid.T, me, other tenant) {
	request := func(id string) map[string]any {
		return map[string]any{"access_token": me.item.AccessToken, "account_id": id, "processor": "dwolla"}
	}
	foreignID := rapid.SampledFrom(other.accountIDs).Draw(t, "account of a token")
	status, foreign := post(t, me, "/processor/token/create", request(foreignID))
	_, unknown := post(t, me, "/processor/token/create", request(strings.Repeat("x", len(foreignID))))
	if status == 200 || withoutRequestID(foreign) != withoutRequestID(unknown) {
		t.Fatalf("a token for another client's account is answered %d %s, for an unknown one %s", status, foreign, unknown)
	}
}

// checkListening has both listen, the other one's webhook fired, and me ask from wherever the other one could.
func checkListening(t *rapid.T, me, other tenant) {
	type hearing struct {
		Webhooks []json.RawMessage
		Next     string `json:"next_cursor"`
	}
	listen := func(n tenant, request map[string]any) (h hearing, answer []byte) {
		status, answer := post(t, n, "/weft/webhooks/listen", request)
		if err := json.Unmarshal(answer, &h); err != nil || status != 200 {
			t.Fatalf("listening is answered %d %s", status, answer)
		}
		return h, answer
	}
	mine, _ := listen(me, map[string]any{})
	theirs, _ := listen(other, map[string]any{})
	if err := other.item.Call("/sandbox/item/fire_webhook", map[string]any{"webhook_code": "LOGIN_REPAIRED"}, nil); err != nil {
		t.Fatal(err)
	}
	for _, cursor := range []string{mine.Next, theirs.Next, "0"} {
		_, answer := listen(me, map[string]any{"cursor": cursor})
		seesNothing(t, answer, other)
	}
	if h, _ := listen(me, map[string]any{"cursor": mine.Next}); len(h.Webhooks) != 0 {
		t.Fatalf("another client's webhook is heard: %s", h.Webhooks)
	}
	if h, _ := listen(other, map[string]any{"cursor": theirs.Next}); len(h.Webhooks) != 1 {
		t.Fatalf("of one webhook %d are heard", len(h.Webhooks))
	}
}

// checkLists asks for webhooks of another client's Item, and for those that were written before another client's webhook.
func checkLists(t *rapid.T, me, other tenant) {
	foreignStatus, foreign := post(t, me, "/weft/webhooks/list", map[string]any{"item_id": other.item.ItemID})
	status, unknown := post(t, me, "/weft/webhooks/list", map[string]any{"item_id": strings.Repeat("x", len(other.item.ItemID))})
	if foreignStatus != status || withoutRequestID(foreign) != withoutRequestID(unknown) {
		t.Fatalf("another client's Item is listed as %d %s, an unknown one as %s", foreignStatus, foreign, unknown)
	}
	_, before := post(t, me, "/weft/webhooks/list", map[string]any{"cursor": other.webhook})
	seesNothing(t, before, other)
}

func post(t *rapid.T, n tenant, path string, request map[string]any) (int, []byte) {
	status, body, err := n.Post(path, request, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(body) {
		t.Fatalf("%s: %q is not JSON", path, body)
	}
	return status, body
}

func seesNothing(t *rapid.T, body []byte, other tenant) {
	for _, secret := range other.secrets {
		if bytes.Contains(body, []byte(secret)) {
			t.Fatal(fmt.Sprintf("the answer has %q of another client: %s", secret, body))
		}
	}
}
