package panes

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/web/panes/panestest"
	"weft/internal/product/link/web/words"
)

// allPanes are the panes of a session.
var allPanes = []session.Pane{
	session.PaneConsent, session.PanePhone, session.PaneOTP, session.PaneSaved, session.PaneInstitutions, session.PaneCredentials, session.PaneMFA,
	session.PaneRecaptcha, session.PaneOAuth, session.PaneLoading, session.PaneAccounts, session.PaneUpload, session.PaneToken, session.PaneAuthType,
	session.PaneRouting, session.PaneNumber, session.PaneHolder, session.PaneAuthorize, session.PaneDeposited, session.PaneDepositCode,
	session.PaneConnected, session.PaneError, session.PaneExit, session.PaneEnded,
}

func render(t *testing.T, view session.View) string {
	t.Helper()
	r, err := Render(view, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Title == "" {
		t.Errorf("%s: title %q", view.Pane, r.Title)
	}
	return string(r.HTML)
}

// TestEveryPaneRenders: each has its own case, and what all have: its name, one heading, a way out, and well-formed HTML whose
// ids are there once.
func TestEveryPaneRenders(t *testing.T) {
	seen := map[session.Pane]bool{}
	for _, c := range panestest.All() {
		seen[c.View.Pane] = true
		html := render(t, c.View)
		for _, want := range []string{`data-pane="` + string(c.View.Pane) + `"`, `id="pane-title"`, `id="close-button"`, `data-step="7"`} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: lacks %s", c.Name, want)
			}
		}
		if n := strings.Count(html, "<h1"); n != 1 {
			t.Errorf("%s: %d headings", c.Name, n)
		}
		if strings.Contains(html, "ZgotmplZ") || strings.Contains(html, " style=") || regexp.MustCompile(`(?i)<script| on[a-z]+=`).MatchString(html) {
			t.Errorf("%s: has something that its page forbids", c.Name)
		}
		checkIDs(t, c.Name, html)
		checkNesting(t, c.Name, html)
	}
	for _, pane := range allPanes {
		if !seen[pane] {
			t.Errorf("the pane %s has no case", pane)
		}
	}
}

var (
	idShape  = regexp.MustCompile(` id="([^"]*)"`)
	refShape = regexp.MustCompile(` (?:for|aria-controls|data-reveal)="([^"]*)"`)
)

