package taxlots

import (
	"context"
	"encoding/json"
	"slices"

	"weft/internal/item"
	"weft/internal/lots"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Document is the kind of the document that this package keeps of an Item.
const Document = "lots"

// Book is what is kept of the lots of an Item.
type Book struct {
	// Methods are those that were chosen, by the ids of their accounts. The others are FIFO.
	Methods map[string]lots.Method `json:"methods,omitempty"`
	// Entries are the holdings that are Weft's to give lots to, in the order of the holdings.
	Entries []Entry `json:"holdings,omitempty"`
}

// Entry is what was found of a holding.
type Entry struct {
	AccountID  string `json:"account_id"`
	SecurityID string `json:"security_id"`
	// Quantity is the one for which it was found.
	Quantity plaid.Decimal `json:"quantity"`
	Found
	// GaveLots and GaveCost say what of the holding is Weft's.
	GaveLots bool `json:"gave_lots,omitempty"`
	GaveCost bool `json:"gave_cost,omitempty"`
	// Disputed says that the bank's cost is another than that of the lots, which are not given then.
	Disputed bool `json:"disputed,omitempty"`
}

// Unknown says what is not known of the holding, and why.
func (e Entry) Unknown() []lots.Reason {
	list := append([]lots.Reason{}, e.Why...)
	if e.Disputed {
		list = append(list, disputed)
	}
	return list
}

// Open reads a book as it is stored; there may be none.
func Open(document []byte) (*Book, error) {
	b := &Book{}
	if len(document) == 0 {
		return b, nil
	}
	return b, json.Unmarshal(document, b)
}

// Method is that of an account.
func (b *Book) Method(accountID string) lots.Method {
	if m, ok := b.Methods[accountID]; ok {
		return m
	}
	return lots.FIFO
}

// Choose sets the method of an account.
func (b *Book) Choose(accountID string, method lots.Method) {
	if b.Methods == nil {
		b.Methods = map[string]lots.Method{}
	}
	b.Methods[accountID] = method
}

// entries are those of the book by account and security.
func (b *Book) entries() map[[2]string]Entry {
	by := make(map[[2]string]Entry, len(b.Entries))
	for _, e := range b.Entries {
		by[[2]string{e.AccountID, e.SecurityID}] = e
	}
	return by
}

// Restore takes what is Weft's off holdings that were stored, so that they are the bank's again.
func (b *Book) Restore(holdings []plaid.Holding) {
	by := b.entries()
	for i := range holdings {
		h := &holdings[i]
		e := by[[2]string{h.AccountID, h.SecurityID}]
		if e.GaveLots {
			h.TaxLots = []plaid.TaxLot{}
		}
		if e.GaveCost {
			h.CostBasis = nil
		}
	}
}

// Transactions gives those of an account, in any order.
type Transactions func(accountID string) ([]plaid.InvestmentTransaction, error)

// Fill gives lots and costs to the holdings, as their bank states them, that have none. It finds them anew in the accounts
// whose transactions have changed, and where a holding is new or another quantity of it is held.
func (b *Book) Fill(ctx context.Context, tx *store.Tx, itemKey string, holdings []plaid.Holding, securities []plaid.Security, changed map[string]bool, transactions Transactions) error {
	before := b.entries()
	cash := map[string]bool{}
	for _, s := range securities {
		cash[s.SecurityID] = describe(s).cash()
	}
	stale := map[string]bool{}
	for _, h := range holdings {
		e, known := before[[2]string{h.AccountID, h.SecurityID}]
		if lacking(h, cash) && (!known || changed[h.AccountID] || !e.Quantity.Equal(h.Quantity)) {
			stale[h.AccountID] = true
		}
	}
	found, err := b.find(ctx, tx, itemKey, holdings, stale, transactions)
	if err != nil {
		return err
	}
	b.Entries = nil
	for i := range holdings {
		h := &holdings[i]
		if !lacking(*h, cash) {
			continue
		}
		e := before[[2]string{h.AccountID, h.SecurityID}]
		e = Entry{AccountID: h.AccountID, SecurityID: h.SecurityID, Quantity: h.Quantity, Found: e.Found}
		if stale[h.AccountID] {
			e.Found = found[h.AccountID][h.SecurityID]
		}
		e.give(h)
		b.Entries = append(b.Entries, e)
	}
	return nil
}

// lacking reports whether a holding is one to give lots to: the bank has none, and it is not money.
func lacking(h plaid.Holding, cash map[string]bool) bool {
	return len(h.TaxLots) == 0 && !cash[h.SecurityID]
}

// find finds the lots of the holdings of accounts.
func (b *Book) find(ctx context.Context, tx *store.Tx, itemKey string, holdings []plaid.Holding, accounts map[string]bool, transactions Transactions) (map[string]map[string]Found, error) {
	found := map[string]map[string]Found{}
	if len(accounts) == 0 {
		return found, nil
	}
	securities, err := readSecurities(ctx, tx, itemKey)
	if err != nil {
		return nil, err
	}
	for accountID := range accounts {
		list, err := transactions(accountID)
		if err != nil {
			return nil, err
		}
		own := slices.DeleteFunc(slices.Clone(holdings), func(h plaid.Holding) bool { return h.AccountID != accountID })
		found[accountID] = Account(list, own, securities, b.Method(accountID))
	}
	return found, nil
}

// Write keeps the book, unless there is nothing in it and never was.
func (b *Book) Write(ctx context.Context, tx *store.Tx, itemKey string, stored bool) (changed bool, err error) {
	if !stored && len(b.Methods) == 0 && len(b.Entries) == 0 {
		return false, nil
	}
	return item.PutDocument(ctx, tx, itemKey, Document, b)
}
