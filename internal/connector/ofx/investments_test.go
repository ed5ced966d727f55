package ofx

import (
	"strings"
	"testing"

	"weft/internal/plaid"
)

// A bill, an option, a core fund and a stock, with made-up names.
const brokerSecurities = "<DEBTINFO><SECINFO>" +
	"<SECID><UNIQUEID>912797TB3<UNIQUEIDTYPE>CUSIP</SECID><SECNAME>UNITED STATES TREAS BILLS ZERO CPN 0.00000% 06/25/2026<TICKER>912797TB3</SECINFO><PARVALUE>100<DEBTTYPE>COUPON</DEBTINFO>" +
	"<OPTINFO><SECINFO><SECID><UNIQUEID>OPT1<UNIQUEIDTYPE>CUSIP</SECID><SECNAME>CALL (ACME)<TICKER>-ACME260220C50</SECINFO><OPTTYPE>PUT<STRIKEPRICE>0.0<DTEXPIRE>20260301<SHPERCTRCT>100</OPTINFO>" +
	"<MFINFO><SECINFO><SECID><UNIQUEID>31617H102<UNIQUEIDTYPE>CUSIP</SECID><SECNAME>ACME GOVERNMENT MONEY MARKET<TICKER>SPAXX<UNITPRICE>1.0</SECINFO><MFTYPE>OPENEND</MFINFO>" +
	"<MFINFO><SECINFO><SECID><UNIQUEID>MM2<UNIQUEIDTYPE>CUSIP</SECID><SECNAME>ACME CASH RESERVES<TICKER>ACMXX</SECINFO></MFINFO>" +
	"<STOCKINFO><SECINFO><SECID><UNIQUEID>037833100<UNIQUEIDTYPE>CUSIP</SECID><SECNAME>ACME INC<TICKER>ACME</SECINFO><STOCKTYPE>COMMON</STOCKINFO>"

func buy(element, memo, id, numbers, more string) string {
	return "<" + element + "><INVBUY>" + tran("1", memo, id) + numbers + "</INVBUY>" + more + "</" + element + ">"
}

func sell(element, memo, id, numbers, more string) string {
	return "<" + element + "><INVSELL>" + tran("1", memo, id) + numbers + "</INVSELL>" + more + "</" + element + ">"
}

func plainRow(element, memo, id, numbers string) string {
	return "<" + element + ">" + tran("1", memo, id) + numbers + "</" + element + ">"
}

const stock, bill, option = "037833100", "912797TB3", "OPT1"

