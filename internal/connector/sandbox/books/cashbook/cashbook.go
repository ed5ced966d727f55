// Package cashbook writes the rows of the depository accounts that investors have beside their brokers.
package cashbook

import (
	"strconv"
	"strings"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Key is the key of an account's n-th transaction of a day.
func Key(day plaid.Date, n int) string {
	number := strconv.Itoa(n)
	if len(number) == 1 {
		number = "0" + number
	}
	return day.Time().Format("20060102") + "-" + number
}

// Row is a movement as a bank writes it. Subtype is that which it would have in an investment account.
func Row(account, key string, day plaid.Date, text, subtype string, amount plaid.Decimal, currency *string) connector.Transaction {
	row := connector.Transaction{
		Key: key, AccountKey: account, Date: day, Amount: amount, ISOCurrencyCode: currency, Name: strings.ToUpper(text), Kind: "DEBIT",
	}
	switch {
	case subtype == "interest":
		row.Name, row.Kind = "INTEREST PAYMENT", "INT"
	case strings.HasPrefix(row.Name, "TRANSFER "):
		row.Name, row.Kind = "ONLINE "+row.Name, "XFER"
	case amount.Sign() < 0:
		row.Kind = "CREDIT"
	}
	return row
}
