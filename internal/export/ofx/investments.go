package ofx

import (
	"strings"

	"weft/internal/export/ledger"
	"weft/internal/plaid"
)

// class is what OFX has of its own for a kind of instrument.
type class struct{ info, position, buy, sell string }

var (
	stock = class{"STOCKINFO", "POSSTOCK", "BUYSTOCK", "SELLSTOCK"}
	fund  = class{"MFINFO", "POSMF", "BUYMF", "SELLMF"}
	debt  = class{"DEBTINFO", "POSDEBT", "BUYDEBT", "SELLDEBT"}
	opt   = class{"OPTINFO", "POSOPT", "BUYOPT", "SELLOPT"}
	other = class{"OTHERINFO", "POSOTHER", "BUYOTHER", "SELLOTHER"}
)

func classOf(s *plaid.Security) class {
	if s == nil || s.Type == nil {
		return other
	}
	switch {
	case s.OptionContract != nil:
		return opt
	case *s.Type == "equity" || *s.Type == "etf":
		return stock
	case *s.Type == "mutual fund":
		return fund
	case *s.Type == "fixed income":
		return debt
	}
	return other
}

// identifier names an instrument: by its CUSIP or ISIN, or else by Weft's own id.
func identifier(id string, s *plaid.Security) (value, kind string) {
	switch {
	case s != nil && s.CUSIP != nil:
		return *s.CUSIP, "CUSIP"
	case s != nil && s.ISIN != nil:
		return *s.ISIN, "ISIN"
	}
	return cut(id, 32), "WEFT"
}

func (f *file) securityID(id string) {
	value, kind := identifier(id, f.book.Security(id))
	f.in("SECID", func() {
		f.put("UNIQUEID", value)
		f.put("UNIQUEIDTYPE", kind)
	})
}

func (f *file) investment(a *ledger.Account) {
	first, last := a.Days()
	f.in("INVSTMTRS", func() {
		f.put("DTASOF", moment(a.AsOf))
		f.put("CURDEF", currency(a))
		f.in("INVACCTFROM", func() {
			f.put("BROKERID", cut(strings.TrimPrefix(a.InstitutionID, "ins_"), 22))
			f.put("ACCTID", accountID(a))
		})
		f.in("INVTRANLIST", func() {
			f.put("DTSTART", day(first))
			f.put("DTEND", day(last))
			var money []plaid.InvestmentTransaction // comes after all else
			for _, t := range a.Investments {
				if f.event(t) {
					money = append(money, t)
				}
			}
			for _, t := range money {
				f.money(t)
			}
			for _, t := range a.Transactions {
				f.in("INVBANKTRAN", func() {
					f.transaction(t)
					f.put("SUBACCTFUND", "CASH")
				})
			}
		})
		f.positions(a)
		f.balances(a)
	})
}

// event writes what one event of an account does to an instrument, and reports whether it is to be told as a movement of money too.
func (f *file) event(t plaid.InvestmentTransaction) (money bool) {
	var s *plaid.Security
	if t.SecurityID != nil {
		s = f.book.Security(*t.SecurityID)
	}
	switch {
	case s == nil || ledger.IsCash(s):
		return true
	case t.Quantity.IsZero():
		f.income(t)
	case t.Type == "buy" && t.Quantity.Sign() > 0:
		f.trade(t, classOf(s), true)
	case t.Type == "sell" && t.Quantity.Sign() < 0:
		f.trade(t, classOf(s), false)
	default:
		f.shares(t)
		return !t.Amount.IsZero()
	}
	return false
}

func (f *file) head(t plaid.InvestmentTransaction) {
	f.in("INVTRAN", func() {
		f.put("FITID", t.InvestmentTransactionID)
		f.put("DTTRADE", day(t.Date))
		f.put("MEMO", cut(t.Name, 255))
	})
}

func (f *file) trade(t plaid.InvestmentTransaction, c class, buys bool) {
	name, inner, kind, how := c.buy, "INVBUY", "BUYTYPE", "BUY"
	if !buys {
		name, inner, kind, how = c.sell, "INVSELL", "SELLTYPE", "SELL"
	}
	switch t.Subtype {
	case "sell short":
		how = "SELLSHORT"
	case "buy to cover":
		how = "BUYTOCOVER"
	}
	total := t.Amount.Neg()
	f.in(name, func() {
		f.in(inner, func() {
			f.head(t)
			f.securityID(*t.SecurityID)
			f.put("UNITS", t.Quantity.String())
			f.put("UNITPRICE", t.Price.String())
			f.number("FEES", t.Fees)
			f.number("TOTAL", &total)
			f.put("SUBACCTSEC", "CASH")
			f.put("SUBACCTFUND", "CASH")
		})
		switch {
		case c == stock || c == fund:
			f.put(kind, how)
		case c == debt && !buys:
			f.put("SELLREASON", "SELL")
		case c == opt && buys:
			f.put("OPTBUYTYPE", "BUYTOOPEN")
			f.put("SHPERCTRCT", sharesPerContract)
		case c == opt:
			f.put("OPTSELLTYPE", "SELLTOCLOSE")
			f.put("SHPERCTRCT", sharesPerContract)
		}
	})
}

// sharesPerContract of an option, as far as the API knows.
const sharesPerContract = "100"

