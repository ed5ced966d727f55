package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"weft/internal/plaid"
)

// Answer is what /accounts answers.
type Answer struct {
	// Version is that of the protocol: 1 or 2.
	Version     int
	Problems    []Problem
	Connections []Connection
	Accounts    []Account
	// Rejected are the reasons for which accounts were left out.
	Rejected []string
}

// Problem is something that the server could not do. Code is empty in version 1; ConnID and AccountID say whom it is about,
// where the server says so.
type Problem struct{ Code, Message, ConnID, AccountID string }

// Connection is a login at a bank, in version 2.
type Connection struct{ ID, Name, OrgID, OrgName, OrgURL string }

// Org is a bank, in version 1.
type Org struct{ ID, Domain, Name, URL string }

// Account is one account with its movements and positions.
type Account struct {
	ID, ConnID     string
	Org            Org
	Name, Currency string
	Balance        plaid.Decimal
	Available      *plaid.Decimal
	// BalanceDate is when the balance was that, in seconds; 0 where it is not known.
	BalanceDate  int64
	Transactions []Transaction
	// Silent says that the answer has no list of movements, which need not mean that there are none.
	Silent   bool
	Holdings []Holding
	// Rejected are the reasons for which movements and positions were left out, Lost says that positions were.
	Rejected []string
	Lost     bool
}

// Transaction is one movement. Posted is 0 while it is pending.
type Transaction struct {
	ID                       string
	Posted, Transacted       int64
	Pending                  bool
	Amount                   plaid.Decimal
	Description, Payee, Memo string
}

// Holding is one position. What a server leaves empty is nil.
type Holding struct {
	ID, Currency, Description, Symbol         string
	Shares, MarketValue, CostBasis, PricePaid *plaid.Decimal
}

// What one answer may have. No person has more; a server that sends more wants to keep its reader busy.
const (
	mostAccounts = 1000
	mostHoldings = 5000
	mostProblems = 200
)

