package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// bank is a bank whose answer is at hand: what is measured is what is done with it.
type bank struct{ answer connector.Batch }

const bankID = "ins_bench"

func (b *bank) Name() string { return "bench" }

func (b *bank) Institutions(time.Time) []connector.Institution {
	return []connector.Institution{{Institution: plaid.Institution{InstitutionID: bankID, Name: "Bench Bank", Products: []string{"transactions"}, CountryCodes: []string{"US"}}, Supported: true}}
}

func (b *bank) Authenticate(context.Context, connector.Login) (connector.Opened, error) {
	return connector.Opened{Credentials: json.RawMessage(`{}`)}, nil
}

func (b *bank) Fetch(context.Context, connector.Connection, connector.Want) (connector.Batch, error) {
	return b.answer, nil
}

// lines are descriptions as statements have them. ~ stands for a number that is another each time.
var lines = []string{
	"PURCHASE AUTHORIZED ON 03/14 SAFEWAY #1507 SAN FRANCISCO CA S~ CARD 4321", "NETFLIX.COM 866-579-7172 CA", "STARBUCKS STORE 05521 SEATTLE WA",
	"SQ *CORNER BAKERY ~ PORTLAND OR", "ACME PAYROLL DES:DIRECT DEP ID:~ INDN:DOE JANE", "SHELL OIL 57444212509 DENVER CO", "TST* THE RED DOOR - ~ CHICAGO IL",
	"Spotify USA 877-7781161 NY", "ONLINE TRANSFER TO SAV ...4410 TRANSACTION#: ~", "AMZN Mktp US*~ Amzn.com/bill WA", "COMCAST CABLE COMM 800-COMCAST",
	"UBER *TRIP HELP.UBER.COM CA", "ATM WITHDRAWAL ~ 5TH & MAIN AUSTIN TX", "WHOLEFDS MKT 10294 BOULDER CO", "CHECK ~", "VENMO PAYMENT ~", "PG&E WEB ONLINE DES:WEB_PAY ID:~ INDN:JANE DOE",
	"MCDONALD'S F3321 OMAHA NE", "LYFT *RIDE ~ 8AM 855-865-9553 CA", "TARGET 00021261 MADISON WI",
}

// description is the n-th of a history: about half of them were there before.
func description(n int) string {
	return strings.Replace(lines[n%len(lines)], "~", fmt.Sprintf("%09d", n), 1)
}

// batchOf is a history of so many transactions over two years.
func batchOf(rows int, now time.Time) connector.Batch {
	usd, subtype, mask := "USD", "checking", "1234"
	today := plaid.DateOf(now)
	b := connector.Batch{
		Accounts: []connector.Account{{Key: "checking", Account: plaid.Account{Name: "Checking", Type: plaid.TypeDepository, Subtype: &subtype, Mask: &mask,
			Balances: plaid.Balances{Current: plaid.DecimalFromInt(4200).Ptr(), ISOCurrencyCode: &usd}}}},
		TransactionHistory: &connector.Window{From: today.AddDays(-730), To: today},
	}
	for i := range rows {
		amount := plaid.NewDecimal(int64(100+i*37%20_000), -2)
		if i%len(lines) == 4 {
			amount = amount.Neg()
		}
		day := today.AddDays(-729 + i*728/rows)
		b.Transactions = append(b.Transactions, connector.Transaction{
			Key: fmt.Sprintf("%s-%07d", strings.ReplaceAll(day.String(), "-", ""), i*7919%10_000_000), AccountKey: "checking", Date: day, Amount: amount, ISOCurrencyCode: &usd, Name: description(i),
		})
	}
	return b
}
