package server_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weft/wefttest"
)

// Nothing that a person types in Link, and none of the tokens by which it is opened and that it gives, is in any table, log or answer
// of the server, but where it is asked for.
func TestNothingTypedInLinkIsToldOrStoredInClear(t *testing.T) {
	const phone, user, password, answer = "4155557613", "user" + canary, "pass" + canary, "answer" + canary
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/claim/") {
			_, _ = io.WriteString(w, "http://"+user+":"+password+"@"+r.Host+"/sfin-"+canary)
			return
		}
		answerAccounts(w, "all is well")
	}))
	defer peer.Close()
	dir, log := t.TempDir(), &lockedLog{}
	s := wefttest.NewServerWith(t, wefttest.Options{DataDir: dir, Log: log})
	found := map[string][]byte{}
	secrets := map[string]string{"canary": canary, "phone": phone, "phone as shown": "(415) 555-7613"}

	// A person with a phone number, who errs with each thing that is asked, and is recognised the next time.
	linkToken := makeLinkToken(t, s, wefttest.SandboxSecret, `,"webhook":"https://receiver.example/","user":{"client_user_id":"u","phone_number":"+1`+phone+`","legal_name":"`+canary+`"}`)
	p := openLink(t, s, "link_token", linkToken)
	p.act("accept", "phone", "+1 "+canary).at("consent").act("accept", "phone", "(415) 555-7613").at("otp").act("otp", "code", canary).at("otp").act("otp", "code", "123456")
	p.at("institutions").act("search", "query", "platypus").act("select", "institution", "ins_109508").at("credentials")
	p.act("submit", "username", user, "password", password).work().at("credentials")
	p.act("submit", "username", "user_good", "password", password).work().at("credentials")
	p.act("submit", "username", "user_good", "password", "mfa_questions_1_1").work().at("mfa")
	p.act("submit", "answer_0", answer).work().at("mfa").act("submit", "answer_0", "answer_0_0").work().share().at("connected").act("finish")
	first := p.Finished.PublicToken
	again := openLink(t, s, "link_token", linkToken).act("accept", "phone", "415 555 7613").act("otp", "code", "123456").at("saved")
	again.act("exit_force")

	// One who brings a token of SimpleFIN, wrong and right, and then a file.
	setup := base64.StdEncoding.EncodeToString([]byte(peer.URL + "/claim/" + canary))
	live := makeLinkToken(t, s, wefttest.ProductionSecret, "")
	own := openLink(t, s, "link_token", live).act("skip").act("token").at("token").act("token", "token", "not"+setup).work().at("token")
	own.act("token", "token", setup).work().at("connected").act("finish")
	second := own.Finished.PublicToken
	openLink(t, s, "link_token", makeLinkToken(t, s, wefttest.ProductionSecret, "")).act("skip").act("upload").upload([]byte("no file " + canary)).at("upload")

	for i, one := range []*linkPerson{p, again, own} {
		// The page is told the number that the application knows, to be filled in, and its own public tokens.
		heard := strings.NewReplacer(first, "", second, "", `value="+1`+phone+`"`, "", "&#43;1"+phone, "").Replace(one.heard.String())
		found["answers "+string(rune('1'+i))] = []byte(heard)
		secrets["key "+string(rune('1'+i))] = one.key
	}
	secrets["setup token"], secrets["link token"], secrets["live link token"] = setup, linkToken, live
	secrets["public token"], secrets["live public token"] = first, second
	if len(first) < 40 || len(second) < 40 {
		t.Fatalf("linked %q and %q", first, second)
	}
	s.Stop()
	found["log"] = log.Bytes()
	readFiles(t, dir, found)
	if len(found) < 6 || log.Len() == 0 {
		t.Fatalf("only %d places were searched", len(found))
	}
	for place, content := range found {
		for name, secret := range secrets {
			if at := bytes.Index(content, []byte(secret)); at >= 0 {
				t.Errorf("%s has the %s: …%q", place, name, content[max(0, at-80):min(len(content), at+40)])
			}
		}
	}
}