// Decode reads an answer. It fails only where the whole is no answer of the protocol; its errors repeat nothing of it.
func Decode(body []byte) (Answer, error) {
	var raw struct {
		Errors      list  `json:"errors"`
		ErrList     *list `json:"errlist"`
		Connections *list `json:"connections"`
		Accounts    *list `json:"accounts"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &raw); err != nil {
		return Answer{}, errors.New("the answer is not JSON of the protocol")
	}
	if raw.Accounts == nil && raw.ErrList == nil && raw.Errors == nil {
		return Answer{}, errors.New("the answer has neither accounts nor errors")
	}
	a := Answer{Version: 1}
	if raw.ErrList != nil || raw.Connections != nil {
		a.Version = 2
	}
	for _, each := range slices.Concat(raw.Errors, raw.ErrList.items()) {
		if len(a.Problems) < mostProblems {
			a.Problems = append(a.Problems, problem(each))
		}
	}
	for _, each := range raw.Connections.items() {
		if c, ok := connection(each); ok && len(a.Connections) < mostAccounts {
			a.Connections = append(a.Connections, c)
		}
	}
	known, positions := map[string]bool{}, 0
	for i, each := range raw.Accounts.items() {
		if i >= mostAccounts {
			a.Rejected = append(a.Rejected, "there are too many accounts")
			break
		}
		acc, err := account(each)
		if positions += len(acc.Holdings); err == nil && positions > mostHoldings {
			err = errors.New("there are too many holdings")
		}
		place := acc.ConnID + "\x00" + acc.Org.Domain + "\x00" + acc.ID
		if err == nil && known[place] {
			err = errors.New("its id is used twice")
		}
		if err != nil {
			a.Rejected = append(a.Rejected, fmt.Sprintf("account %d: %v", i, err))
			continue
		}
		known[place] = true
		a.Accounts = append(a.Accounts, acc)
	}
	return a, nil
}

// problem reads an error, which is a text in version 1 and an object in version 2.
func problem(raw json.RawMessage) Problem {
	var p struct {
		Code      text `json:"code"`
		Msg       text `json:"msg"`
		Message   text `json:"message"`
		ConnID    text `json:"conn_id"`
		AccountID text `json:"account_id"`
	}
	if err := json.Unmarshal(raw, &p); err == nil {
		message := p.Msg
		if message == "" {
			message = p.Message // what the protocol's draft calls it
		}
		return Problem{Code: Clean(string(p.Code)), Message: Clean(string(message)), ConnID: key(string(p.ConnID)), AccountID: key(string(p.AccountID))}
	}
	var t text
	if err := json.Unmarshal(raw, &t); err != nil {
		return Problem{Message: "an error that cannot be read"}
	}
	return Problem{Message: Clean(string(t))}
}

func connection(raw json.RawMessage) (Connection, bool) {
	var c struct {
		ID      text `json:"conn_id"`
		Name    text `json:"name"`
		OrgID   text `json:"org_id"`
		OrgName text `json:"org_name"`
		OrgURL  text `json:"org_url"`
	}
	if err := json.Unmarshal(raw, &c); err != nil || c.ID == "" {
		return Connection{}, false
	}
	return Connection{ID: key(string(c.ID)), Name: Clean(string(c.Name)), OrgID: Clean(string(c.OrgID)), OrgName: Clean(string(c.OrgName)), OrgURL: Clean(string(c.OrgURL))}, true
}

func account(raw json.RawMessage) (Account, error) {
	var r struct {
		ID     text `json:"id"`
		ConnID text `json:"conn_id"`
		Org    struct {
			ID     text `json:"id"`
			Domain text `json:"domain"`
			Name   text `json:"name"`
			URL    text `json:"url"`
		} `json:"org"`
		Name         text  `json:"name"`
		Currency     text  `json:"currency"`
		Balance      text  `json:"balance"`
		Available    text  `json:"available-balance"`
		BalanceDate  text  `json:"balance-date"`
		Transactions *list `json:"transactions"`
		Holdings     list  `json:"holdings"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return Account{}, errors.New("it cannot be read")
	}
	a := Account{
		ID: key(string(r.ID)), ConnID: key(string(r.ConnID)), Name: Clean(string(r.Name)), Currency: Clean(string(r.Currency)),
		Org: Org{ID: Clean(string(r.Org.ID)), Domain: strings.ToLower(Clean(string(r.Org.Domain))), Name: Clean(string(r.Org.Name)), URL: Clean(string(r.Org.URL))},
	}
	balance, err := amount(r.Balance)
	switch {
	case a.ID == "":
		return a, errors.New("it has no id")
	case err != nil:
		return a, fmt.Errorf("balance: %w", err)
	case balance == nil:
		return a, errors.New("it has no balance")
	}
	a.Balance = *balance
	if a.Available, err = amount(r.Available); err != nil {
		a.Rejected = append(a.Rejected, "available-balance: "+err.Error())
	}
	if a.BalanceDate, err = seconds(r.BalanceDate); err != nil {
		a.Rejected = append(a.Rejected, "balance-date: "+err.Error())
	}
	a.Silent = r.Transactions == nil
	a.movements(r.Transactions.items())
	for i, each := range r.Holdings {
		h, err := holding(each)
		if err != nil {
			a.Rejected, a.Lost = append(a.Rejected, fmt.Sprintf("holding %d: %v", i, err)), true
			continue
		}
		a.Holdings = append(a.Holdings, h)
	}
	return a, nil
}

// movements reads an account's movements. The protocol promises that an id is unique in its account: a second one is left
// out, since two rows under one key would overwrite each other, unless it is what a pending one has become.
func (a *Account) movements(rows list) {
	place := map[string]int{}
	for i, each := range rows {
		t, err := transaction(each)
		if at, seen := place[t.ID]; err == nil && seen {
			if a.Transactions[at].Pending && !t.Pending {
				a.Transactions[at] = t
				continue
			}
			err = errors.New("its id is used twice")
		}
		if err != nil {
			a.Rejected = append(a.Rejected, fmt.Sprintf("transaction %d: %v", i, err))
			continue
		}
		place[t.ID] = len(a.Transactions)
		a.Transactions = append(a.Transactions, t)
	}
}

