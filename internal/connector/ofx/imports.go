package ofx

import (
	"slices"

	"weft/internal/connector"
	"weft/internal/connector/ofx/securities"
	"weft/internal/plaid"
)

// Import is what a file states of one institution: the makings of an Item, or of a refresh of one.
type Import struct {
	Institution Institution
	// Batch is all of its statements together. Its window of investment history is set where every investment account of the
	// file covers it; whoever keeps accounts that the file does not state must clear it.
	Batch connector.Batch
	// Statements are those that the batch is made of, with the window of each, the corrections and the facts.
	Statements []*Statement
	// Listed are accounts that the file only names. They have no balances.
	Listed []connector.Account
	// Unbalanced are the keys of accounts of the batch whose balance is 0 because the file states none.
	Unbalanced []string
}

// Imports groups the file by institution, in the order of the file.
func (f File) Imports() []Import {
	var imports []Import
	at := map[string]int{}
	of := func(ins Institution) *Import {
		i, ok := at[ins.Key()]
		if !ok {
			i = len(imports)
			at[ins.Key()] = i
			imports = append(imports, Import{Institution: ins})
		}
		return &imports[i]
	}
	for _, st := range f.Statements {
		im := of(st.Institution)
		im.Statements = append(im.Statements, st)
	}
	for _, l := range f.Accounts {
		im := of(l.Institution)
		named := func(st *Statement) bool { return st.Account.Key == l.Account.Key }
		twice := func(a connector.Account) bool { return a.Key == l.Account.Key }
		if !slices.ContainsFunc(im.Statements, named) && !slices.ContainsFunc(im.Listed, twice) {
			im.Listed = append(im.Listed, l.Account)
		}
	}
	for i := range imports {
		f.fill(&imports[i])
	}
	return imports
}

// fill makes the batch. Of several statements of an account the latest says what it holds, and rows that two of them state
// are one.
func (f File) fill(im *Import) {
	latest := map[string]*Statement{}
	var order []string
	for _, st := range im.Statements {
		key := st.Account.Key
		old, ok := latest[key]
		if !ok {
			order = append(order, key)
		}
		if !ok || newer(st, old) {
			latest[key] = st
		}
	}
	b := &im.Batch
	cash := map[string]bool{}
	invested := ""
	for _, key := range order {
		st := latest[key]
		b.Accounts = append(b.Accounts, st.Account)
		b.Holdings = append(b.Holdings, st.Holdings...)
		if !st.Balanced {
			im.Unbalanced = append(im.Unbalanced, key)
		}
		if st.Cash != "" {
			cash[st.Cash] = true
		}
		if st.Account.Type == plaid.TypeInvestment && invested == "" {
			invested = st.Identity.Currency
		}
	}
	im.rows(len(order) < len(im.Statements))
	im.corrections()
	if invested == "" {
		return
	}
	b.Securities = f.securities(invested)
	for _, st := range im.Statements {
		if cash[st.Cash] {
			b.Securities = append(b.Securities, securities.Cash(st.Cash))
			delete(cash, st.Cash)
		}
	}
	b.InvestmentHistory = im.history()
}

// newer reports whether a statement says more of the present than one before it in the file.
func newer(st, old *Statement) bool {
	switch {
	case st.Balanced != old.Balanced:
		return st.Balanced
	case st.AsOf == nil || old.AsOf == nil:
		return old.AsOf == nil
	}
	return *st.AsOf >= *old.AsOf
}

// rows gathers the transactions; of an account with several statements those of the same key are one.
func (im *Import) rows(several bool) {
	b := &im.Batch
	if len(im.Statements) == 1 {
		b.Transactions, b.InvestmentTransactions = im.Statements[0].Transactions, im.Statements[0].InvestmentTransactions
		return
	}
	known := map[[2]string]bool{}
	again := func(account, key string) bool {
		if !several {
			return false
		}
		place := [2]string{account, key}
		was := known[place]
		known[place] = true
		return was
	}
	for _, st := range im.Statements {
		for _, t := range st.Transactions {
			if !again(t.AccountKey, t.Key) {
				b.Transactions = append(b.Transactions, t)
			}
		}
		for _, t := range st.InvestmentTransactions {
			if !again(t.AccountKey, t.Key) {
				b.InvestmentTransactions = append(b.InvestmentTransactions, t)
			}
		}
	}
}

// corrections gathers what the bank takes back, of this file or of an earlier one.
func (im *Import) corrections() {
	for _, st := range im.Statements {
		for _, c := range st.Corrections {
			im.Batch.Corrections = append(im.Batch.Corrections, connector.Correction{AccountKey: c.AccountKey, Reference: c.FITID, ReplacedBy: c.Key})
		}
	}
}

// history is the days that all statements of investment accounts cover; nil where there are none, or where a row lies
// outside of them.
func (im *Import) history() *connector.Window {
	var all *connector.Window
	for _, st := range im.Statements {
		if st.Account.Type != plaid.TypeInvestment {
			continue
		}
		if st.Complete == nil {
			return nil
		}
		if all == nil {
			all = &connector.Window{From: st.Complete.From, To: st.Complete.To}
		}
		all.From, all.To = max(all.From, st.Complete.From), min(all.To, st.Complete.To)
	}
	if all == nil || all.From > all.To {
		return nil
	}
	for _, t := range im.Batch.InvestmentTransactions {
		if t.Date < all.From || t.Date > all.To {
			return nil
		}
	}
	return all
}
