package bank

import (
	"cmp"
	"slices"
	"strconv"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/plaid"
)

// What made-up portfolios hold. Those that a market lacks are skipped.
var (
	fundTickers   = []string{"VTI", "VXUS", "BND", "SCHD", "VNQ", "QQQ", "IWM", "GLD", "AGG"}
	stockTickers  = []string{"AAPL", "MSFT", "KO", "PG", "JNJ", "WMT", "T", "F", "XOM", "DIS", "PFE", "INTC"}
	cryptoTickers = []string{"BTC", "ETH", "DOGE", "ADA"}
)

// mostMoney is how many characters a balance may have for which a portfolio is made up: what is calculated from it has more.
const mostMoney = 40

// portfolio makes up the holdings of an account so that they add up to its balance, and the deposit and the purchases that
// led to them. Nothing is held in an account whose balance is zero, negative or larger than any money.
func (b *builder) portfolio(
	account string, a *custom.Account, subtype, currency string, from source,
) ([]connector.Holding, []connector.InvestmentTransaction) {
	total := or(a.StartingBalance, from.money("balance", 2500, 90000))
	if total.Sign() <= 0 || len(total.String()) > mostMoney {
		return nil, nil
	}
	var holdings []connector.Holding
	left := total
	for i, ticker := range b.choose(subtype, currency, from) {
		key, _ := b.marketSecurity(ticker)
		price, asOf := b.price(key, b.Created)
		share := total.Mul(plaid.NewDecimal(from.at("share", i).between("percent", 10, 24), -2))
		places := int32(0)
		if cryptocurrency(ticker) {
			places = 8
		}
		// One place more than is kept, then cut: the position must not cost more than its share.
		quantity := share.Div(price, places+1).Trunc(places)
		value := quantity.Mul(price).Trunc(2)
		if value.Sign() <= 0 || value.Cmp(left) > 0 {
			continue
		}
		left = left.Sub(value)
		cost := value.Mul(plaid.NewDecimal(from.at("share", i).between("cost", 75, 110), -2)).Round(2)
		holdings = append(holdings, position(account, key, currency, quantity, price, asOf, value, cost))
	}
	if left.Sign() > 0 {
		key := b.security(&custom.Security{TickerSymbol: &currency, Currency: &currency})
		cash := position(account, key, currency, left, plaid.DecimalFromInt(1), b.Created, left, left)
		holdings = append(holdings, cash)
	}
	return holdings, b.purchases(account, holdings, from)
}

func position(account, key, currency string, quantity, price plaid.Decimal, asOf plaid.Date, value, cost plaid.Decimal) connector.Holding {
	h := connector.Holding{AccountKey: account, SecurityKey: key, Holding: plaid.Holding{
		Quantity: quantity, InstitutionPrice: price, InstitutionPriceAsOf: &asOf, InstitutionValue: value, CostBasis: &cost,
		TaxLots: []plaid.TaxLot{},
	}}
	h.ISOCurrencyCode, h.UnofficialCurrencyCode = currencyCodes(currency)
	return h
}

// choose picks up to four tickers in the account's currency: coins for crypto accounts, else funds and stocks.
func (b *builder) choose(subtype, currency string, from source) []string {
	candidates := slices.Concat(fundTickers, stockTickers)
	if subtype == "crypto exchange" || subtype == "non-custodial wallet" {
		candidates = slices.Clone(cryptoTickers)
	}
	candidates = slices.DeleteFunc(candidates, func(ticker string) bool {
		s, ok := b.Market.Security(ticker)
		_, priced := b.Market.Price(ticker, b.Created)
		return !ok || !priced || or(s.ISOCurrencyCode, "") != currency
	})
	rank := func(ticker string) int64 { return from.below("rank "+ticker, 1<<32) }
	slices.SortFunc(candidates, func(x, y string) int { return cmp.Compare(rank(x), rank(y)) })
	return candidates[:min(len(candidates), 4)]
}

// purchases are the events that explain holdings: each position is bought on one day at its cost, and the account's first
// event brings the money for all of them.
func (b *builder) purchases(account string, holdings []connector.Holding, from source) []connector.InvestmentTransaction {
	type budget struct {
		currency string
		amount   plaid.Decimal
	}
	var rows []connector.InvestmentTransaction
	var budgets []budget
	spend := func(h *connector.Holding, amount plaid.Decimal) {
		code := or(first(h.ISOCurrencyCode, h.UnofficialCurrencyCode), "")
		for i := range budgets {
			if budgets[i].currency == code {
				budgets[i].amount = sum(budgets[i].amount, amount)
				return
			}
		}
		budgets = append(budgets, budget{code, amount})
	}
	for i := range holdings {
		h := &holdings[i]
		if h.Quantity.IsZero() {
			continue
		}
		if b.cash(h.SecurityKey) {
			spend(h, h.InstitutionValue)
			continue
		}
		row := b.purchase(h, from.at("purchase", i))
		spend(h, row.Amount)
		rows = append(rows, row)
	}
	for i := range budgets {
		if budgets[i].amount.Sign() <= 0 {
			continue
		}
		row := connector.InvestmentTransaction{Key: "deposit-" + strconv.Itoa(i), AccountKey: account}
		row.Date, row.Name = b.Created.AddDays(-(historyDays - 1)), "OPENING DEPOSIT"
		row.Type, row.Subtype = "cash", "deposit"
		row.Amount, row.Fees = bounded(budgets[i].amount.Neg()), &plaid.Decimal{}
		row.ISOCurrencyCode, row.UnofficialCurrencyCode = currencyCodes(budgets[i].currency)
		rows = append(rows, row)
	}
	return rows
}

// purchase opens one position; a short one is opened by selling.
func (b *builder) purchase(h *connector.Holding, from source) connector.InvestmentTransaction {
	row := connector.InvestmentTransaction{
		Key: "opening-" + h.SecurityKey, AccountKey: h.AccountKey, SecurityKey: h.SecurityKey,
	}
	row.Type, row.Subtype, row.Quantity = "buy", "buy", h.Quantity
	cost := or(h.CostBasis, h.InstitutionValue).Abs()
	if h.Quantity.Sign() < 0 {
		row.Type, row.Subtype, cost = "sell", "sell short", bounded(cost.Neg())
	}
	// Not before the deposit, and on a day on which the exchanges were open.
	row.Date = b.Market.NextTradingDay(b.Created.AddDays(-int(from.between("day", 30, historyDays-20))))
	row.Price = bounded(cost.Div(h.Quantity, 6).Abs())
	row.Amount, row.Fees = cost, &plaid.Decimal{}
	row.ISOCurrencyCode, row.UnofficialCurrencyCode = h.ISOCurrencyCode, h.UnofficialCurrencyCode
	row.Name = b.rowName(row.Subtype, h.SecurityKey)
	return row
}
