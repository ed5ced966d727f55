package investment

import (
	"weft/internal/connector"
	"weft/internal/connector/ofx/bank"
	"weft/internal/connector/ofx/reader"
	"weft/internal/connector/ofx/statement"
	"weft/internal/plaid"
)

// movements are TRNTYPE of money in a broker's account. What is not here is a deposit or a withdrawal by its sign, also
// where the word says otherwise: PagSeguro has IN and OUT, Fidelity sends fees as OTHER.
var movements = map[string]struct{ typ, subtype string }{
	"INT": {"cash", "interest"}, "DIV": {"cash", "dividend"}, "FEE": {"fee", "account fee"}, "SRVCHG": {"fee", "account fee"},
	"XFER": {"transfer", "transfer"},
}

// cashMovement reads INVBANKTRAN: a bank transaction of a broker's account.
func (r *reading) cashMovement(e reader.Element) {
	for tran := range e.All("STMTTRN") {
		row, ok := bank.ReadRow(r.Reading, tran)
		if !ok {
			continue
		}
		out := plaid.InvestmentTransaction{Date: row.Day, Name: row.Name, Amount: row.Amount.Neg(), Type: "cash", Subtype: "deposit"}
		out.ISOCurrencyCode, out.UnofficialCurrencyCode = r.Currencies(tran)
		if m, ok := movements[row.Kind]; ok {
			out.Type, out.Subtype = m.typ, m.subtype
		} else if row.Amount.Sign() < 0 {
			out.Subtype = "withdrawal"
		}
		key := r.Key(statement.Content{Kind: "INVBANKTRAN", FITID: row.FITID, Day: row.Day, Amount: out.Amount, Text: row.Description()}, nil)
		r.Replaced(tran, key)
		r.Of.InvestmentTransactions = append(r.Of.InvestmentTransactions, connector.InvestmentTransaction{
			Key: key, AccountKey: r.Of.Account.Key, Reference: row.FITID, InvestmentTransaction: out,
		})
	}
}
