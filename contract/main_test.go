package contract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"weft/internal/needs"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// published is the published file, read once. Without it the test is skipped.
func published(t testing.TB) *Spec {
	t.Helper()
	path := needs.Shared(t, "plaid/2020-09-14.yml")
	file.once.Do(func() { file.spec, file.err = Load(path) })
	if file.err != nil {
		t.Fatal(file.err)
	}
	return file.spec
}

var file struct {
	once sync.Once
	spec *Spec
	err  error
}

// tally counts the answers that were held against the file, by operation.
type tally struct{ successes, faults map[string]int }

func newTally() *tally { return &tally{map[string]int{}, map[string]int{}} }

func (c *tally) count(operation string, status int, known bool) {
	if !known {
		operation = "" // the errors of paths that are none count as one
	}
	if success(status) {
		c.successes[operation]++
		return
	}
	c.faults[operation]++
}

func (c *tally) String() string {
	operations := maps.Clone(c.successes)
	maps.Copy(operations, c.faults)
	delete(operations, "")
	answers, errors := c.faults[""], c.faults[""]
	for op := range operations {
		answers += c.successes[op] + c.faults[op]
		errors += c.faults[op]
	}
	return fmt.Sprintf("contract: held %d answers (%d of them errors) of %d operations against the published file", answers, errors, len(operations))
}

// probe is a server whose every answer is held against the published file.
type probe struct {
	*wefttest.Server
	spec  *Spec
	tally *tally
	// allowed are places of answers that the file does not have and that are right all the same.
	allowed []string
	header  http.Header

	paths  map[string]bool
	shared *shared
}

// shared is what the cases of one server share: an Item's token, a report's, and how many users were made.
type shared struct {
	token, report string
	paper         string // the token of an Item with statements
	users         int
}

func newProbe(s *wefttest.Server, spec *Spec, c *tally) *probe {
	p := &probe{Server: s, spec: spec, tally: c, header: http.Header{}, paths: map[string]bool{}, shared: &shared{}}
	for _, path := range s.Routes() {
		p.paths[path] = true
	}
	return p
}

// serves reports whether the server has a route.
func (p *probe) serves(path string) bool { return p.paths[path] }

// with is the probe with another header on each request; no value means no header.
func (p *probe) with(name string, value ...string) *probe {
	other := *p
	other.header = p.header.Clone()
	other.header[http.CanonicalHeaderKey(name)] = value
	return &other
}

// as is the probe as another client.
func (p *probe) as(s *wefttest.Server) *probe {
	other := *p
	other.Server = s
	return &other
}

// allowing is the probe that lets some undeclared members pass.
func (p *probe) allowing(paths ...string) *probe {
	other := *p
	other.allowed = slices.Concat(p.allowed, paths)
	return &other
}

// answer is an answer that the published file allows.
type answer struct {
	status int
	body   []byte
	fault  wefttest.Error
}

// ask sends a request and holds the answer against the file. A request that is a string is sent as it is.
func (p *probe) ask(t *testing.T, operation string, request any) answer {
	t.Helper()
	return p.send(t, http.MethodPost, operation, request)
}

// direct is a client that does not follow: no answer of the API is a redirection.
var direct = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (p *probe) send(t *testing.T, method, operation string, request any) answer {
	t.Helper()
	sent := bodyOf(t, request)
	req, err := http.NewRequestWithContext(t.Context(), method, p.URL+operation, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Plaid-Client-Id": {p.ClientID}, "Plaid-Secret": {p.Secret}}
	maps.Copy(req.Header, p.header)
	res, err := direct.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode}
	a.body, err = io.ReadAll(res.Body)
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if res.Header.Get("Content-Type") == "application/pdf" {
		p.holdFile(t, operation, res, a.body)
		return a
	}
	if ct := res.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		t.Errorf("%s: Content-Type is %q", operation, ct)
	}
	p.hold(t, operation, sent, &a)
	return a
}

