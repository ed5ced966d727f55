package sandbox

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/connectortest"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/needs"
	"weft/internal/plaid"
)

const platypus = "ins_109508"

var now = time.Date(2026, 8, 22, 15, 4, 5, 0, time.UTC)

// shared is one connector for all tests: it never changes.
var shared = sync.OnceValue(func() *Connector { return New("test", LoginDays*24*time.Hour) })

func login(t *testing.T, institution, user, password string) (connector.Opened, plaid.Code) {
	t.Helper()
	opened, err := shared().Authenticate(t.Context(), connector.Login{InstitutionID: institution, Username: user, Password: password, Now: now})
	if err == nil {
		return opened, ""
	}
	failed, ok := errors.AsType[*plaid.Error](err)
	if !ok {
		t.Fatalf("%s / %s: %v is not a *plaid.Error", user, password, err)
	}
	if opened.Credentials != nil {
		t.Errorf("%s / %s: credentials with an error", user, password)
	}
	return opened, failed.Code
}

func TestLogins(t *testing.T) {
	for _, c := range []struct {
		institution, user, password string
		want                        plaid.Code
	}{
		{platypus, "user_good", "pass_good", ""},
		{platypus, "user_good", "pass_bad", "INVALID_CREDENTIALS"},
		{platypus, "user_good", "", "INVALID_CREDENTIALS"},
		{platypus, "user_bad", "pass_bad", "INVALID_CREDENTIALS"},
		{platypus, "user_bad", "error_ITEM_LOCKED", "INVALID_CREDENTIALS"},
		{platypus, "USER_GOOD", "pass_good", "INVALID_CREDENTIALS"},
		{platypus, "user_good", "error_ITEM_LOCKED", "ITEM_LOCKED"},
		{platypus, "user_good", "error_INTERNAL_SERVER_ERROR", "INTERNAL_SERVER_ERROR"},
		{platypus, "user_good", "error_PAYMENT_INVALID_RECIPIENT", "PAYMENT_INVALID_RECIPIENT"},
		{platypus, "user_good", "error_INVALID_MFA", "INVALID_MFA"},
		{platypus, "user_good", "error_NO_SUCH_CODE", "INVALID_CREDENTIALS"},
		{platypus, "user_good", "error_", "INVALID_CREDENTIALS"},
		{platypus, "user_good", "error_ITEM_LOGIN_REQUIRED", ""},
		{platypus, "user_transactions_dynamic", "error_NO_ACCOUNTS", "NO_ACCOUNTS"},
		{platypus, "user_good", "mfa_device", ""},
		{platypus, "user_good", "mfa_questions_2_3", ""},
		{platypus, "user_good", "mfa_questions_2", "INVALID_CREDENTIALS"},
		{platypus, "user_good", "mfa_questions_0_1", "INVALID_CREDENTIALS"},
		{platypus, "user_good", "mfa_selections", ""},
		{platypus, "user_good", "mfa_selections_1_1_3", ""},
		{platypus, "user_yuppie", "mfa_selections_x", "INVALID_CREDENTIALS"},
		{platypus, "user_good", `{"recaptcha":"good"}`, ""},
		{platypus, "user_good", `{"recaptcha": "bad"}`, "RECAPTCHA_BAD"},
		{platypus, "user_good", `{"recaptcha":"odd"}`, "INVALID_CREDENTIALS"},
		{platypus, "user_good", "microdeposits_good", ""},
		{platypus, "user_transactions_dynamic", "anything", ""},
		{platypus, "user_transactions_dynamic", " ", "INVALID_CREDENTIALS"},
		{platypus, "user_bank_income", "{}", ""},
		{platypus, "user_limited_purpose_checking", "pass_good", ""},
		{platypus, "user_limited_purpose_checking", "other", "INVALID_CREDENTIALS"},
		{platypus, "user_prism_8", "x", ""},
		{platypus, "user_prism_9", "x", "INVALID_CREDENTIALS"},
		{platypus, "user_custom", "{}", ""},
		{platypus, "user_custom", "pass_good", "INVALID_FIELD"},
		{platypus, "user_custom", `{"override_accounts":{}}`, "INVALID_FIELD"},
		{platypus, "user_custom", `{"recaptcha":"bad"}`, "RECAPTCHA_BAD"},
		{platypus, "user_custom", `{"force_error":"ITEM_LOCKED"}`, "ITEM_LOCKED"},
		{platypus, "user_custom", `{"force_error":"ITEM_LOGIN_REQUIRED"}`, ""},
		{platypus, "user_custom", `{"override_accounts":[]}`, "NO_ACCOUNTS"},
		{"ins_0", "user_good", "pass_good", "INVALID_INSTITUTION"},
		{"", "user_good", "pass_good", "INVALID_INSTITUTION"},
		{"ins_133402", "user_good", "pass_good", "INSTITUTION_NO_LONGER_SUPPORTED"},
		{"ins_132361", "user_good", "pass_good", "INSTITUTION_DOWN"},
		{"ins_132363", "user_good", "pass_good", ""},
	} {
		opened, code := login(t, c.institution, c.user, c.password)
		if code != c.want {
			t.Errorf("%s: %s / %s: %q, want %q", c.institution, c.user, c.password, code, c.want)
			continue
		}
		state := opened.ItemError
		if wants := strings.Contains(c.password, "ITEM_LOGIN_REQUIRED"); wants != (state == "ITEM_LOGIN_REQUIRED") {
			t.Errorf("%s / %s: opened in state %q", c.user, c.password, state)
		}
		if code == "" && !json.Valid(opened.Credentials) {
			t.Errorf("%s / %s: credentials %s", c.user, c.password, opened.Credentials)
		}
	}
}

