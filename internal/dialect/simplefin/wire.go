package simplefin

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"weft/internal/plaid"
)

// The protocol's objects. What only one of its versions has is left out in the other.
type (
	problem struct {
		Code      string `json:"code"`
		Message   string `json:"msg"`
		ConnID    string `json:"conn_id,omitempty"`
		AccountID string `json:"account_id,omitempty"`
	}
	connection struct {
		ConnID  string `json:"conn_id"`
		Name    string `json:"name"`
		OrgID   string `json:"org_id"`
		OrgName string `json:"org_name"`
		OrgURL  string `json:"org_url,omitempty"`
		SfinURL string `json:"sfin_url"`
	}
	organisation struct {
		Domain  string `json:"domain,omitempty"`
		SfinURL string `json:"sfin-url"`
		Name    string `json:"name"`
		URL     string `json:"url,omitempty"`
		ID      string `json:"id"`
	}
	account struct {
		Org          *organisation `json:"org,omitempty"`
		ID           string        `json:"id"`
		Name         string        `json:"name"`
		ConnID       string        `json:"conn_id,omitempty"`
		Currency     string        `json:"currency"`
		Balance      string        `json:"balance"`
		Available    string        `json:"available-balance,omitempty"`
		BalanceDate  int64         `json:"balance-date"`
		Transactions []transaction `json:"transactions"`
		Holdings     []holding     `json:"holdings"`
		Extra        extra         `json:"extra"`
	}
	// extra is what the protocol has no place for.
	extra struct {
		Type    string `json:"type"`
		Subtype string `json:"subtype,omitempty"`
	}
	transaction struct {
		ID           string `json:"id"`
		Posted       int64  `json:"posted"`
		Amount       string `json:"amount"`
		Description  string `json:"description"`
		Payee        string `json:"payee"`
		Memo         string `json:"memo,omitempty"`
		TransactedAt int64  `json:"transacted_at,omitempty"`
		Pending      bool   `json:"pending,omitempty"`
	}
	holding struct {
		ID            string `json:"id"`
		Created       int64  `json:"created"`
		Currency      string `json:"currency"`
		CostBasis     string `json:"cost_basis"`
		Description   string `json:"description"`
		MarketValue   string `json:"market_value"`
		PurchasePrice string `json:"purchase_price"`
		Shares        string `json:"shares"`
		Symbol        string `json:"symbol"`
	}
)

// accountSet is an answer on its way, in the form of both versions.
type accountSet struct {
	sfinURL     string
	problems    []problem
	errors      []string
	connections []connection
	accounts    []account
	orgs        map[string]*organisation // by connection
}

func newAccountSet(sfinURL string) *accountSet {
	return &accountSet{sfinURL: sfinURL, problems: []problem{}, errors: []string{}, connections: []connection{}, accounts: []account{}, orgs: map[string]*organisation{}}
}

// version is the answer as a version of the protocol has it.
func (s *accountSet) version(version int) any {
	if version == 2 {
		return answer2{s.problems, s.connections, s.accounts}
	}
	accounts := slices.Clone(s.accounts)
	for i := range accounts {
		accounts[i].Org, accounts[i].ConnID = s.orgs[accounts[i].ConnID], ""
	}
	return answer1{s.errors, accounts}
}

type (
	answer1 struct {
		Errors   []string  `json:"errors"`
		Accounts []account `json:"accounts"`
	}
	answer2 struct {
		ErrList     []problem    `json:"errlist"`
		Connections []connection `json:"connections"`
		Accounts    []account    `json:"accounts"`
	}
)

// general is an answer that is nothing but an error, to be understood by programs of either version.
func general(code, message string) any {
	return struct {
		Errors []string `json:"errors"`
		answer2
	}{[]string{message}, answer2{[]problem{{Code: code, Message: message}}, []connection{}, []account{}}}
}

// add adds an Item.
func (s *accountSet) add(c *contents, q query) {
	it := c.item
	name := cmp.Or(it.InstitutionName, it.InstitutionID, "Account numbers")
	s.connections = append(s.connections, connection{
		ConnID: it.ID, Name: name, OrgID: it.InstitutionID, OrgName: name, OrgURL: c.institution, SfinURL: s.sfinURL,
	})
	s.orgs[it.ID] = &organisation{Domain: domain(c.institution), SfinURL: s.sfinURL, Name: name, URL: c.institution, ID: it.InstitutionID}
	if it.Error != "" {
		s.inError(it.ID, name, it.Error)
	}
	if it.Revoked() != nil {
		return
	}
	for _, a := range c.accounts {
		out, stated := c.account(a)
		if !stated {
			message := "The bank states no balance of " + out.Name + "; 0.00 stands in its place"
			s.problems = append(s.problems, problem{Code: "act.", Message: message, ConnID: it.ID, AccountID: out.ID})
			s.errors = append(s.errors, message)
		}
		s.accounts = append(s.accounts, out)
	}
}

// loginErrors are the errors that end when the user logs in again.
var loginErrors = []plaid.Code{
	"ITEM_LOGIN_REQUIRED", "INVALID_CREDENTIALS", "INVALID_MFA", "ITEM_LOCKED", "PASSWORD_RESET_REQUIRED",
	"INSUFFICIENT_CREDENTIALS", "ACCESS_NOT_GRANTED", "USER_PERMISSION_REVOKED",
}

// inError tells that an Item's data is not brought up to date any more. Programs of version 1 know the sentence by heart: it
// is that of the SimpleFIN Bridge.
func (s *accountSet) inError(connID, name string, code plaid.Code) {
	p := problem{Code: "con.", ConnID: connID}
	sentence, why := "Connection to "+name+" may need attention", "its data cannot be brought up to date"
	if slices.Contains(loginErrors, code) {
		p.Code, why = "con.auth", "it needs a new login"
	}
	p.Message = sentence + ": " + why + " (" + string(code) + ")"
	s.problems = append(s.problems, p)
	s.errors = append(s.errors, sentence)
}

// domain is the host of an institution's URL.
func domain(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}