// shares writes shares that come or go.
func (f *file) shares(t plaid.InvestmentTransaction) {
	action := "IN"
	if t.Quantity.Sign() < 0 {
		action = "OUT"
	}
	f.in("TRANSFER", func() {
		f.head(t)
		f.securityID(*t.SecurityID)
		f.put("SUBACCTSEC", "CASH")
		f.put("UNITS", t.Quantity.String())
		f.put("TFERACTION", action)
		f.put("POSTYPE", "LONG")
	})
}

// incomes are OFX's kinds of income by subtype; others are MISC.
var incomes = map[string]string{
	"dividend": "DIV", "qualified dividend": "DIV", "non-qualified dividend": "DIV", "interest": "INTEREST",
	"long-term capital gain": "CGLONG", "short-term capital gain": "CGSHORT",
}

// income writes money that an instrument brings, or costs.
func (f *file) income(t plaid.InvestmentTransaction) {
	total := t.Amount.Neg()
	if total.Sign() < 0 {
		f.in("INVEXPENSE", func() {
			f.head(t)
			f.securityID(*t.SecurityID)
			f.number("TOTAL", &total)
			f.put("SUBACCTSEC", "CASH")
			f.put("SUBACCTFUND", "CASH")
		})
		return
	}
	kind := incomes[t.Subtype]
	if kind == "" {
		kind = "MISC"
	}
	f.in("INCOME", func() {
		f.head(t)
		f.securityID(*t.SecurityID)
		f.put("INCOMETYPE", kind)
		f.number("TOTAL", &total)
		f.put("SUBACCTSEC", "CASH")
		f.put("SUBACCTFUND", "CASH")
	})
}

// money writes a movement of money alone.
func (f *file) money(t plaid.InvestmentTransaction) {
	kind := "CREDIT"
	switch {
	case t.Type == "fee":
		kind = "FEE"
	case t.Subtype == "interest":
		kind = "INT"
	case strings.Contains(t.Subtype, "dividend"):
		kind = "DIV"
	case t.Amount.Sign() > 0:
		kind = "DEBIT"
	}
	f.in("INVBANKTRAN", func() {
		f.in("STMTTRN", func() {
			f.put("TRNTYPE", kind)
			f.put("DTPOSTED", day(t.Date))
			f.put("TRNAMT", t.Amount.Neg().String())
			f.put("FITID", t.InvestmentTransactionID)
			f.put("NAME", cut(t.Name, 32))
			f.put("MEMO", cut(t.Name, 255))
		})
		f.put("SUBACCTFUND", "CASH")
	})
}

// positions writes what an account holds but for money.
func (f *file) positions(a *ledger.Account) {
	var list []plaid.Holding
	for _, h := range a.Holdings {
		if !ledger.IsCash(f.book.Security(h.SecurityID)) {
			list = append(list, h)
		}
	}
	if len(list) == 0 {
		return
	}
	f.in("INVPOSLIST", func() {
		for _, h := range list {
			kind, asOf := "LONG", moment(a.AsOf)
			if h.Quantity.Sign() < 0 {
				kind = "SHORT"
			}
			if h.InstitutionPriceAsOf != nil {
				asOf = day(*h.InstitutionPriceAsOf)
			}
			f.in(classOf(f.book.Security(h.SecurityID)).position, func() {
				f.in("INVPOS", func() {
					f.securityID(h.SecurityID)
					f.put("HELDINACCT", "CASH")
					f.put("POSTYPE", kind)
					f.put("UNITS", h.Quantity.String())
					f.put("UNITPRICE", h.InstitutionPrice.String())
					f.put("MKTVAL", h.InstitutionValue.String())
					f.put("DTPRICEASOF", asOf)
				})
			})
		}
	})
}

// balances writes what an account has of money, where that is known.
func (f *file) balances(a *ledger.Account) {
	cash, known := f.book.Cash(a)
	if !known {
		return
	}
	available := cash[a.Currency()]
	f.in("INVBAL", func() {
		f.put("AVAILCASH", available.String())
		f.put("MARGINBALANCE", "0")
		f.put("SHORTBALANCE", "0")
	})
}

// securities writes the list of instruments.
func (f *file) securities() {
	var list []plaid.Security
	for _, s := range f.book.Securities {
		if !ledger.IsCash(&s) {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return
	}
	f.in("SECLISTMSGSRSV1", func() {
		f.in("SECLIST", func() {
			for _, s := range list {
				f.instrument(s)
			}
		})
	})
}

func (f *file) instrument(s plaid.Security) {
	name := "Unnamed"
	if s.Name != nil {
		name = *s.Name
	}
	c := classOf(&s)
	f.in(c.info, func() {
		f.in("SECINFO", func() {
			f.securityID(s.SecurityID)
			f.put("SECNAME", cut(name, 120))
			if s.TickerSymbol != nil {
				f.put("TICKER", cut(*s.TickerSymbol, 32))
			}
		})
		switch c {
		case opt:
			f.put("OPTTYPE", strings.ToUpper(s.OptionContract.ContractType))
			f.put("STRIKEPRICE", s.OptionContract.StrikePrice.String())
			f.put("DTEXPIRE", day(s.OptionContract.ExpirationDate))
			f.put("SHPERCTRCT", sharesPerContract)
		case debt:
			face := plaid.Dec("100")
			if s.FixedIncome != nil && s.FixedIncome.FaceValue != nil {
				face = *s.FixedIncome.FaceValue
			}
			f.put("PARVALUE", face.String())
			f.put("DEBTTYPE", "COUPON")
			if s.FixedIncome != nil && s.FixedIncome.MaturityDate != nil {
				f.put("DTMAT", day(*s.FixedIncome.MaturityDate))
			}
		}
	})
}
