package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"weft/wefttest"
)

// linkPerson is a person in Link, as their browser asks the server for them.
type linkPerson struct {
	t   testing.TB
	s   *wefttest.Server
	key string
	linkAnswer
	// heard is all that the browser was told, but for the key.
	heard bytes.Buffer
}

// linkAnswer is what the browser is told of a step.
type linkAnswer struct {
	Key      string `json:"key"`
	Step     int64  `json:"step"`
	Pane     string `json:"pane"`
	HTML     string `json:"html"`
	Finished *struct {
		PublicToken string `json:"public_token"`
	} `json:"finished"`
}

// openLink opens Link with a form: link_token or hosted_id.
func openLink(t testing.TB, s *wefttest.Server, name, value string) *linkPerson {
	t.Helper()
	p := &linkPerson{t: t, s: s}
	form := url.Values{name: {value}, "origin": {"https://app.example"}}
	body := p.post("/link/v2/open", "application/x-www-form-urlencoded", []byte(form.Encode()))
	boot := html.UnescapeString(between(string(body), `name="weft-link" content="`, `"`))
	if err := json.Unmarshal([]byte(boot), &p.linkAnswer); err != nil || p.Key == "" {
		t.Fatalf("%v in %s", err, boot)
	}
	p.key, p.HTML = p.Key, string(body)
	p.heard.WriteString(strings.ReplaceAll(html.UnescapeString(string(body)), p.key, ""))
	return p
}

func (p *linkPerson) post(path, contentType string, body []byte) []byte {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.s.URL+path, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Weft-Link-Session", p.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %d %s %v", path, res.StatusCode, answer, err)
	}
	return answer
}

// act does an action with values (name, value, ...) on the present pane.
func (p *linkPerson) act(name string, values ...string) *linkPerson {
	p.t.Helper()
	fields := map[string][]string{}
	for i := 0; i+1 < len(values); i += 2 {
		fields[values[i]] = append(fields[values[i]], values[i+1])
	}
	body, err := json.Marshal(map[string]any{"name": name, "step": p.Step, "values": fields})
	if err != nil {
		p.t.Fatal(err)
	}
	p.take(p.post("/link/v2/act", "application/json", body))
	return p
}

// upload brings a file.
func (p *linkPerson) upload(content []byte) *linkPerson {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("action", fmt.Sprintf(`{"name":"upload","step":%d}`, p.Step)); err != nil {
		p.t.Fatal(err)
	}
	part, err := form.CreateFormFile("file", "a.ofx")
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.take(p.post("/link/v2/act", form.FormDataContentType(), body.Bytes()))
	return p
}

func (p *linkPerson) take(body []byte) {
	p.t.Helper()
	p.linkAnswer = linkAnswer{}
	if err := json.Unmarshal(body, &p.linkAnswer); err != nil {
		p.t.Fatal(err)
	}
	p.heard.Write(body)
}

// work asks for the work of the loading pane until there is none.
func (p *linkPerson) work() *linkPerson {
	p.t.Helper()
	for p.Pane == "loading" {
		p.act("continue")
	}
	return p
}

func (p *linkPerson) at(pane string) *linkPerson {
	p.t.Helper()
	if p.Pane != pane {
		p.t.Fatalf("on pane %s, want %s", p.Pane, pane)
	}
	return p
}

// share chooses the first account.
func (p *linkPerson) share() *linkPerson {
	p.t.Helper()
	_, rest, _ := strings.Cut(p.at("accounts").HTML, `name="account"`)
	return p.act("choose", "account", html.UnescapeString(between(rest, `value="`, `"`))).work()
}

// makeLinkToken makes a link token with members beside the usual ones.
func makeLinkToken(t testing.TB, s *wefttest.Server, secret, members string) string {
	t.Helper()
	if !strings.Contains(members, `"user"`) {
		members += `,"user":{"client_user_id":"u"}`
	}
	body := `{"client_name":"App","language":"en","country_codes":["US"],"products":["transactions"]` + members + `}`
	status, answer, err := s.Post("/link/token/create", []byte(body), http.Header{"Content-Type": {"application/json"}, "Plaid-Client-Id": {s.ClientID}, "Plaid-Secret": {secret}})
	token := between(string(answer), `"link_token":"`, `"`)
	if err != nil || token == "" {
		t.Fatalf("%d %s %v", status, answer, err)
	}
	return token
}