func TestTransactions(t *testing.T) {
	const bank = "<INVBANKTRAN><STMTTRN><TRNTYPE>"
	const bankEnd = "<FITID>9<NAME>X</STMTTRN><SUBACCTFUND>CASH</INVBANKTRAN>"
	for name, c := range map[string]struct{ row, want string }{
		"buy":                           {buy("BUYSTOCK", "YOU BOUGHT", stock, "<UNITS>+0000000000100.00000<UNITPRICE>000000025.635000000<COMMISSION>+00000000000007.9500<FEES>0<TOTAL>-00000000002571.4500", "<BUYTYPE>BUY"), "buy/buy 100 @ 25.635 = 2571.45 (7.95)"},
		"buy, total positive":           {buy("BUYMF", "", stock, "<UNITS>10<UNITPRICE>5<TOTAL>50", "<BUYTYPE>BUY"), "buy/buy 10 @ 5 = 50"},
		"buy, all signs wrong":          {buy("BUYMF", "", stock, "<UNITS>-10<UNITPRICE>-5<TOTAL>50", ""), "buy/buy 10 @ 5 = 50"},
		"buy without total":             {buy("BUYSTOCK", "", stock, "<UNITS>10<UNITPRICE>5<COMMISSION>1<TAXES>0.5", ""), "buy/buy 10 @ 5 = 51.5 (1.5)"},
		"buy to cover":                  {buy("BUYSTOCK", "", stock, "<UNITS>10<UNITPRICE>5<TOTAL>-50", "<BUYTYPE>BUYTOCOVER"), "buy/buy to cover 10 @ 5 = 50"},
		"contribution by memo":          {buy("BUYMF", "CONTRIBUTION;X", stock, "<UNITS>10<UNITPRICE>5<TOTAL>-50", "<BUYTYPE>BUY"), "buy/contribution 10 @ 5 = 50"},
		"contribution of a payroll":     {buy("BUYMF", "", stock, "<UNITS>10<UNITPRICE>5<TOTAL>-50<INV401KSOURCE>PRETAX<DTPAYROLL>20260114", "<BUYTYPE>BUY"), "buy/contribution 10 @ 5 = 50"},
		"source alone":                  {buy("BUYMF", "", stock, "<UNITS>10<UNITPRICE>5<TOTAL>-50<INV401KSOURCE>PRETAX", "<BUYTYPE>BUY"), "buy/buy 10 @ 5 = 50"},
		"loan paid back":                {buy("BUYMF", "", stock, "<UNITS>10<UNITPRICE>5<TOTAL>-50<LOANID>2<INV401KSOURCE>PRETAX<DTPAYROLL>20260114", ""), "buy/buy 10 @ 5 = 50"},
		"buy taken back":                {buy("BUYSTOCK", "REVERSAL OF PURCHASE", stock, "<UNITS>-10<UNITPRICE>5<TOTAL>50", ""), "buy/buy -10 @ 5 = -50"},
		"buy that names what it undoes": {"<BUYSTOCK><INVBUY><INVTRAN><FITID>1<DTTRADE>20260115<REVERSALFITID>7</INVTRAN>" + secid(stock) + "<UNITS>-10<UNITPRICE>5<TOTAL>50</INVBUY></BUYSTOCK>", "buy/buy -10 @ 5 = -50"},
		"buy that only claims to":       {"<BUYSTOCK><INVBUY><INVTRAN><FITID>1<DTTRADE>20260115<REVERSALFITID>7</INVTRAN>" + secid(stock) + "<UNITS>10<UNITPRICE>5<TOTAL>-50</INVBUY></BUYSTOCK>", "buy/buy 10 @ 5 = 50"},
		"reverse split is none":         {buy("BUYSTOCK", "REVERSE SPLIT", stock, "<UNITS>10<UNITPRICE>5<TOTAL>-50", ""), "buy/buy 10 @ 5 = 50"},
		"buy of a bill":                 {buy("BUYDEBT", "", bill, "<UNITS>+0000000096000.00000<UNITPRICE>99.292<TOTAL>-95320.32", ""), "buy/buy 960 @ 99.292 = 95320.32"},
		"buy of an option":              {buy("BUYOPT", "", option, "<UNITS>2<UNITPRICE>3.00<COMMISSION>1.30<FEES>0.10<TOTAL>-601.40", "<OPTBUYTYPE>BUYTOOPEN<SHPERCTRCT>100"), "buy/buy 200 @ 3 = 601.4 (1.4)"},
		"option bought to close":        {buy("BUYOPT", "", option, "<UNITS>2<UNITPRICE>3<TOTAL>-600", "<OPTBUYTYPE>BUYTOCLOSE"), "buy/buy to cover 200 @ 3 = 600"},
		"option of another size":        {buy("BUYOPT", "", "UNLISTED", "<UNITS>2<UNITPRICE>3<TOTAL>-60", "<OPTBUYTYPE>BUYTOOPEN<SHPERCTRCT>10"), "buy/buy 20 @ 3 = 60"},
		"buy of something":              {buy("BUYOTHER", "", "XX", "<UNITS>3<UNITPRICE>1<TOTAL>-3", ""), "buy/buy 3 @ 1 = 3"},
		"sell":                          {sell("SELLSTOCK", "", stock, "<UNITS>-8<UNITPRICE>137.16<COMMISSION>7.95<TOTAL>1089.33", "<SELLTYPE>SELL"), "sell/sell -8 @ 137.16 = -1089.33 (7.95)"},
		"sell, units positive":          {sell("SELLMF", "", stock, "<UNITS>8<UNITPRICE>-10<TOTAL>-80", "<SELLTYPE>SELL"), "sell/sell -8 @ 10 = -80"},
		"sell with taxes withheld":      {sell("SELLSTOCK", "", stock, "<UNITS>-10<UNITPRICE>10<TAXES>2<WITHHOLDING>3<STATEWITHHOLDING>1<PENALTY>0.5<TOTAL>93.5", ""), "sell/sell -10 @ 10 = -93.5 (6.5)"},
		"sell without total":            {sell("SELLSTOCK", "", stock, "<UNITS>-10<UNITPRICE>10<FEES>1", ""), "sell/sell -10 @ 10 = -99 (1)"},
		"sell short":                    {sell("SELLSTOCK", "", stock, "<UNITS>-8<UNITPRICE>10<TOTAL>80", "<SELLTYPE>SELLSHORT"), "sell/sell short -8 @ 10 = -80"},
		"option sold to close":          {sell("SELLOPT", "", option, "<UNITS>-2<UNITPRICE>5<TOTAL>1000", "<OPTSELLTYPE>SELLTOCLOSE"), "sell/sell -200 @ 5 = -1000"},
		"option written":                {sell("SELLOPT", "", option, "<UNITS>-2<UNITPRICE>5<TOTAL>1000", "<OPTSELLTYPE>SELLTOOPEN"), "sell/sell short -200 @ 5 = -1000"},
		"bond called":                   {sell("SELLDEBT", "", bill, "<UNITS>-1000<UNITPRICE>100<TOTAL>1000", "<SELLREASON>MATURITY"), "sell/sell -10 @ 100 = -1000"},
		"bill redeemed as SELLOTHER":    {sell("SELLOTHER", "REDEMPTION PAYOUT", bill, "<UNITS>-0000000096000.00000<UNITPRICE>1.00<TOTAL>+00000000096000.00", ""), "sell/sell -960 @ 100 = -96000"},
		"sale taken back":               {sell("SELLSTOCK", "Reversed sale", stock, "<UNITS>8<UNITPRICE>10<TOTAL>-80", ""), "sell/sell 8 @ 10 = 80"},
		"dividend":                      {plainRow("INCOME", "", stock, "<INCOMETYPE>DIV<TOTAL>5.53"), "cash/dividend 0 @ 0 = -5.53"},
		"interest":                      {plainRow("INCOME", "", stock, "<INCOMETYPE>INTEREST<TOTAL>5"), "cash/interest 0 @ 0 = -5"},
		"long-term gain":                {plainRow("INCOME", "", stock, "<INCOMETYPE>CGLONG<TOTAL>5"), "cash/long-term capital gain 0 @ 0 = -5"},
		"short-term gain":               {plainRow("INCOME", "", stock, "<INCOMETYPE>CGSHORT<TOTAL>5"), "cash/short-term capital gain 0 @ 0 = -5"},
		"other income, taxed":           {plainRow("INCOME", "", stock, "<INCOMETYPE>MISC<TOTAL>5<WITHHOLDING>1"), "cash/deposit 0 @ 0 = -5 (1)"},
		"income paid back":              {plainRow("INCOME", "", stock, "<INCOMETYPE>DIV<TOTAL>-5"), "cash/dividend 0 @ 0 = 5"},
		"reinvested":                    {plainRow("REINVEST", "", stock, "<INCOMETYPE>DIV<TOTAL>-5<UNITS>1<UNITPRICE>5"), "buy/dividend reinvestment 1 @ 5 = 5"},
		"reinvested interest":           {plainRow("REINVEST", "", stock, "<INCOMETYPE>INTEREST<TOTAL>-5<UNITS>1<UNITPRICE>5"), "buy/interest reinvestment 1 @ 5 = 5"},
		"reinvested long-term gain":     {plainRow("REINVEST", "", stock, "<INCOMETYPE>CGLONG<TOTAL>-5<UNITS>1<UNITPRICE>5"), "buy/long-term capital gain reinvestment 1 @ 5 = 5"},
		"reinvested gain called DIV":    {plainRow("REINVEST", "DIV REINVEST ST CAP GAIN", stock, "<INCOMETYPE>DIV<TOTAL>-5<UNITS>1<UNITPRICE>5"), "buy/short-term capital gain reinvestment 1 @ 5 = 5"},
		"reinvestment taken back":       {plainRow("REINVEST", "REVERSAL", stock, "<INCOMETYPE>DIV<TOTAL>5<UNITS>-1<UNITPRICE>5"), "buy/dividend reinvestment -1 @ 5 = -5"},
		"return of capital":             {plainRow("RETOFCAP", "", stock, "<TOTAL>5"), "cash/return of principal 0 @ 0 = -5"},
		"expense":                       {plainRow("INVEXPENSE", "", stock, "<TOTAL>-5"), "cash/account fee 0 @ 0 = 5"},
		"management fee":                {plainRow("INVEXPENSE", "Quarterly advisory fee", stock, "<TOTAL>-5"), "cash/management fee 0 @ 0 = 5"},
		"margin interest":               {plainRow("MARGININTEREST", "", "", "<TOTAL>5<SUBACCTFUND>MARGIN"), "cash/margin expense 0 @ 0 = 5"},
		"margin interest, negative":     {plainRow("MARGININTEREST", "", "", "<TOTAL>-5"), "cash/margin expense 0 @ 0 = 5"},
		"transfer in":                   {plainRow("TRANSFER", "", stock, "<UNITS>5<TFERACTION>IN<POSTYPE>LONG<UNITPRICE>10"), "transfer/transfer 5 @ 10 = 0"},
		"transfer in, units negative":   {plainRow("TRANSFER", "", stock, "<UNITS>-5<TFERACTION>IN<POSTYPE>LONG"), "transfer/transfer 5 @ 0 = 0"},
		"transfer out":                  {plainRow("TRANSFER", "", stock, "<UNITS>5<TFERACTION>OUT<POSTYPE>LONG"), "transfer/transfer -5 @ 0 = 0"},
		"transfer out of a short":       {plainRow("TRANSFER", "", stock, "<UNITS>5<TFERACTION>OUT<POSTYPE>SHORT"), "transfer/transfer 5 @ 0 = 0"},
		"transfer, no action":           {plainRow("TRANSFER", "", stock, "<UNITS>-5<POSTYPE>LONG"), "transfer/transfer -5 @ 0 = 0"},
		"transfer of a bill":            {plainRow("TRANSFER", "", bill, "<UNITS>1000<TFERACTION>IN"), "transfer/transfer 10 @ 0 = 0"},
		"expense as transfer":           {plainRow("TRANSFER", "Investment Expense", stock, "<UNITS>-0.04241<TFERACTION>OUT<POSTYPE>LONG<UNITPRICE>39.37"), "fee/management fee -0.04241 @ 39.37 = 1.67"},
		"cash to margin":                {plainRow("JRNLFUND", "", "", "<SUBACCTTO>MARGIN<SUBACCTFROM>CASH<TOTAL>5"), "transfer/transfer 0 @ 0 = 0"},
		"security to margin":            {plainRow("JRNLSEC", "", stock, "<SUBACCTTO>MARGIN<SUBACCTFROM>CASH<UNITS>5"), "transfer/transfer 0 @ 0 = 0"},
		"journal to itself":             {plainRow("JRNLSEC", "", stock, "<SUBACCTTO>CASH<SUBACCTFROM>CASH<UNITS>5"), ""},
		"split":                         {plainRow("SPLIT", "", stock, "<OLDUNITS>100<NEWUNITS>200<NUMERATOR>2<DENOMINATOR>1"), "transfer/split 100 @ 0 = 0"},
		"split with a fraction":         {plainRow("SPLIT", "", stock, "<OLDUNITS>15<NEWUNITS>7<NUMERATOR>1<DENOMINATOR>2<FRACCASH>2.5"), "cash/deposit 0 @ 0 = -2.5; transfer/split -8 @ 0 = 0"},
		"exercise":                      {plainRow("CLOSUREOPT", "", option, "<OPTACTION>EXERCISE<UNITS>2<SHPERCTRCT>100<SUBACCTSEC>CASH"), "transfer/exercise -200 @ 0 = 0"},
		"assignment":                    {plainRow("CLOSUREOPT", "", option, "<OPTACTION>ASSIGN<UNITS>-2<SUBACCTSEC>SHORT"), "transfer/assignment 200 @ 0 = 0"},
		"expiry of what was held":       {plainRow("CLOSUREOPT", "", option, "<OPTACTION>EXPIRE<UNITS>-2<SUBACCTSEC>CASH"), "transfer/expire -200 @ 0 = 0"},
		"expiry of what was written":    {plainRow("CLOSUREOPT", "", option, "<OPTACTION>EXPIRE<UNITS>-2<SUBACCTSEC>SHORT"), "transfer/expire 200 @ 0 = 0"},
		"deposit":                       {bank + "DEP<DTPOSTED>20260115<TRNAMT>5" + bankEnd, "cash/deposit 0 @ 0 = -5"},
		"check":                         {bank + "CHECK<DTPOSTED>20260115<TRNAMT>-5" + bankEnd, "cash/withdrawal 0 @ 0 = 5"},
		"word that is not OFX's":        {bank + "OUT<DTPOSTED>20260115<TRNAMT>-5" + bankEnd, "cash/withdrawal 0 @ 0 = 5"},
		"interest on cash":              {bank + "INT<DTPOSTED>20260115<TRNAMT>5" + bankEnd, "cash/interest 0 @ 0 = -5"},
		"dividend on cash":              {bank + "DIV<DTPOSTED>20260115<TRNAMT>5" + bankEnd, "cash/dividend 0 @ 0 = -5"},
		"service charge":                {bank + "SRVCHG<DTPOSTED>20260115<TRNAMT>-5" + bankEnd, "fee/account fee 0 @ 0 = 5"},
		"transfer of cash":              {bank + "XFER<DTPOSTED>20260115<TRNAMT>-5" + bankEnd, "transfer/transfer 0 @ 0 = 5"},
	} {
		f := parse(t, brokerFile(c.row, "<INVBAL><AVAILCASH>1</INVBAL>", brokerSecurities))
		var got []string
		for _, row := range f.Imports()[0].Batch.InvestmentTransactions {
			got = append(got, told(row))
		}
		if s := strings.Join(got, "; "); s != c.want || len(f.Problems) > 0 {
			t.Errorf("%s: %s, want %s; problems %v", name, s, c.want, f.Problems)
		}
	}
}