func TestCredentialsRememberTheChallenge(t *testing.T) {
	for password, want := range map[string]string{
		"pass_good":                 `{"user":"user_good"}`,
		"mfa_device":                `{"user":"user_good","mfa":{"type":"device"}}`,
		"mfa_questions_2_3":         `{"user":"user_good","mfa":{"type":"questions","question_rounds":2,"questions_per_round":3}}`,
		"mfa_selections":            `{"user":"user_good","mfa":{"type":"selections"}}`,
		"mfa_selections_1_2_3":      `{"user":"user_good","mfa":{"type":"selections","questions_per_round":2,"selection_rounds":1,"selections_per_question":3}}`,
		`{"recaptcha":"good"}`:      `{"user":"user_good","recaptcha":"good"}`,
		"microdeposits_good":        `{"user":"user_good","microdeposits":true}`,
		"error_ITEM_LOGIN_REQUIRED": `{"user":"user_good"}`,
	} {
		if opened, _ := login(t, platypus, "user_good", password); string(opened.Credentials) != want {
			t.Errorf("%s: %s, want %s", password, opened.Credentials, want)
		}
	}
	opened, _ := login(t, platypus, "user_custom", `{"seed":"s","mfa":{"type":"device"},"override_accounts":[{"starting_balance":100.00}]}`)
	var creds credentials
	if err := json.Unmarshal(opened.Credentials, &creds); err != nil || *creds.MFA.Type != "device" {
		t.Errorf("%s: %v", opened.Credentials, err)
	}
	if !strings.Contains(string(creds.Custom), "100.00") {
		t.Errorf("the configuration lost digits: %s", creds.Custom)
	}
}

func TestCustomErrorNamesThePlace(t *testing.T) {
	_, err := shared().Authenticate(t.Context(), connector.Login{InstitutionID: platypus, Username: "user_custom",
		Password: `{"override_accounts":[{"type":"investment","holdings":[{"quantity":"1"}]}]}`})
	failed, ok := errors.AsType[*plaid.Error](err)
	if !ok || !strings.Contains(failed.Message, "override_accounts[0].holdings[0].quantity: a number is expected") {
		t.Errorf("error: %v", err)
	}
}

func connection(t *testing.T, id, institution, user, password string) connector.Connection {
	t.Helper()
	opened, code := login(t, institution, user, password)
	if code != "" {
		t.Fatalf("%s at %s: %s", user, institution, code)
	}
	return connector.Connection{ID: id, InstitutionID: institution, Credentials: opened.Credentials, CreatedAt: now}
}

// everybody are the user names that have a file.
func everybody(t *testing.T) []string {
	t.Helper()
	var users []string
	for _, pattern := range []string{"*.json", "households/*.json"} {
		files, err := fs.Glob(personas.FS, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			users = append(users, strings.TrimSuffix(path.Base(file), ".json"))
		}
	}
	return users
}

func TestConformancePersonas(t *testing.T) {
	var conns []connector.Connection
	for _, user := range everybody(t) {
		conns = append(conns, connection(t, user, platypus, user, passGood))
	}
	conns = append(conns,
		connection(t, "canada", "ins_43", "user_good", "pass_good"),
		connection(t, "britain", "ins_117650", "user_good", "pass_good"),
		connection(t, "a household in canada", "ins_43", "user_credit_bonus", "x"),
		connection(t, "empty configuration", platypus, "user_custom", "{}"),
		connection(t, "empty configuration in canada", "ins_43", "user_custom", "{}"),
	)
	connectortest.Run(t, shared(), conns)
}

