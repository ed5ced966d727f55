package server_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"weft/wefttest"
)

// canary is in every secret that a bank's side knows, and nowhere else.
const canary = "CANARY7f3d"

// lockedLog is a log that several goroutines write.
type lockedLog struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

// No credential of a connection is in any log, answer or file of the server: neither when all goes well, nor when the other
// side fails, is slow of wit, or repeats what it was sent.
func TestNoCredentialIsToldOrStoredInClear(t *testing.T) {
	user, password := "user"+canary, "pass"+canary
	answers := []func(w http.ResponseWriter){
		func(w http.ResponseWriter) { answerAccounts(w, "all is well") },
		func(w http.ResponseWriter) { answerAccounts(w, "you said "+user+":"+password) },
		func(w http.ResponseWriter) { http.Error(w, "<p>"+password+"</p>", http.StatusForbidden) },
		func(w http.ResponseWriter) {
			http.Error(w, `{"errlist":[{"code":"gen.auth","msg":"wrong `+password+`"}],"connections":[],"accounts":[]}`, 500)
		},
		func(w http.ResponseWriter) { _, _ = io.WriteString(w, "{broken "+password) },
		func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://"+user+":"+password+"@bank.example/")
			w.WriteHeader(http.StatusFound)
		},
	}
	next := 0
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/claim/") {
			_, _ = io.WriteString(w, strings.Replace("http://"+r.Host+"/sfin-"+canary+"x", "http://", "http://"+user+":"+password+"@", 1))
			return
		}
		if u, p, _ := r.BasicAuth(); u != user || p != password {
			t.Errorf("the bank was asked as %q", u)
		}
		answers[next%len(answers)](w)
		next++
	}))
	defer peer.Close()
	dir, log, told := t.TempDir(), &lockedLog{}, &bytes.Buffer{}
	s := wefttest.NewServerWith(t, wefttest.Options{DataDir: dir, Log: log})
	call := func(path, body string) string {
		answer := tell(t, s, wefttest.ProductionSecret, path, body)
		told.WriteString(answer)
		return answer
	}
	setup := base64.StdEncoding.EncodeToString([]byte(peer.URL + "/claim/" + canary))
	call("/weft/connections/create", `{"token":"`+setup+`"}`)
	id := between(call("/weft/connections/list", `{}`), `"connection_id":"`, `"`)
	for range len(answers) {
		call("/weft/connections/refresh", `{"connection_id":"`+id+`"}`)
		call("/weft/connections/list", `{}`)
	}
	call("/weft/connections/create", `{"token":"`+setup+`","oops":1}`)
	if next < len(answers) {
		t.Errorf("the bank was asked %d times", next)
	}
	s.Stop()
	found := map[string][]byte{"log": log.Bytes(), "answers": told.Bytes()}
	readFiles(t, dir, found)
	if len(found) < 4 || log.Len() == 0 {
		t.Fatalf("only %d places were searched", len(found))
	}
	for place, content := range found {
		for _, secret := range []string{canary, setup} {
			if at := bytes.Index(content, []byte(secret)); at >= 0 {
				t.Errorf("%s has a secret: …%q", place, content[max(0, at-80):min(len(content), at+40)])
			}
		}
	}
}

// The account numbers of loans are told to who asks for them, and are in no file or log.
func TestNoNumberOfALoanIsStoredInClear(t *testing.T) {
	dir, log := t.TempDir(), &lockedLog{}
	s := wefttest.NewServerWith(t, wefttest.Options{DataDir: dir, Log: log})
	access := s.MustLink("ins_109508", "liabilities").AccessToken
	const mortgage, student = "3120194154", "4277075694"
	owed := tell(t, s, wefttest.SandboxSecret, "/liabilities/get", `{"access_token":"`+access+`"}`)
	if !strings.Contains(owed, mortgage) || !strings.Contains(owed, student) {
		t.Fatalf("the numbers are not told: %s", owed)
	}
	s.Stop()
	found := map[string][]byte{"log": log.Bytes()}
	readFiles(t, dir, found)
	for place, content := range found {
		for _, number := range []string{mortgage, student} {
			if bytes.Contains(content, []byte(number)) {
				t.Errorf("%s has the account number %s", place, number)
			}
		}
	}
}