// holdFile checks an answer that is a document: the file says so of the operation, the headers which request it is of and, of statements,
// what its bytes are.
func (p *probe) holdFile(t *testing.T, operation string, res *http.Response, body []byte) {
	t.Helper()
	p.tally.count(operation, res.StatusCode, p.spec.Has(operation))
	if !p.spec.AnswersWith(operation, res.StatusCode, "application/pdf") {
		t.Errorf("%s: the file says nothing of a PDF", operation)
	}
	want := ""
	if sum := sha256.Sum256(body); operation == statementsDownload {
		want = hex.EncodeToString(sum[:])
	}
	if res.Header.Get("Plaid-Content-Hash") != want || res.Header.Get("Plaid-Request-ID") == "" || !bytes.HasPrefix(body, []byte("%PDF-")) {
		t.Errorf("%s: %v of %.20q", operation, res.Header, body)
	}
}

// hold checks an answer against the file and against itself.
func (p *probe) hold(t *testing.T, operation string, sent []byte, a *answer) {
	t.Helper()
	p.tally.count(operation, a.status, p.spec.Has(operation))
	found := p.spec.Check(operation, a.status, a.body)
	if !success(a.status) {
		if err := json.Unmarshal(a.body, &a.fault); err != nil {
			t.Fatalf("%s: %v in %s", operation, err, a.body)
		}
	} else {
		found = append(found, sense(a.body)...)
	}
	for _, v := range found {
		if v.Kind == Undeclared && slices.Contains(p.allowed, v.Path) {
			continue
		}
		t.Errorf("%s: %s\n\trequest %.600s\n\tanswer %.1500s", operation, v, sent, a.body)
	}
}