func transaction(raw json.RawMessage) (Transaction, error) {
	var r struct {
		ID          text `json:"id"`
		Posted      text `json:"posted"`
		Transacted  text `json:"transacted_at"`
		Pending     text `json:"pending"`
		Amount      text `json:"amount"`
		Description text `json:"description"`
		Payee       text `json:"payee"`
		Memo        text `json:"memo"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return Transaction{}, errors.New("it cannot be read")
	}
	t := Transaction{
		ID: key(string(r.ID)), Pending: r.Pending == "true",
		Description: Clean(string(r.Description)), Payee: Clean(string(r.Payee)), Memo: Clean(string(r.Memo)),
	}
	value, err := amount(r.Amount)
	switch {
	case t.ID == "":
		return t, errors.New("it has no id")
	case err != nil:
		return t, fmt.Errorf("amount: %w", err)
	case value == nil:
		return t, errors.New("it has no amount")
	}
	t.Amount = *value
	if t.Posted, err = seconds(r.Posted); err != nil {
		return t, fmt.Errorf("posted: %w", err)
	}
	if t.Transacted, err = seconds(r.Transacted); err != nil {
		t.Transacted = 0 // it is only told beside the other
	}
	t.Pending = t.Pending || t.Posted == 0
	return t, nil
}

func holding(raw json.RawMessage) (Holding, error) {
	var r struct {
		ID          text `json:"id"`
		Currency    text `json:"currency"`
		Description text `json:"description"`
		Symbol      text `json:"symbol"`
		Shares      text `json:"shares"`
		MarketValue text `json:"market_value"`
		CostBasis   text `json:"cost_basis"`
		Price       text `json:"purchase_price"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return Holding{}, errors.New("it cannot be read")
	}
	h := Holding{ID: key(string(r.ID)), Currency: Clean(string(r.Currency)), Description: Clean(string(r.Description)), Symbol: Clean(string(r.Symbol))}
	for _, each := range []struct {
		name string
		from text
		to   **plaid.Decimal
	}{
		{"shares", r.Shares, &h.Shares}, {"market_value", r.MarketValue, &h.MarketValue},
		{"cost_basis", r.CostBasis, &h.CostBasis}, {"purchase_price", r.Price, &h.PricePaid},
	} {
		v, err := amount(each.from)
		if err != nil {
			return h, fmt.Errorf("%s: %w", each.name, err)
		}
		*each.to = v
	}
	if h.MarketValue == nil {
		return h, errors.New("it has no market value")
	}
	return h, nil
}

// list is a list that may be null, or one element in the place of a list.
type list []json.RawMessage

func (l *list) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("[")) {
		return json.Unmarshal(b, (*[]json.RawMessage)(l))
	}
	*l = list{}
	if !bytes.Equal(b, []byte("null")) {
		*l = list{bytes.Clone(b)}
	}
	return nil
}

func (l *list) items() list {
	if l == nil {
		return nil
	}
	return *l
}

// text is a value that servers write as a text or as a number, digit for digit as it was written.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		*t = ""
		return nil
	case b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = text(s)
		return nil
	case b[0] == '{' || b[0] == '[':
		return errors.New("a text or a number is expected")
	}
	*t = text(b)
	return nil
}

// mostDigits keeps amounts so short that a product and a quotient of two can still be stored.
const mostDigits = 24

// amount reads an exact amount; nil where there is none.
func amount(t text) (*plaid.Decimal, error) {
	s := strings.TrimSpace(string(t))
	if s == "" {
		return nil, nil
	}
	d, err := plaid.ParseDecimal(s)
	if err != nil || len(d.String()) > mostDigits {
		return nil, errors.New("it is not an amount")
	}
	return &d, nil
}

// lastSecond is the end of the year 2199: what lies after it is milliseconds or nonsense.
const lastSecond = 7258118399

// seconds reads a moment; 0 where there is none.
func seconds(t text) (int64, error) {
	s := strings.TrimSpace(string(t))
	if s == "" {
		return 0, nil
	}
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 || n > lastSecond || strings.Trim(fraction, "0123456789") != "" {
		return 0, errors.New("it is not a time")
	}
	return n, nil
}