func pos(element, id, numbers string) string {
	return "<" + element + "><INVPOS>" + secid(id) + numbers + "</INVPOS></" + element + ">"
}

func TestHoldings(t *testing.T) {
	const cash = "<INVBAL><AVAILCASH>250.50<MARGINBALANCE>-50<SHORTBALANCE>7</INVBAL>"
	for name, c := range map[string]struct{ positions, balances, holdings, current, margin string }{
		"stock and cash": {pos("POSSTOCK", stock, "<HELDINACCT>CASH<POSTYPE>LONG<UNITS>10<UNITPRICE>5<MKTVAL>50"), cash,
			"CUSIP:037833100 10 @ 5 = 50; cash:USD 250.5 @ 1 = 250.5", "257.5", "50"},
		"cash and margin are one": {pos("POSSTOCK", stock, "<HELDINACCT>CASH<POSTYPE>LONG<UNITS>10<UNITPRICE>5<MKTVAL>50") + pos("POSSTOCK", stock, "<HELDINACCT>MARGIN<POSTYPE>LONG<UNITS>1<UNITPRICE>5<MKTVAL>5"), "",
			"CUSIP:037833100 11 @ 5 = 55", "55", ""},
		"two prices": {pos("POSSTOCK", stock, "<UNITS>1<UNITPRICE>5<MKTVAL>5") + pos("POSSTOCK", stock, "<UNITS>2<UNITPRICE>8<MKTVAL>16"), "",
			"CUSIP:037833100 3 @ 7 = 21", "21", ""},
		"short":              {pos("POSSTOCK", stock, "<POSTYPE>SHORT<UNITS>10<UNITPRICE>5<MKTVAL>50"), "", "CUSIP:037833100 -10 @ 5 = -50", "-50", ""},
		"short, signs of IB": {pos("POSSTOCK", stock, "<POSTYPE>SHORT<UNITS>-10<UNITPRICE>5<MKTVAL>-50"), "", "CUSIP:037833100 -10 @ 5 = -50", "-50", ""},
		"bill":               {pos("POSDEBT", bill, "<UNITS>96000<UNITPRICE>99.292<MKTVAL>95320.32"), "", "CUSIP:912797TB3 960 @ 99.292 = 95320.32", "95320.32", ""},
		"bill in POSOTHER":   {pos("POSOTHER", bill, "<UNITS>96000<UNITPRICE>99.292<MKTVAL>95320.32"), "", "CUSIP:912797TB3 960 @ 99.292 = 95320.32", "95320.32", ""},
		"option":             {pos("POSOPT", option, "<UNITS>2<UNITPRICE>5<MKTVAL>1000"), "", "CUSIP:OPT1 200 @ 5 = 1000", "1000", ""},
		"option written":     {pos("POSOPT", option, "<POSTYPE>SHORT<UNITS>2<UNITPRICE>5<MKTVAL>-1000"), "", "CUSIP:OPT1 -200 @ 5 = -1000", "-1000", ""},
		"no market value":    {pos("POSSTOCK", stock, "<UNITS>10<UNITPRICE>5.5"), "", "CUSIP:037833100 10 @ 5.5 = 55", "55", ""},
		"core fund":          {pos("POSMF", "31617H102", "<UNITS>250.50<UNITPRICE>1<MKTVAL>250.50"), "<INVBAL><AVAILCASH>250.5</INVBAL>", "CUSIP:31617H102 250.5 @ 1 = 250.5", "250.5", ""},
		"core fund beside a fund": {pos("POSMF", "31617H102", "<UNITS>250.50<UNITPRICE>1<MKTVAL>250.50") + pos("POSMF", "MM2", "<UNITS>9<UNITPRICE>1<MKTVAL>9"), "<INVBAL><AVAILCASH>250.5</INVBAL>",
			"CUSIP:31617H102 250.5 @ 1 = 250.5; CUSIP:MM2 9 @ 1 = 9", "259.5", ""},
		"two core funds": {pos("POSMF", "31617H102", "<UNITS>100<UNITPRICE>1<MKTVAL>100") + pos("POSMF", "MM2", "<UNITS>9<UNITPRICE>1<MKTVAL>9"), "<INVBAL><AVAILCASH>109</INVBAL>",
			"CUSIP:31617H102 100 @ 1 = 100; CUSIP:MM2 9 @ 1 = 9", "109", ""},
		"core fund and cash":   {pos("POSMF", "31617H102", "<UNITS>100<UNITPRICE>1<MKTVAL>100"), "<INVBAL><AVAILCASH>250.5</INVBAL>", "CUSIP:31617H102 100 @ 1 = 100; cash:USD 250.5 @ 1 = 250.5", "350.5", ""},
		"stock worth the cash": {pos("POSSTOCK", stock, "<UNITS>1<UNITPRICE>250.5<MKTVAL>250.5"), "<INVBAL><AVAILCASH>250.5</INVBAL>", "CUSIP:037833100 1 @ 250.5 = 250.5; cash:USD 250.5 @ 1 = 250.5", "501", ""},
		"no cash":              {pos("POSSTOCK", stock, "<UNITS>1<UNITPRICE>5<MKTVAL>5"), "<INVBAL><AVAILCASH>0.00</INVBAL>", "CUSIP:037833100 1 @ 5 = 5", "5", ""},
		"another currency": {pos("POSSTOCK", stock, "<UNITS>2<UNITPRICE>5<MKTVAL>10<CURRENCY><CURRATE>1.25<CURSYM>EUR</CURRENCY>"), "",
			"CUSIP:037833100 2 @ 5 = 10", "12.5", ""},
		"a plan's total": {"", "<INV401KBAL><TOTAL>58470.53</INV401KBAL>", "", "58470.53", ""},
	} {
		list := "<INVPOSLIST>" + c.positions + "</INVPOSLIST>" + c.balances
		b := only(t, brokerFile("", list, brokerSecurities))
		var got []string
		for _, h := range b.Holdings {
			got = append(got, h.SecurityKey+" "+number(&h.Quantity)+" @ "+number(&h.InstitutionPrice)+" = "+number(&h.InstitutionValue))
		}
		a := b.Accounts[0]
		margin := ""
		if a.MarginLoan != nil {
			margin = number(a.MarginLoan)
		}
		if s := strings.Join(got, "; "); s != c.holdings || number(a.Balances.Current) != c.current || margin != c.margin {
			t.Errorf("%s: %s; current %s, margin %s; want %s; %s, %s", name, s, number(a.Balances.Current), margin, c.holdings, c.current, c.margin)
		}
	}
}

