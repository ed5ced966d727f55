package linkmoney_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weft/internal/clock"
	configured "weft/internal/dialect/linkmoney/developer"
	"weft/internal/item/event"
	"weft/internal/item/state"
	"weft/internal/needs"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// example is a JSON example of the guide: where it begins, and the endpoint that it stands under.
type example struct {
	line     int
	endpoint string
	value    any
}

var (
	headline      = regexp.MustCompile(`^(?:Endpoint:? )?(?:POST )?'?(?:/v1/plaid)?(/[a-z_/]+)'?$`)
	trailingComma = regexp.MustCompile(`,(\s*[}\]])`)
)

// examples are those of the guide: what stands between braces at the beginnings of lines and is JSON, but for commas too many.
func examples(t *testing.T) (list []example) {
	t.Helper()
	folder := needs.Shared(t, "seeds")
	files, err := filepath.Glob(filepath.Join(folder, "003_*.txt"))
	if err != nil || len(files) != 1 {
		t.Skipf("the guide of Link Money is not in %s", folder)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	endpoint, depth, begun := "", 0, 0
	var block strings.Builder
	for i, line := range strings.Split(string(text), "\n") {
		if depth == 0 {
			if m := headline.FindStringSubmatch(line); m != nil && (strings.HasPrefix(line, "Endpoint") || strings.HasPrefix(line, "/")) {
				endpoint = m[1]
			}
			if strings.HasSuffix(line, " Webhooks") || line == "Verification" {
				endpoint = ""
			}
			if line != "{" {
				continue
			}
			begun = i + 1
			block.Reset()
		}
		block.WriteString(line + "\n")
		depth += strings.Count(line, "{") - strings.Count(line, "}")
		if depth > 0 {
			continue
		}
		var value any
		if err := json.Unmarshal([]byte(trailingComma.ReplaceAllString(block.String(), "$1")), &value); err != nil {
			t.Errorf("the example of line %d: %v", begun, err)
		}
		list = append(list, example{begun, endpoint, value})
	}
	return list
}

// typesOf are the types of JSON at each path of a value, "null" apart; an array's elements are one path.
func typesOf(at string, v any, into map[string]map[string]bool) {
	note := func(kind string) {
		if into[at] == nil {
			into[at] = map[string]bool{}
		}
		into[at][kind] = true
	}
	switch v := v.(type) {
	case map[string]any:
		note("object")
		for name, value := range v {
			if strings.HasSuffix(at, ".account_ids_with_updated_liabilities") {
				name = "(account)"
			}
			typesOf(at+"."+name, value, into)
		}
	case []any:
		note("array")
		for _, value := range v {
			typesOf(at+"[]", value, into)
		}
	case nil:
		note("null")
	case string:
		note("string")
	case bool:
		note("boolean")
	default:
		note("number")
	}
}

// slip is something of the guide that we do not follow, and why.
type slip struct{ endpoint, path, reason string }

const (
	misplaced = "a closing brace stands in the wrong place: these are an institution's, and liabilities are beside investments"
	renamed   = "elsewhere in the same example the share is called error_link_money"
	thrice    = "all other products have breakdown"
)

var slips = []slip{
	{"/institutions/get_by_id", ".institution.status.primary_color", misplaced},
	{"/institutions/get_by_id", ".institution.status.url", misplaced},
	{"/institutions/get_by_id", ".institution.status.logo", misplaced},
	{"/institutions/get_by_id", ".institution.primary_color", misplaced},
	{"/institutions/get_by_id", ".institution.url", misplaced},
	{"/institutions/get_by_id", ".institution.logo", misplaced},
	{"/institutions/get_by_id", ".institution.status.investments.liabilities", misplaced + "; " + thrice},
	{"/institutions/get_by_id", ".institution.status.liabilities", misplaced},
	{"/institutions/get_by_id", ".institution.status.investments_updates.breakdown.error_plaid", renamed},
	{"/institutions/get_by_id", ".institution.status.investments_updates.breakdown.error_link_money", renamed},
	{"/institutions/get_by_id", ".institution.status.liabilities_updates.breakdown.error_plaid", renamed},
	{"/institutions/get_by_id", ".institution.status.liabilities_updates.breakdown.error_link_money", renamed},
	{"ITEM/USER_PERMISSION_REVOKED", ".error.display_message", "the example of the error beside it has it, and so has the error's model"},
	{"ITEM/USER_PERMISSION_REVOKED", ".error.suggested_action", "of Plaid's error model, which the guide refers to"},
	{"ITEM/ERROR", ".error.suggested_action", "of Plaid's error model, which the guide refers to"},
}

// excepted reports whether a path, or what it is below, is a slip of the guide.
func excepted(endpoint, path string, used map[slip]bool) bool {
	for _, s := range slips {
		if s.endpoint == endpoint && (path == s.path || strings.HasPrefix(path, s.path+".")) {
			used[s] = true
			return true
		}
	}
	return false
}

// unknown reports whether one side says nothing of what is below a path: it is null there, or an array without elements.
func unknown(side map[string]map[string]bool, path string) bool {
	for at := range side {
		below := strings.HasPrefix(path, at+".") || strings.HasPrefix(path, at+"[]")
		kinds := side[at]
		if !below {
			continue
		}
		if kinds["null"] && len(kinds) == 1 || kinds["array"] && len(side[at+"[]"]) == 0 && strings.HasPrefix(path, at+"[]") {
			return true
		}
	}
	return false
}

// compare wants the same paths with the same types on both sides.
func compare(t *testing.T, e example, ours []byte, used map[slip]bool) {
	t.Helper()
	var value any
	if err := json.Unmarshal(ours, &value); err != nil {
		t.Fatal(err)
	}
	guide, mine := map[string]map[string]bool{}, map[string]map[string]bool{}
	typesOf("", e.value, guide)
	typesOf("", value, mine)
	for _, path := range slices.Sorted(maps.Keys(guide)) {
		if excepted(e.endpoint, path, used) {
			continue
		}
		if mine[path] == nil && !unknown(mine, path) {
			t.Errorf("%s (line %d): %s is not in our answer", e.endpoint, e.line, path)
		}
		for kind := range guide[path] {
			if have := mine[path]; have != nil && kind != "null" && !have[kind] && !(have["null"] && len(have) == 1) {
				t.Errorf("%s (line %d): %s is %v, not %s", e.endpoint, e.line, path, have, kind)
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(mine)) {
		if guide[path] == nil && !unknown(guide, path) && !excepted(e.endpoint, path, used) {
			t.Errorf("%s (line %d): our answer has %s, which the guide does not", e.endpoint, e.line, path)
		}
	}
}

// developer is one with a user who has an Item.
type developer struct {
	*testing.T
	*wefttest.Server
	token, access, report, copy string
	investor                    string // the token of a user who has investments
	account                     string
	hooks                       *wefttest.Receiver
	keyID                       string
	webhooks                    map[string][]byte
}

func newDeveloper(t *testing.T) *developer {
	d := &developer{T: t, Server: wefttest.NewServer(t), hooks: wefttest.NewReceiver(t), webhooks: map[string][]byte{}}
	var types []map[string]string
	for _, w := range []string{"ITEM", "TRANSACTIONS", "HOLDINGS", "INVESTMENTS_TRANSACTIONS", "LIABILITIES", "AUTH"} {
		types = append(types, map[string]string{"webhook_type": w})
	}
	d.must("/v1/plaid/configuration", map[string]any{"webhook_url": d.hooks.URL, "subscriptions": types}, nil)
	d.token, d.access = d.user("u", "transactions", "liabilities", "auth", "assets", "identity")
	investor, access := d.user("investor", "investments")
	d.investor = investor
	var held struct {
		Accounts []struct {
			AccountID string `json:"account_id"`
		} `json:"accounts"`
	}
	d.must("/v1/plaid/accounts/get", map[string]any{"access_token": d.token}, &held)
	d.account = held.Accounts[0].AccountID
	for _, kind := range []string{"HOLDINGS", "INVESTMENTS_TRANSACTIONS"} {
		d.must("/sandbox/item/fire_webhook", map[string]any{"access_token": access, "webhook_type": kind, "webhook_code": "DEFAULT_UPDATE"}, nil)
	}
	d.Settle()
	return d
}

// user registers a user with an Item.
func (d *developer) user(name string, products ...string) (token, access string) {
	d.Helper()
	var user struct {
		UserID      string `json:"user_id"`
		AccessToken string `json:"access_token"`
	}
	d.must("/v1/plaid/users/register", map[string]any{"client_user_id": name}, &user)
	var made struct {
		PublicToken string `json:"public_token"`
	}
	d.must("/sandbox/public_token/create", map[string]any{"institution_id": "ins_109508", "user_id": user.UserID,
		"options": map[string]any{"webhook": "https://example.com/hook"}, "initial_products": products}, &made)
	return user.AccessToken, d.MustExchange(made.PublicToken).AccessToken
}

func (d *developer) must(path string, request, into any) {
	d.Helper()
	if err := d.Call(path, request, into); err != nil {
		d.Fatalf("%s: %v", path, err)
	}
}

// request is what the endpoint of an example is asked.
func (d *developer) request(endpoint string) map[string]any {
	switch endpoint {
	case "/institutions/get":
		return map[string]any{"count": 1, "offset": 0}
	case "/institutions/get_by_id":
		return map[string]any{"institution_id": "ins_109508"}
	case "/institutions/search":
		return map[string]any{"query": "Platypus"}
	case "/transactions/get", "/investments/transactions/get":
		return map[string]any{"start_date": "2024-11-01", "end_date": "2026-11-20"}
	case "/asset_report/create":
		return map[string]any{"access_tokens": []string{d.token}, "days_requested": 3, "options": map[string]any{"client_report_id": "123", "user": map[string]any{
			"client_user_id": "1", "first_name": "Alberta", "middle_name": "B", "last_name": "Charleson", "ssn": "123-45-6789", "phone_number": "111-222-3333", "email": "a@example.com"}}}
	case "/asset_report/get", "/asset_report/refresh", "/asset_report/remove":
		return map[string]any{"asset_report_token": d.report}
	case "/asset_report/filter":
		return map[string]any{"asset_report_token": d.report, "account_ids_to_exclude": []string{d.account}}
	case "/asset_report/audit_copy/create":
		return map[string]any{"asset_report_token": d.report, "auditor_id": d.NewClient().ClientID}
	case "/asset_report/audit_copy/remove":
		return map[string]any{"audit_copy_token": d.copy}
	case "/webhook__verification_key":
		return map[string]any{"key_id": d.keyID}
	}
	return map[string]any{}
}

// ask is our answer where an example stands. The user's token comes in the header, with the client's credentials for reports.
func (d *developer) ask(endpoint string) []byte {
	d.Helper()
	token := d.token
	if strings.HasPrefix(endpoint, "/investment") {
		token = d.investor
	}
	header := http.Header{"Authorization": {"Bearer " + token}}
	if !strings.HasPrefix(endpoint, "/asset_report/") {
		header["Plaid-Client-Id"], header["Plaid-Secret"] = nil, nil
	}
	status, body, err := d.Post("/v1/plaid"+endpoint, d.request(endpoint), header)
	if err != nil || status != 200 {
		d.Fatalf("%s: %d %s, %v", endpoint, status, body, err)
	}
	var told struct {
		Report string `json:"asset_report_token"`
		Copy   string `json:"audit_copy_token"`
	}
	if err := json.Unmarshal(body, &told); err != nil {
		d.Fatal(err)
	}
	if told.Report != "" && endpoint == "/asset_report/create" {
		d.report = told.Report
		d.Settle()
	}
	if told.Copy != "" {
		d.copy = told.Copy
	}
	return body
}

// rare are webhooks that take days to come about, by the events that bring them about.
var rare = map[string]event.Event{
	"ITEM/PENDING_EXPIRATION":     state.State{ConsentNeeded: true, LoginEnds: 1}.Ending(),
	"AUTH/AUTOMATICALLY_VERIFIED": verified(plaid.VerifiedAutomatic),
	"AUTH/VERIFICATION_EXPIRED":   verified(plaid.VerificationExpired),
}

func verified(status string) event.Event {
	e, _ := state.Verified("account", status)
	return e
}

// told is what is told of an event.
func (d *developer) told(e event.Event) (body []byte) {
	d.Helper()
	db := storetest.SQLite(d.T, clock.NewManual(storetest.Start))
	to := event.Target{Tenant: store.Tenant{Client: "c", Environment: plaid.Sandbox}, ItemID: "item"}
	none := event.Notifier(nil)
	address, all := "https://example.com/", []configured.Subscription{{Type: e.Type}}
	if _, err := (configured.Configurations{DB: db}).Change(d.Context(), to.Tenant, configured.Change{WebhookURL: &address, Subscriptions: &all}); err != nil {
		d.Fatal(err)
	}
	telling := configured.Telling(none.Tell, func(_ context.Context, _ *store.Tx, _ event.Target, _ event.Event, b []byte) error {
		body = b
		return nil
	})
	if err := db.Write(d.Context(), func(tx *store.Tx) error { return telling(d.Context(), tx, to, e) }); err != nil {
		d.Fatal(err)
	}
	return body
}

// webhook is ours of a type and code, which is fired where it has not come by itself.
func (d *developer) webhook(kind, code string) []byte {
	d.Helper()
	if e, there := rare[kind+"/"+code]; there {
		return d.told(e)
	}
	d.take()
	if body := d.webhooks[kind+"/"+code]; body != nil && code != "WEBHOOK_UPDATE_ACKNOWLEDGED" { // which has come of the configuration
		return body
	}
	request := map[string]any{"access_token": d.access, "webhook_type": kind, "webhook_code": code}
	if code == "WEBHOOK_UPDATE_ACKNOWLEDGED" {
		d.must("/v1/plaid/item/webhook/update", map[string]any{"access_token": d.token, "webhook": "https://example.com/other"}, nil)
	} else if err := d.Call("/sandbox/item/fire_webhook", request, nil); err != nil {
		d.Fatalf("%s %s: %v", kind, code, err)
	}
	d.Settle()
	d.take()
	if d.webhooks[kind+"/"+code] == nil {
		d.Fatalf("no %s %s has come", kind, code)
	}
	return d.webhooks[kind+"/"+code]
}

func (d *developer) take() {
	for _, w := range d.hooks.Take() {
		d.webhooks[w.Type+"/"+w.Code] = w.Body
		d.keyID = keyOf(w.Signature)
	}
}

// keyOf is the id of the key of a signature.
func keyOf(signature string) string {
	var head struct {
		Kid string `json:"kid"`
	}
	if err := json.Unmarshal(headOf(signature), &head); err != nil {
		panic(err)
	}
	return head.Kid
}

// Each example of the guide has the members and types of what we answer, or send, in its place.
func TestExamplesOfTheGuide(t *testing.T) {
	list := examples(t)
	if len(list) < 35 {
		t.Fatalf("only %d examples were found", len(list))
	}
	d, used := newDeveloper(t), map[slip]bool{}
	checked := map[string]int{}
	slices.SortStableFunc(list, func(a, b example) int { return last(a) - last(b) })
	for _, e := range list {
		members, _ := e.value.(map[string]any)
		t.Run(fmt.Sprintf("line %d", e.line), func(t *testing.T) {
			var ours []byte
			d.T = t
			switch {
			case members["webhook_type"] != nil:
				e.endpoint = fmt.Sprint(members["webhook_type"], "/", members["webhook_code"])
				ours = d.webhook(members["webhook_type"].(string), members["webhook_code"].(string))
			case members["typ"] != nil:
				ours = d.head()
			case members["key"] != nil:
				e.endpoint = "/webhook__verification_key"
				ours = d.ask(e.endpoint)
			case strings.HasSuffix(e.endpoint, "/pdf/get") || e.endpoint == "":
				t.Fatalf("nothing is known of the example %v", e.value)
			default:
				ours = d.ask(e.endpoint)
			}
			compare(t, e, ours, used)
			checked[e.endpoint]++
		})
	}
	for _, s := range slips {
		if !used[s] {
			t.Errorf("%s %s is no slip of the guide", s.endpoint, s.path)
		}
	}
	t.Logf("%d examples of %d endpoints and webhooks were held", len(list), len(checked))
}

// last puts what ends something behind all else.
func last(e example) int {
	switch e.endpoint {
	case "/item/remove":
		return 2
	case "/asset_report/remove":
		return 1
	}
	return 0
}

// head is what a signature of ours says of itself.
func (d *developer) head() []byte {
	d.Helper()
	d.webhook("ITEM", "ERROR")
	var signature string
	d.must("/sandbox/item/fire_webhook", map[string]any{"access_token": d.access, "webhook_code": "DEFAULT_UPDATE"}, nil)
	d.Settle()
	for _, w := range d.hooks.Take() {
		signature = w.Signature
	}
	return headOf(signature)
}

func headOf(signature string) []byte {
	head, _, _ := strings.Cut(signature, ".")
	return bytes.TrimSpace(decode(head))
}

func decode(part string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		panic(err)
	}
	return b
}
