package report

import (
	"cmp"
	"strings"

	"weft/internal/connector"
	"weft/internal/enrich"
	"weft/internal/enrich/taxonomy"
	"weft/internal/plaid"
)

// types are the types of transactions by payment channel.
var types = map[string]string{enrich.Online: "digital", enrich.InStore: "place", enrich.Other: "special"}

// TransactionOf is a bank's transaction as a report has it, with what was found in its words; id makes public ids of the bank's keys.
func TransactionOf(account string, id func(key string) string, t connector.Transaction, found enrich.Result) Transaction {
	words := strings.TrimSpace(t.Name + " " + t.Memo)
	out := Transaction{AccountID: account, Amount: t.Amount, ISOCurrencyCode: t.ISOCurrencyCode, UnofficialCurrencyCode: t.UnofficialCurrencyCode,
		OriginalDescription: &words, CheckNumber: text(found.CheckNumber), Date: t.Date, DateTransacted: t.AuthorizedDate, Pending: t.Pending,
		TransactionID: id(t.Key), TransactionType: cmp.Or(types[found.PaymentChannel], "unresolved")}
	if t.PendingKey != "" {
		pending := id(t.PendingKey)
		out.PendingTransactionID = &pending
	}
	name := found.Name
	if name == "" {
		name = t.Name
	}
	category := found.Personal(taxonomy.V2)
	out.Insights = &Insights{Category: found.LegacyCategory, CategoryID: text(found.LegacyCategoryID), Location: found.Place(), Name: name,
		MerchantName: text(found.MerchantName), PaymentMeta: found.Meta(), CreditCategory: &CreditCategory{Primary: category.Primary, Detailed: category.Detailed}}
	return out
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// InvestmentsOf are what an account has of them, of what its Item has.
func InvestmentsOf(account string, from plaid.Date, holdings []plaid.Holding, securities map[string]plaid.Security, events []plaid.InvestmentTransaction) *Investments {
	out := &Investments{Holdings: []Holding{}, Securities: []Security{}, Transactions: []InvestmentTransaction{}}
	named := map[string]bool{}
	name := func(id string) (ticker *string) {
		s := securities[id]
		if !named[id] {
			named[id] = true
			out.Securities = append(out.Securities, Security{SecurityID: id, Name: s.Name, TickerSymbol: s.TickerSymbol, Type: s.Type})
		}
		return s.TickerSymbol
	}
	for _, h := range holdings {
		if h.AccountID == account {
			out.Holdings = append(out.Holdings, Holding{AccountID: h.AccountID, SecurityID: h.SecurityID, TickerSymbol: name(h.SecurityID),
				InstitutionPrice: h.InstitutionPrice, InstitutionPriceAsOf: h.InstitutionPriceAsOf, InstitutionValue: h.InstitutionValue, CostBasis: h.CostBasis,
				Quantity: h.Quantity, ISOCurrencyCode: h.ISOCurrencyCode, UnofficialCurrencyCode: h.UnofficialCurrencyCode})
		}
	}
	for _, t := range events {
		if t.AccountID == account && t.Date >= from {
			if t.SecurityID != nil {
				name(*t.SecurityID)
			}
			out.Transactions = append(out.Transactions, InvestmentTransaction{InvestmentTransactionID: t.InvestmentTransactionID, AccountID: t.AccountID,
				SecurityID: t.SecurityID, Date: t.Date, Name: t.Name, Quantity: t.Quantity, Amount: t.Amount, Price: t.Price, Fees: t.Fees, Type: t.Type, Subtype: t.Subtype,
				ISOCurrencyCode: t.ISOCurrencyCode, UnofficialCurrencyCode: t.UnofficialCurrencyCode})
		}
	}
	return out
}