func TestCostAndVesting(t *testing.T) {
	part := func(source, cost string) string {
		return pos("POSMF", stock, "<UNITS>100<UNITPRICE>2<MKTVAL>200<AVGCOSTBASIS>"+cost+"<INV401KSOURCE>"+source)
	}
	for name, c := range map[string]struct{ positions, plan, vested, value, cost string }{
		"own money":              {part("PRETAX", "1.5"), "", "100", "200", "150"},
		"employer's, part":       {part("MATCH", "1.5"), "<CURRENTVESTPCT>60.0", "60", "120", "150"},
		"employer's, unknown":    {part("MATCH", ""), "", "-", "-", "-"},
		"both":                   {part("PRETAX", "1.5") + part("MATCH", "2"), "<CURRENTVESTPCT>25", "125", "250", "350"},
		"both, one unknown":      {part("PRETAX", "1.5") + part("MATCH", ""), "", "-", "-", "-"},
		"not vested":             {part("OTHERNONVEST", "1"), "<CURRENTVESTPCT>50", "0", "0", "100"},
		"all vested, says a 100": {part("OTHERNONVEST", "1"), "<CURRENTVESTPCT>100.0", "100", "200", "100"},
		"by steps": {part("MATCH", "1"), "<VESTINFO><VESTDATE>20200101<VESTPCT>20</VESTINFO><VESTINFO><VESTDATE>20250101<VESTPCT>40</VESTINFO><VESTINFO><VESTDATE>20300101<VESTPCT>80</VESTINFO>",
			"40", "80", "100"},
		"no source": {pos("POSMF", stock, "<UNITS>100<UNITPRICE>2<MKTVAL>200"), "<CURRENTVESTPCT>100", "-", "-", "-"},
	} {
		b := only(t, brokerFile("", "<INVPOSLIST>"+c.positions+"</INVPOSLIST><INV401K><EMPLOYERNAME>Acme Plan<PLANID>P1"+c.plan+"</INV401K>", brokerSecurities))
		h, a := b.Holdings[0], b.Accounts[0]
		if number(h.VestedQuantity) != c.vested || number(h.VestedValue) != c.value || number(h.CostBasis) != c.cost {
			t.Errorf("%s: vested %s, %s, cost %s", name, number(h.VestedQuantity), number(h.VestedValue), number(h.CostBasis))
		}
		if *a.Subtype != "401k" || a.Name != "Acme Plan" || a.Numbers.ACATS != nil || a.Numbers.Retirement401k.Plan != "P1" || a.Numbers.Retirement401k.Account != "Z99-123456" {
			t.Errorf("%s: account %s %q %+v", name, *a.Subtype, a.Name, a.Numbers)
		}
	}
}

