package plaid_test

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weft/internal/plaid"
)

// errorTypes are the types of the published contract.
var errorTypes = []string{
	"INVALID_REQUEST", "INVALID_RESULT", "INVALID_INPUT", "INSTITUTION_ERROR", "RATE_LIMIT_EXCEEDED", "API_ERROR", "ITEM_ERROR", "ASSET_REPORT_ERROR",
	"BASE_REPORT_ERROR", "RECAPTCHA_ERROR", "OAUTH_ERROR", "PAYMENT_ERROR", "BANK_TRANSFER_ERROR", "INCOME_VERIFICATION_ERROR", "MICRODEPOSITS_ERROR",
	"SANDBOX_ERROR", "PARTNER_ERROR", "SIGNAL_ERROR", "TRANSACTIONS_ERROR", "TRANSACTION_ERROR", "TRANSFER_ERROR", "CHECK_REPORT_ERROR",
	"CONSUMER_REPORT_ERROR", "USER_ERROR",
}

// exceptions are the codes whose status is not 400.
var exceptions = map[plaid.Code]int{
	"NOT_FOUND": 404, "NO_LONGER_AVAILABLE": 404, "INVALID_USER_IDENTITY_DATA": 403, "OAUTH_STATE_ID_NOT_FOUND": 404,
	"OAUTH_STATE_ID_ALREADY_PROCESSED": 208, "INTERNAL_SERVER_ERROR": 500, "PLAID_ERROR": 500, "PLANNED_MAINTENANCE": 503,
}

var (
	codeShape = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)
	// sentence is what people read: begins with a capital, ends with a full stop, and has no second space or stop.
	sentence = regexp.MustCompile(`^[A-Z][^\n]*[^\s.,;:]\.$`)
	doubled  = regexp.MustCompile(`\s\s|\.\.|\s[.,;:]|,,`)
)

func TestCatalogue(t *testing.T) {
	if len(errorTypes) != 24 {
		t.Fatalf("%d types", len(errorTypes))
	}
	seen := map[plaid.Code]bool{}
	for _, d := range plaid.Catalogue() {
		if seen[d.Code] || !codeShape.MatchString(string(d.Code)) {
			t.Errorf("code %q is twice in the catalogue, or has another shape", d.Code)
		}
		seen[d.Code] = true
		if !slices.Contains(errorTypes, d.Type) {
			t.Errorf("%s: type %q is not in the contract", d.Code, d.Type)
		}
		want := exceptions[d.Code]
		switch {
		case d.Type == "RATE_LIMIT_EXCEEDED":
			want = 429
		case want == 0:
			want = 400
		}
		if d.Status != want {
			t.Errorf("%s: status %d, want %d", d.Code, d.Status, want)
		}
		checkTexts(t, d)
		if got, ok := plaid.Lookup(d.Code); !ok || got != d {
			t.Errorf("%s is looked up as %v, %v", d.Code, got, ok)
		}
		if e := plaid.Err(d.Code); e.Definition != d || e.Cause != nil || e.Reason != "" {
			t.Errorf("Err(%s) is %v", d.Code, e)
		}
	}
	if len(seen) < 80 {
		t.Errorf("only %d codes", len(seen))
	}
	for code := range exceptions {
		if !seen[code] {
			t.Errorf("%s is not in the catalogue", code)
		}
	}
}

func checkTexts(t *testing.T, d plaid.Definition) {
	t.Helper()
	if d.Message == "" || strings.TrimSpace(d.Message) != d.Message || strings.ContainsAny(d.Message[len(d.Message)-1:], ",;:(-") || doubled.MatchString(d.Message) {
		t.Errorf("%s: message %q", d.Code, d.Message)
	}
	for _, text := range []string{d.Display, d.Action} {
		if text != "" && (!sentence.MatchString(text) || doubled.MatchString(text)) {
			t.Errorf("%s: %q is not a sentence", d.Code, text)
		}
		if strings.Count(text, "(") != strings.Count(text, ")") || strings.Contains(text, "%") {
			t.Errorf("%s: %q", d.Code, text)
		}
	}
	// What an end user reads names no field, token or id.
	if strings.Contains(d.Display, "_") {
		t.Errorf("%s: display message %q names a field", d.Code, d.Display)
	}
}

// Nobody who is given the catalogue can change it.
func TestCatalogueIsACopy(t *testing.T) {
	plaid.Catalogue()[0].Status = 999
	if got := plaid.Catalogue()[0].Status; got == 999 {
		t.Error("the catalogue was changed from outside")
	}
}