// Nothing of what is told of a person, and no user token, is in any log, file or answer of the server, but for those that are
// asked for it.
func TestNothingOfAPersonIsToldOrStoredInClear(t *testing.T) {
	dir, log, told := t.TempDir(), &lockedLog{}, &bytes.Buffer{}
	s := wefttest.NewServerWith(t, wefttest.Options{DataDir: dir, Log: log})
	call := func(path, body string) string {
		answer := tell(t, s, wefttest.SandboxSecret, path, body)
		told.WriteString(answer)
		return answer
	}
	person := `{"name":{"given_name":"` + canary + `","family_name":"` + canary + `"},"emails":[{"data":"` + canary + `@example.com","primary":true}],
		"addresses":[{"street_1":"` + canary + `","city":"` + canary + `","country":"DE","primary":true}],"id_numbers":[{"value":"` + canary + `","type":"es_dni"}]}`
	id := between(call("/user/create", `{"client_user_id":"u","identity":`+person+`}`), `"user_id":"`, `"`)
	call("/user/update", `{"user_id":"`+id+`","identity":`+person+`}`)
	call("/user/update", `{"user_id":"`+id+`","identity":{"emails":[{"data":"`+canary+`","primary":true}],"phone_numbers":[{"data":"`+canary+`","primary":true}]}}`)
	call("/user/update", `{"user_id":"`+canary+`","identity":`+person+`}`)
	call("/user/create", `{"client_user_id":"v","identity":{"date_of_birth":"`+canary+`"}}`)
	call("/user/create", `{"client_user_id":"v","identity":`+person+`,"with_upgraded_user":"`+canary+`"}`)
	access := s.MustLink("ins_109508", "identity").AccessToken
	for _, asked := range []string{
		`{"legal_name":"` + canary + `","email_address":"` + canary + `@example.com","address":{"street":"` + canary + `","city":"` + canary + `"}}`,
		`{"phone_number":"` + canary + `"}`, `{"email_address":"` + canary + `"}`,
	} {
		call("/identity/match", `{"access_token":"`+access+`","user":`+asked+`}`)
	}
	token := between(tell(t, s, wefttest.SandboxSecret, "/user/create", `{"client_user_id":"w","with_upgraded_user":false}`), `"user_token":"`, `"`)
	call("/user/items/get", `{"user_token":"`+token+`"}`)
	call("/user/items/get", `{"user_id":"`+token+`x"}`)
	call("/sandbox/public_token/create", `{"institution_id":"ins_109508","initial_products":["auth"],"user_token":"`+token+`"}`)
	tell(t, s, wefttest.SandboxSecret, "/link/token/create", `{"client_name":"x","language":"en","country_codes":["US"],"products":["auth"],"user_id":"`+token+`"}`)
	if known := tell(t, s, wefttest.SandboxSecret, "/user/get", `{"user_id":"`+id+`"}`); strings.Count(known, canary) != 6 {
		t.Fatalf("the user is %s", known)
	}
	s.Stop()
	found := map[string][]byte{"log": log.Bytes(), "answers": told.Bytes()}
	readFiles(t, dir, found)
	if len(found) < 4 || log.Len() == 0 || len(token) < 40 {
		t.Fatalf("only %d places were searched for %q", len(found), token)
	}
	for place, content := range found {
		for _, secret := range []string{canary, token} {
			if at := bytes.Index(content, []byte(secret)); at >= 0 {
				t.Errorf("%s has a secret: …%q", place, content[max(0, at-80):min(len(content), at+40)])
			}
		}
	}
}

// tell sends a body with a secret and returns the answer, whatever its status.
func tell(t *testing.T, s *wefttest.Server, secret, path, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Plaid-Client-Id", wefttest.ClientID)
	req.Header.Set("Plaid-Secret", secret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// readFiles adds the contents of a folder's files, by path.
func readFiles(t *testing.T, dir string, into map[string][]byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			into[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func answerAccounts(w http.ResponseWriter, message string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"errlist":[{"code":"act.failed","msg":"`+message+`","conn_id":"c1","account_id":"a1"}],
		"connections":[{"conn_id":"c1","name":"A bank","org_id":"o1","org_name":"A bank","org_url":"https://bank.example"}],
		"accounts":[{"id":"a1","conn_id":"c1","name":"Checking","currency":"USD","balance":"1.00","balance-date":1795176000,"transactions":[]}]}`)
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	part, _, _ := strings.Cut(rest, after)
	return part
}

// An account number that a person types is in no log, file or answer of the server, but for that of /auth/get.
func TestNoTypedNumberIsToldOrStoredInClear(t *testing.T) {
	const number, holder = "70514498223301", "Ada " + canary
	dir, log, told := t.TempDir(), &lockedLog{}, &bytes.Buffer{}
	s := wefttest.NewServerWith(t, wefttest.Options{DataDir: dir, Log: log})
	call := func(path, body string) string {
		answer := tell(t, s, wefttest.SandboxSecret, path, body)
		told.WriteString(answer)
		return answer
	}
	link := `"client_name":"x","language":"en","country_codes":["US"],"user":{"client_user_id":"u"},"products":["auth"]`
	token := between(call("/link/token/create", `{`+link+`,"auth":{"same_day_microdeposits_enabled":true}}`), `"link_token":"`, `"`)
	typed := `"link_token":"` + token + `","routing_number":"110000000","account_holder_name":"` + holder + `"`
	call("/weft/sandbox/link/complete", `{`+typed+`,"account_number":"`+number+`","account_type":"`+number+`"}`)
	call("/weft/sandbox/link/complete", `{`+typed+`,"account_number":"`+number+number+`"}`)
	public := between(call("/weft/sandbox/link/complete", `{`+typed+`,"account_number":"`+number+`"}`), `"public_token":"`, `"`)
	call("/link/token/get", `{"link_token":"`+token+`"}`)
	access := between(tell(t, s, wefttest.SandboxSecret, "/item/public_token/exchange", `{"public_token":"`+public+`"}`), `"access_token":"`, `"`)
	about := `"access_token":"` + access + `"`
	for _, path := range []string{"/auth/get", "/item/get", "/accounts/get"} {
		call(path, `{`+about+`}`)
	}
	update := between(call("/link/token/create", `{`+link+`,`+about+`}`), `"link_token":"`, `"`)
	call("/weft/sandbox/link/complete", `{"link_token":"`+update+`","deposit_code":"XXX"}`)
	call("/weft/sandbox/link/complete", `{"link_token":"`+update+`"}`)
	s.Settle()
	call("/weft/webhooks/list", `{}`)
	if answer := tell(t, s, wefttest.SandboxSecret, "/auth/get", `{`+about+`}`); !strings.Contains(answer, number) {
		t.Fatalf("/auth/get: %s", answer)
	}
	s.Stop()
	found := map[string][]byte{"log": log.Bytes(), "answers": told.Bytes()}
	readFiles(t, dir, found)
	for place, content := range found {
		if at := bytes.Index(content, []byte(number)); at >= 0 {
			t.Errorf("%s has the number: …%q", place, content[max(0, at-80):min(len(content), at+40)])
		}
	}
	if len(found) < 4 || log.Len() == 0 {
		t.Errorf("only %d places were searched", len(found))
	}
}