func bodyOf(t *testing.T, request any) []byte {
	t.Helper()
	if text, ok := request.(string); ok {
		return []byte(text)
	}
	sent, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// ok asks and wants a success.
func (p *probe) ok(t *testing.T, operation string, request any) answer {
	t.Helper()
	a := p.ask(t, operation, request)
	if !success(a.status) {
		t.Fatalf("%s: %d %s: %s\n\trequest %.600s", operation, a.status, a.fault.Code, a.fault.Message, bodyOf(t, request))
	}
	return a
}

// refused asks and wants an error: its code, with the type and the status that belong to it.
func (p *probe) refused(t *testing.T, operation, code string, request any) answer {
	t.Helper()
	a := p.ask(t, operation, request)
	a.isFault(t, operation, code, request)
	return a
}

func (a answer) isFault(t *testing.T, operation, code string, request any) {
	t.Helper()
	want, known := faults[code]
	if !known {
		t.Fatalf("the test does not know the error %s", code)
	}
	if a.status != want.status || a.fault.Code != code || a.fault.Type != want.kind {
		t.Errorf("%s: answered %d %s %s, want %d %s %s\n\tmessage %s\n\trequest %.600s", operation,
			a.status, a.fault.Type, a.fault.Code, want.status, want.kind, code, a.fault.Message, bodyOf(t, request))
	}
}

// into decodes an answer.
func (a answer) into(t *testing.T, out any) {
	t.Helper()
	if err := json.Unmarshal(a.body, out); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// fault is the error_type and the HTTP status of an error_code.
type fault struct {
	kind   string
	status int
}

// faults is what the contract says of the codes that the tests meet.
var faults = map[string]fault{
	"INVALID_BODY": {"INVALID_REQUEST", 400}, "INVALID_FIELD": {"INVALID_REQUEST", 400}, "INVALID_HEADERS": {"INVALID_REQUEST", 400},
	"MISSING_FIELDS": {"INVALID_REQUEST", 400}, "UNKNOWN_FIELDS": {"INVALID_REQUEST", 400}, "NOT_FOUND": {"INVALID_REQUEST", 404},
	"SANDBOX_ONLY": {"INVALID_REQUEST", 400}, "INVALID_CONFIGURATION": {"INVALID_REQUEST", 400},

	"INVALID_AUDIT_COPY_TOKEN": {"INVALID_INPUT", 400},
	"INVALID_API_KEYS":         {"INVALID_INPUT", 400}, "INVALID_ACCESS_TOKEN": {"INVALID_INPUT", 400}, "INVALID_PUBLIC_TOKEN": {"INVALID_INPUT", 400},
	"INVALID_ACCOUNT_ID": {"INVALID_INPUT", 400}, "INVALID_INSTITUTION": {"INVALID_INPUT", 400}, "INVALID_PRODUCT": {"INVALID_INPUT", 400},
	"INVALID_LINK_TOKEN": {"INVALID_INPUT", 400}, "ADDITIONAL_CONSENT_REQUIRED": {"INVALID_INPUT", 400},
	"INVALID_LINK_CUSTOMIZATION": {"INVALID_INPUT", 400}, "INVALID_USER_TOKEN": {"INVALID_INPUT", 400}, "INVALID_USER_ID": {"INVALID_INPUT", 400},
	"INVALID_USER_IDENTITY_DATA": {"USER_ERROR", 403}, "USER_NOT_FOUND": {"USER_ERROR", 400},

	"INVALID_PROCESSOR_TOKEN": {"INVALID_INPUT", 400}, "UNAUTHORIZED_ROUTE_ACCESS": {"INVALID_INPUT", 400},

	"ITEM_NOT_FOUND": {"ITEM_ERROR", 400}, "ITEM_LOGIN_REQUIRED": {"ITEM_ERROR", 400}, "PRODUCTS_NOT_SUPPORTED": {"ITEM_ERROR", 400},
	"NO_INVESTMENT_ACCOUNTS": {"ITEM_ERROR", 400}, "NO_LIABILITY_ACCOUNTS": {"ITEM_ERROR", 400}, "NO_INVESTMENT_AUTH_ACCOUNTS": {"ITEM_ERROR", 400}, "NO_ACCOUNTS": {"ITEM_ERROR", 400},
	"NO_AUTH_ACCOUNTS":    {"ITEM_ERROR", 400},
	"INVALID_CREDENTIALS": {"ITEM_ERROR", 400}, "INVALID_MFA": {"ITEM_ERROR", 400}, "INVALID_SEND_METHOD": {"ITEM_ERROR", 400},
	"INSUFFICIENT_CREDENTIALS": {"ITEM_ERROR", 400}, "ITEM_LOCKED": {"ITEM_ERROR", 400}, "ITEM_NOT_SUPPORTED": {"ITEM_ERROR", 400},
	"MFA_NOT_SUPPORTED": {"ITEM_ERROR", 400}, "USER_INPUT_TIMEOUT": {"ITEM_ERROR", 400}, "USER_SETUP_REQUIRED": {"ITEM_ERROR", 400},
	"PRODUCT_NOT_READY": {"ITEM_ERROR", 400}, "USER_PERMISSION_REVOKED": {"ITEM_ERROR", 400},
	"LAST_UPDATED_DATETIME_OUT_OF_RANGE": {"INVALID_RESULT", 400},

	"INSTITUTION_DOWN": {"INSTITUTION_ERROR", 400}, "INSTITUTION_NOT_RESPONDING": {"INSTITUTION_ERROR", 400},
	"INSTITUTION_NO_LONGER_SUPPORTED": {"INSTITUTION_ERROR", 400}, "COUNTRY_NOT_SUPPORTED": {"INSTITUTION_ERROR", 400},
	"PAYMENT_INVALID_RECIPIENT": {"PAYMENT_ERROR", 400}, "RECAPTCHA_BAD": {"RECAPTCHA_ERROR", 400},
	"INTERNAL_SERVER_ERROR": {"API_ERROR", 500}, "PLAID_ERROR": {"API_ERROR", 500},
}