func TestInvestmentDetails(t *testing.T) {
	rows := buy("BUYSTOCK", "YOU BOUGHT", stock, "<UNITS>10<UNITPRICE>5.10<TOTAL>-51.00<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY>", "") +
		"<INCOME><INVTRAN><FITID>2<DTTRADE>20260116<DTSETTLE>20260120<MEMO>DIVIDEND PAYMENTDIVIDEND PAYMENT</INVTRAN>" + secid("999") + "<INCOMETYPE>DIV<TOTAL>1</INCOME>"
	f := parse(t, brokerFile(rows, "<INVBAL><AVAILCASH>1</INVBAL>", brokerSecurities))
	b := f.Imports()[0].Batch
	bought, paid := b.InvestmentTransactions[0], b.InvestmentTransactions[1]
	if bought.Name != "YOU BOUGHT ACME INC" || paid.Name != "DIVIDEND PAYMENT 999" {
		t.Errorf("names %q, %q", bought.Name, paid.Name)
	}
	if *bought.ISOCurrencyCode != "EUR" || *paid.ISOCurrencyCode != "USD" || bought.Price.String() != "5.10" || bought.Amount.String() != "51.00" {
		t.Errorf("currencies %s, %s; digits %s, %s", *bought.ISOCurrencyCode, *paid.ISOCurrencyCode, bought.Price, bought.Amount)
	}
	if paid.Date != day("2026-01-16") || *f.Statements[0].Facts[paid.Key].Settled != day("2026-01-20") || f.Statements[0].Facts[paid.Key].FITID != "2" {
		t.Errorf("dates %s, %+v", paid.Date, f.Statements[0].Facts[paid.Key])
	}
	a := b.Accounts[0]
	if a.Name != "Acme Bank ...3456" || *a.Subtype != "brokerage" || a.Numbers.ACATS == nil || a.Numbers.ACATS.Account != "Z99-123456" || a.Numbers.ACATS.DTCNumbers == nil {
		t.Errorf("account %q %s %+v", a.Name, *a.Subtype, a.Numbers)
	}
	if w := b.InvestmentHistory; w == nil || w.From != day("2026-01-01") || w.To != day("2026-01-30") {
		t.Errorf("window %v", w)
	}
	if got := len(f.Securities()); got != 6 {
		t.Errorf("%d securities of the file", got)
	}
	var option plaid.OptionContract
	for _, s := range b.Securities {
		if s.OptionContract != nil {
			option = *s.OptionContract
		}
	}
	if option.ContractType != "call" || option.StrikePrice.String() != "50" || option.ExpirationDate != day("2026-02-20") {
		t.Errorf("option %+v", option)
	}
}