func TestErrOfAnUnknownCode(t *testing.T) {
	e := plaid.Err("NO_SUCH_CODE")
	if e.Code != plaid.InternalServerError || e.Status != 500 || e.Type != "API_ERROR" {
		t.Errorf("got %v", e)
	}
	if e.Cause == nil || !strings.Contains(e.Cause.Error(), "NO_SUCH_CODE") {
		t.Errorf("the log would not tell which code was meant: %v", e.Cause)
	}
	if strings.Contains(e.Message, "NO_SUCH_CODE") {
		t.Errorf("the client is told %q", e.Message)
	}
	if _, ok := plaid.Lookup("NO_SUCH_CODE"); ok {
		t.Error("an unknown code is found")
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		got           *plaid.Error
		code, message string
	}{
		{plaid.InvalidField("options.count", "must be between 1 and 500"), "INVALID_FIELD", "options.count must be between 1 and 500"},
		{plaid.MissingFields("a", "b"), "MISSING_FIELDS", "the following required fields are missing: a, b"},
		{plaid.UnknownFields("a", "b.c"), "UNKNOWN_FIELDS", "the following fields are not recognized by this endpoint: a, b.c"},
		{plaid.Errf("INVALID_PRODUCT", "no %s", "product"), "INVALID_PRODUCT", "no product"},
		{plaid.Err("INVALID_BODY"), "INVALID_BODY", "body could not be parsed as JSON"},
		{plaid.Err("INVALID_API_KEYS"), "INVALID_API_KEYS", "invalid client_id or secret provided"},
		{plaid.Err("INVALID_ACCOUNT_ID"), "INVALID_ACCOUNT_ID", "failed to find requested account ID for requested item"},
	} {
		if string(c.got.Code) != c.code || c.got.Message != c.message || c.got.Status != 400 || c.got.Error() != c.code+": "+c.message {
			t.Errorf("got %v, want %s: %s", c.got, c.code, c.message)
		}
	}
	if def, _ := plaid.Lookup("INVALID_PRODUCT"); def.Message == "no product" {
		t.Error("a message of one error has changed the catalogue")
	}
	e := &plaid.Error{Definition: plaid.Err("INVALID_BODY").Definition, Cause: io.ErrUnexpectedEOF}
	if !errors.Is(e, io.ErrUnexpectedEOF) || !strings.HasSuffix(e.Error(), "unexpected EOF") {
		t.Errorf("the cause is lost: %v", e)
	}
}

// Quoted lists come into messages as JSON, whatever the values are.
func TestQuoted(t *testing.T) {
	for _, values := range [][]string{{"a"}, {"a", "b c"}, {`a","b`, `back\slash`, "new\nline", "<&>"}, {}} {
		var got []string
		if err := json.Unmarshal([]byte(plaid.Quoted(values)), &got); err != nil || !slices.Equal(got, values) {
			t.Errorf("%q became %s, %v", values, plaid.Quoted(values), err)
		}
	}
	if got := plaid.Quoted([]string{"a", "<b>"}); got != `["a","<b>"]` {
		t.Errorf("got %s", got)
	}
	if got := plaid.Quoted(nil); got != "[]" {
		t.Errorf("got %s", got)
	}
}

func TestEnumsHaveNoDuplicates(t *testing.T) {
	for name, c := range map[string]struct {
		list []string
		n    int // as published
	}{
		"Environments": {plaid.Environments, 3}, "AccountTypes": {plaid.AccountTypes, 5}, "AccountSubtypes": {plaid.AccountSubtypes, 78},
		"Products": {plaid.Products, 38}, "CountryCodes": {plaid.CountryCodes, 20}, "Languages": {plaid.Languages, 17},
		"SecurityTypes": {plaid.SecurityTypes, 9}, "SecuritySubtypes": {plaid.SecuritySubtypes, 33},
		"UnofficialCurrencies": {plaid.UnofficialCurrencies, 23}, "InvestmentTransactionTypes": {plaid.InvestmentTransactionTypes, 6},
		"InvestmentTransactionSubtypes": {plaid.InvestmentTransactionSubtypes, 48},
	} {
		checkUnique(t, name, c.list)
		if len(c.list) != c.n {
			t.Errorf("%s has %d values, want %d", name, len(c.list), c.n)
		}
		for _, v := range c.list {
			if !plaid.Known(c.list, v) {
				t.Errorf("%s does not know its own %q", name, v)
			}
		}
		if plaid.Known(c.list, "") || plaid.Known(c.list, "no such value") {
			t.Errorf("%s knows what it does not have", name)
		}
	}
}

func checkUnique(t *testing.T, name string, list []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, v := range list {
		if seen[v] || v == "" || strings.TrimSpace(v) != v {
			t.Errorf("%s has %q twice, or it is not a name", name, v)
		}
		seen[v] = true
	}
}

func TestSubtypesBelongToTypes(t *testing.T) {
	for _, kind := range plaid.AccountTypes {
		list := plaid.SubtypesOf(kind)
		checkUnique(t, kind, list)
		if len(list) == 0 {
			t.Errorf("%s has no subtype", kind)
		}
		for _, v := range list {
			if !plaid.Known(plaid.AccountSubtypes, v) {
				t.Errorf("%s: %q is no account subtype", kind, v)
			}
		}
	}
	if plaid.SubtypesOf("brokerage") != nil {
		t.Error("an unknown type has subtypes")
	}
}

func TestDataScopes(t *testing.T) {
	if got := strings.Join(plaid.DataScopes([]string{"investments_auth", "auth"}), " "); got != "account_balance_info contact_info account_routing_number investments" {
		t.Errorf("got %s", got)
	}
	if got := plaid.DataScopes(nil); got == nil || len(got) != 0 {
		t.Errorf("no products read %v; want an empty list, which is [] in JSON", got)
	}
	if got := strings.Join(plaid.Ordered([]string{"a", "b", "c"}, []string{"c", "x", "a", "c"}), " "); got != "a c" {
		t.Errorf("got %s", got)
	}
}