func checkIDs(t *testing.T, name, html string) {
	t.Helper()
	ids := map[string]bool{}
	for _, m := range idShape.FindAllStringSubmatch(html, -1) {
		if ids[m[1]] {
			t.Errorf("%s: the id %s is there twice", name, m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range refShape.FindAllStringSubmatch(html, -1) {
		if !ids[m[1]] {
			t.Errorf("%s: refers to %s, which is not there", name, m[1])
		}
	}
	for _, m := range regexp.MustCompile(` aria-(?:describedby|labelledby)="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		for _, id := range strings.Fields(m[1]) {
			if !ids[id] {
				t.Errorf("%s: is described by %s, which is not there", name, id)
			}
		}
	}
}

var tagShape = regexp.MustCompile(`<(/?)([a-z0-9]+)(?:\s[^<>]*?)?(/?)>`)

// checkNesting: every element is closed in its turn.
func checkNesting(t *testing.T, name, html string) {
	t.Helper()
	var open []string
	for _, m := range tagShape.FindAllStringSubmatch(html, -1) {
		closing, tag, empty := m[1] != "", m[2], m[3] != ""
		switch {
		case empty || tag == "input" || tag == "img" || tag == "br":
		case !closing:
			open = append(open, tag)
		case len(open) == 0 || open[len(open)-1] != tag:
			t.Errorf("%s: </%s> closes %v", name, tag, open)
			return
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: %v are not closed", name, open)
	}
}

// hostile are texts that would be more than text in a careless page.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onfocus='alert(1)`, `javascript:alert(1)`, `{{.ClientName}}{client}`,
	"\u202ecod.exe", `</textarea></title><b>`, `--><svg onload=alert(1)>`, "a\x00b\u2028c",
}

// fill puts a text into every text of a value.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.Type().Elem().PkgPath() == "" || v.IsNil() {
			return
		}
		fill(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name == "Pane" || name == "Health" || name == "Code" || (name == "Kind" && v.Type() == reflect.TypeFor[session.MFA]()) {
				continue // the machine's own words
			}
			fill(v.Field(i), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	case reflect.String:
		v.SetString(text)
	}
}

// TestNothingFromOutsideIsMarkup fills every text of every view with what is hostile: the page keeps exactly the elements and
// attributes that it has with harmless texts.
func TestNothingFromOutsideIsMarkup(t *testing.T) {
	for i, c := range panestest.All() {
		fill(reflect.ValueOf(&c.View).Elem(), "harmless")
		want := skeleton(render(t, c.View))
		for _, text := range hostile {
			bad := panestest.All()[i].View
			fill(reflect.ValueOf(&bad).Elem(), text)
			html := render(t, bad)
			if got := skeleton(html); got != want {
				t.Errorf("%s: %q changes the page's elements:\n%s\n%s", c.Name, text, want, got)
			}
			if strings.ContainsAny(elementShape.ReplaceAllString(html, ""), "\u202e\u2028\x00") {
				t.Errorf("%s: %q keeps what turns the text around it", c.Name, text)
			}
			if regexp.MustCompile(` (href|src|action|data-oauth)="javascript`).MatchString(html) {
				t.Errorf("%s: %q became a link", c.Name, text)
			}
		}
	}
}

var (
	elementShape = regexp.MustCompile(`<[^>]*>`)
	valueShape   = regexp.MustCompile(`="[^"]*"`)
	toneShape    = regexp.MustCompile(`tone-\d`)
)

// skeleton is a page's elements with the names of their attributes. Attributes and elements that a text's being empty or no
// address leaves out are left out.
func skeleton(html string) string {
	var out strings.Builder
	for _, m := range elementShape.FindAllString(html, -1) {
		out.WriteString(valueShape.ReplaceAllString(m, ""))
	}
	return out.String()
}

func TestWebsitesAreLinksOnlyIfTheyAreOfTheWeb(t *testing.T) {
	for address, want := range map[string]bool{
		"https://bank.example/x?y=1": true, "http://bank.example": true, "javascript:alert(1)": false, "data:text/html,x": false, "//bank.example": false, "": false, "https:": false,
	} {
		v := panestest.All()[0].View
		v.Pane, v.Institution, v.Failure = session.PaneError, &session.Institution{Name: "B", URL: address}, &session.Failure{Code: "ITEM_LOCKED", Site: true}
		if got := strings.Contains(render(t, v), "<a "); got != want {
			t.Errorf("%q: link %t, want %t", address, got, want)
		}
	}
}

// TestIdsThatSuitesUse: published end-to-end suites find these.
func TestIdsThatSuitesUse(t *testing.T) {
	pages := map[string]string{}
	for _, c := range panestest.All() {
		pages[c.Name] = render(t, c.View)
	}
	for name, list := range map[string][]string{
		"consent":             {`id="aut-button"`, `>Continue<`},
		"consent-phone":       {`id="aut-secondary-button"`, `>Continue without phone number<`},
		"consent-update":      {`>Get started<`},
		"phone":               {`>Continue as guest<`},
		"institutions":        {`id="search-input"`, `placeholder="Search`, `id="aut-ins_109508"`, `aria-label="First Platypus Bank"`},
		"credentials":         {`id="aut-input-0-input" name="username" type="text"`, `id="aut-input-1-input" name="password" type="password"`, `autocomplete="current-password"`},
		"mfa-device":          {`id="device-input"`},
		"mfa-code":            {`id="aut-input-0-input"`, `autocomplete="one-time-code"`},
		"auth_type":           {`id="flow-type-manual"`, `id="flow-type-instant"`},
		"authorize":           {`>Confirm<`, "has a code"},
		"authorize-automatic": {`>Confirm<`, "need not do anything"},
		"accounts":            {`type="checkbox" id="account-0" name="account" value="0" checked`, `id="account-8" name="account" value="8" disabled`},
		"accounts-single":     {`type="radio"`},
	} {
		for _, want := range list {
			if !strings.Contains(pages[name], want) {
				t.Errorf("%s: lacks %s", name, want)
			}
		}
	}
	v := panestest.All()[0].View
	v.Pane, v.Phone, v.Institution = session.PanePhone, &session.Phone{}, panestest.Bank()
	if !strings.Contains(render(t, v), `id="aut-secondary-button" data-action="skip">Finish without saving<`) {
		t.Error("a phone number that is asked for at the end cannot be passed over")
	}
}

// TestEveryKeyOfTheTemplatesHasAText finds keys in the templates and in this package's code.
func TestEveryKeyOfTheTemplatesHasAText(t *testing.T) {
	book := words.For("en")
	entries, err := files.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, entry := range entries {
		text, err := files.ReadFile("templates/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\.([TN]) "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
			n++
			key := m[2]
			if m[1] == "N" {
				key += ".other"
			}
			if !book.Has(key) {
				t.Errorf("%s: no text %s", entry.Name(), key)
			}
		}
	}
	if n < 100 {
		t.Errorf("found %d keys", n)
	}
	for _, use := range UseCases {
		if !book.Has("use." + use) {
			t.Errorf("no text for the use %s", use)
		}
	}
}

// TestNoPaneShowsAKey renders every case in every language: what has no text would show its key.
func TestNoPaneShowsAKey(t *testing.T) {
	key := regexp.MustCompile(`>[^<]*\b[a-z_]+\.[a-z_A-Z]+\b[^<]*<`)
	for _, language := range plaid.Languages {
		for _, c := range panestest.All() {
			c.View.Language = language
			c.View.Institution, c.View.Environment = panestest.Bank(), plaid.Production
			c.View.Institution.URL = ""
			if c.View.Institutions != nil {
				for i := range c.View.Institutions.List {
					c.View.Institutions.List[i].URL = ""
				}
			}
			html := strings.NewReplacer("@example.com", "", "\u00a0", "").Replace(render(t, c.View))
			for _, found := range key.FindAllString(html, -1) {
				t.Errorf("%s in %s shows %s", c.Name, language, found)
			}
			if strings.Contains(html, "{institution}") || strings.Contains(html, "{client}") || strings.Contains(html, "{count}") {
				t.Errorf("%s in %s leaves a place empty", c.Name, language)
			}
		}
	}
}

// TestProblemsAreSaidNextToTheirField: the wrong field says so, and what explains it is found.
func TestProblemsAreSaidNextToTheirField(t *testing.T) {
	v := panestest.All()[0].View
	v.Pane, v.Credentials = session.PaneCredentials, &session.Credentials{Fields: []session.Field{{Name: "username", Label: "username"}, {Name: "password", Label: "password", Kind: "password"}}}
	v.Problem = &session.Problem{Code: "MISSING_FIELDS", Field: "password"}
	html := render(t, v)
	if n := strings.Count(html, `aria-invalid="true"`); n != 1 || !regexp.MustCompile(`name="password"[^>]*aria-invalid="true" aria-describedby="problem"`).MatchString(html) {
		t.Errorf("%d fields are wrong in %s", n, html)
	}
	for code, want := range map[plaid.Code]string{
		"INVALID_CREDENTIALS": "did not accept this login", "ITEM_LOCKED": "too many tries", "SOMETHING_NEW": "That did not work",
	} {
		v.Problem = &session.Problem{Code: code, Remaining: 1}
		if html := render(t, v); !strings.Contains(html, want) || !strings.Contains(html, "1 try is left") {
			t.Errorf("%s is not told as %q", code, want)
		}
	}
}

func TestTones(t *testing.T) {
	for color, want := range map[string]int{"#ff0000": 0, "#ff8800": 1, "#00ff00": 3, "#00ffff": 4, "#0000ff": 5, "#ff00ff": 7, "#ff0010": 0, "#808080": 8, "#000000": 8} {
		if got := (page{}).Tone(color, "ins_1"); got != want {
			t.Errorf("%s: tone %d, want %d", color, got, want)
		}
	}
	for _, color := range []string{"", "red", "#12345", "#12345g"} {
		if got := (page{}).Tone(color, "ins_1"); got < 0 || got >= 8 || got != (page{}).Tone("", "ins_1") {
			t.Errorf("%q: tone %d", color, got)
		}
	}
	if !toneShape.MatchString(render(t, panestest.All()[0].View)) {
		t.Error("no initial is coloured")
	}
}