func TestConformanceCustomFiles(t *testing.T) {
	root := needs.Shared(t, "plaid/custom-users")
	var conns []connector.Connection
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" || strings.Contains(path, "document_income") {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil {
			conns = append(conns, connection(t, d.Name(), platypus, "user_custom", string(text)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	connectortest.Run(t, shared(), conns)
}

func TestForeignInstitutions(t *testing.T) {
	for institution, currency := range map[string]string{platypus: "USD", "ins_43": "CAD", "ins_117650": "GBP"} {
		conn := connection(t, institution, institution, "user_good", "pass_good")
		batch, err := shared().Fetch(t.Context(), conn, connector.Want{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if got := *batch.Accounts[0].Balances.ISOCurrencyCode; got != currency {
			t.Errorf("%s: %s, want %s", institution, got, currency)
		}
	}
}

func TestFetchWantsAndFailures(t *testing.T) {
	conn := connection(t, "c", platypus, "user_good", "pass_good")
	want := connector.Want{Now: now, Products: []string{"investments_auth"}, HistoryFrom: plaid.DateOf(now).AddDays(-730)}
	batch, err := shared().Fetch(t.Context(), conn, want)
	if err != nil || len(batch.Holdings) != 13 || len(batch.InvestmentTransactions) != 1167 {
		t.Errorf("%d holdings, %d transactions, %v", len(batch.Holdings), len(batch.InvestmentTransactions), err)
	}
	for _, s := range batch.Securities {
		if (s.InstitutionSecurityID == nil) != (s.InstitutionID == nil) {
			t.Errorf("%s: institution_security_id and institution_id go together", s.Key)
		}
	}
	want.HistoryFrom = plaid.DateOf(now).AddDays(1)
	if batch, err = shared().Fetch(t.Context(), conn, want); err != nil || batch.InvestmentHistory != nil || batch.InvestmentTransactions != nil {
		t.Errorf("a window of the future: %v, %v", batch.InvestmentHistory, err)
	}
	for name, harm := range map[string]func(*connector.Connection){
		"no credentials": func(c *connector.Connection) { c.Credentials = nil },
		"user is gone":   func(c *connector.Connection) { c.Credentials = json.RawMessage(`{"user":"user_gone"}`) },
		"no creation":    func(c *connector.Connection) { c.CreatedAt = time.Time{} },
		"bank is down":   func(c *connector.Connection) { c.InstitutionID = "ins_132361" },
		"bad config": func(c *connector.Connection) {
			c.Credentials = json.RawMessage(`{"user":"user_custom","custom":{"x":1}}`)
		},
	} {
		broken := conn
		harm(&broken)
		if _, err := shared().Fetch(t.Context(), broken, want); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestPersonaIsAFile holds the promise that a persona needs no Go.
func TestPersonaIsAFile(t *testing.T) {
	files := fstest.MapFS{"user_new.json": {Data: []byte(`{"kind":"static","name":"user_new","owner":{"names":["N"],"phone_numbers":[],"emails":[],"addresses":[]},
		"accounts":[{"key":"a","name":"A","mask":"1234","type":"depository","subtype":"checking","current":7.50}]}`)}}
	good, err := fs.ReadFile(personas.FS, "user_good.json")
	if err != nil {
		t.Fatal(err)
	}
	files["user_good.json"] = &fstest.MapFile{Data: good}
	c := of("test", 0, files)
	opened, err := c.Authenticate(t.Context(), connector.Login{InstitutionID: platypus, Username: "user_new", Password: "x"})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := c.Fetch(t.Context(), connector.Connection{ID: "c", InstitutionID: platypus, Credentials: opened.Credentials, CreatedAt: now}, connector.Want{Now: now})
	if err != nil || len(batch.Accounts) != 1 || batch.Accounts[0].Balances.Current.String() != "7.50" {
		t.Errorf("%+v, %v", batch.Accounts, err)
	}
	files["user_odd.json"] = &fstest.MapFile{Data: []byte(`{"kind":"odd","name":"user_odd"}`)}
	if _, err := readPeople(files); err == nil {
		t.Error("a file of an unknown kind must not be passed over in silence")
	}
	if _, err := readPeople(fstest.MapFS{}); err == nil {
		t.Error("without user_good there is no sandbox")
	}
}