// TestListInsideTheStatement: Interactive Brokers puts the security list there, and names no broker.
func TestListInsideTheStatement(t *testing.T) {
	b := only(t, "<OFX><INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><DTASOF>20260731<CURDEF>USD<INVACCTFROM><ACCTID>U1</INVACCTFROM><INVTRANLIST><DTSTART>20260701<DTEND>20260731"+
		"<SELLOPT><INVSELL><INVTRAN><DTTRADE>20260715<MEMO>sold</INVTRAN>"+secid("00002")+"<UNITS>-1<UNITPRICE>0.20<COMMISSION>0.65<TOTAL>19.35</INVSELL></SELLOPT></INVTRANLIST>"+
		"<SECLIST><OPTINFO><SECINFO>"+secid("00002")+"<TICKER>SPXW  260715P07350000<SECNAME>SPXW 15JUL26 7350 P</SECINFO><OPTYPE>PUT<STRIKEPRICE>7350<DTEXPIRE>20260715</OPTINFO></SECLIST>"+
		"<INVBAL><AVAILCASH>50400.00<BAL><NAME>stock<VALUE>0.00</BAL></INVBAL></INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1></OFX>")
	if got := told(b.InvestmentTransactions[0]); got != "sell/sell -100 @ 0.2 = -19.35 (0.65)" {
		t.Error(got)
	}
	if o := b.Securities[0].OptionContract; o == nil || o.ContractType != "put" || o.StrikePrice.String() != "7350" || b.Accounts[0].Name != "Brokerage ...U1" {
		t.Errorf("%+v, %q", o, b.Accounts[0].Name)
	}
}
