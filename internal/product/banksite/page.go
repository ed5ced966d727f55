package banksite

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"

	"weft/internal/connector"
	"weft/internal/plaid"
)

//go:embed pages/*.html pages/bank.css
var files embed.FS

var pages = sync.OnceValue(func() *template.Template { return template.Must(template.New("").ParseFS(files, "pages/*.html")) })

// The style is served under the name of its content.
var (
	styleSheet = must(files.ReadFile("pages/bank.css"))
	styleName  = "bank-" + hash(styleSheet) + ".css"
)

// must is for what is a part of the program.
func must(content []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return content
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// page is what a template shows. Kind is a visit's stage, or return, closed, lost, failed.
type page struct {
	Kind    string
	Bank    connector.Institution
	Visit   connector.Visit
	Problem problem
	// Location is where the page return leads.
	Location string
}

// problem is what was wrong with a form: the field, what to say of it, and what of the rest is shown again.
type problem struct {
	Field, Text string
	Username    string
	Scopes      []string
}

// Style is the address of the style, from that of a page.
func (page) Style() string { return "../../assets/" + styleName }

// Outcomes are the ends that can be played.
func (page) Outcomes() []outcome { return outcomes }

// Client is who asks, in words.
func (p page) Client() string {
	if p.Visit.ClientName == "" {
		return "The app"
	}
	return p.Visit.ClientName
}

// Heading is the page's, and its title.
func (p page) Heading() string {
	switch p.Kind {
	case string(connector.VisitSignIn):
		return "Sign in"
	case string(connector.VisitCode):
		return "Enter your code"
	case string(connector.VisitAccounts):
		return "Choose what to share"
	case "return":
		return "You are being taken back"
	case "closed":
		return "You have left the bank"
	case "lost":
		return "This page cannot be used any more"
	}
	return "Something went wrong"
}

// scopeTexts say what a scope shares.
var scopeTexts = map[string][2]string{
	"accounts":     {"Accounts and balances", "Names, types and what is on them"},
	"numbers":      {"Account numbers", "Account and routing numbers, for payments"},
	"identity":     {"Contact details", "Name, address, email and phone number"},
	"transactions": {"Transactions", "Payments in and out, with their descriptions"},
	"investments":  {"Investments", "Holdings, and what was bought and sold"},
	"liabilities":  {"Loans and credit", "Terms, rates and payments due"},
	"payments":     {"Payments", "Starting payments from the account"},
}

// ScopeName and ScopeText are a scope in words.
func (page) ScopeName(name string) string { return scopeTexts[name][0] }

// ScopeText says what a scope is about.
func (page) ScopeText(name string) string { return scopeTexts[name][1] }

// Shares says whether a scope is ticked: all are at first.
func (p page) Shares(name string) bool {
	return p.Problem.Field == "" || slices.Contains(p.Problem.Scopes, name)
}

// Ticked says whether accounts are ticked: all are, until a person has unticked all.
func (p page) Ticked() bool { return p.Problem.Field != "account" }

// Balance is an account's balance in words, empty where the bank does not say it.
func (page) Balance(a connector.Account) string {
	b := a.Balances
	amount := b.Current
	if amount == nil {
		amount = b.Available
	}
	if amount == nil {
		return ""
	}
	if b.ISOCurrencyCode == nil { // of other currencies each digit counts
		return strings.TrimSpace(amount.String() + " " + deref(b.UnofficialCurrencyCode))
	}
	return grouped(amount.Round(2).Add(plaid.NewDecimal(0, -2)).String()) + " " + *b.ISOCurrencyCode
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// grouped writes a number's thousands apart: -1234567.50 as -1,234,567.50.
func grouped(number string) string {
	whole, rest, _ := strings.Cut(number, ".")
	digits := strings.TrimPrefix(whole, "-")
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return whole[:len(whole)-len(strings.TrimPrefix(whole, "-"))] + digits + "." + rest
}

// sentence begins a message with a capital.
func sentence(message string) string {
	if message == "" {
		return ""
	}
	return strings.ToUpper(message[:1]) + message[1:]
}

// policy lets a page load its own style and pictures and send its own form; nobody may frame it.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// show writes a page. None is kept, and none tells another site where a person came from.
func (s *service) show(w http.ResponseWriter, r *http.Request, status int, p page) {
	in, _, ok := s.institution(r)
	if !ok {
		status, p, in = http.StatusNotFound, page{Kind: "lost"}, connector.Institution{Institution: plaid.Institution{Name: "Bank"}}
	}
	p.Bank = in
	var out bytes.Buffer
	if err := pages().ExecuteTemplate(&out, "page.html", p); err != nil {
		s.log.ErrorContext(r.Context(), "bank's page", "error", err)
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if _, err := w.Write(out.Bytes()); err != nil {
		s.log.DebugContext(r.Context(), "bank's page", "error", err) // the reader has gone
	}
}
