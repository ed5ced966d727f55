package connector

import (
	"strconv"

	"weft/internal/plaid"
)

// Source is the transaction as JSON, as it is stored and compared with what the bank states later. It is written by hand, since it is
// asked of each transaction of every answer; what it writes is what JSON writes, byte for byte.
func (t *Transaction) Source() string {
	b := make([]byte, 0, 512)
	b = plaid.AppendText(append(b, `{"key":`...), t.Key)
	b = said(b, `,"pending_key":`, t.PendingKey)
	b = plaid.AppendText(append(b, `,"account_key":`...), t.AccountKey)
	b = said(b, `,"reference":`, t.Reference)
	if t.Pending {
		b = strconv.AppendBool(append(b, `,"pending":`...), t.Pending)
	}
	b = t.Date.Append(append(b, `,"date":`...))
	if t.AuthorizedDate != nil {
		b = t.AuthorizedDate.Append(append(b, `,"authorized_date":`...))
	}
	b = t.Amount.Append(append(b, `,"amount":`...))
	if t.ISOCurrencyCode != nil {
		b = plaid.AppendText(append(b, `,"iso_currency_code":`...), *t.ISOCurrencyCode)
	}
	if t.UnofficialCurrencyCode != nil {
		b = plaid.AppendText(append(b, `,"unofficial_currency_code":`...), *t.UnofficialCurrencyCode)
	}
	b = plaid.AppendText(append(b, `,"name":`...), t.Name)
	b = said(b, `,"payee":`, t.Payee)
	b = said(b, `,"memo":`, t.Memo)
	b = said(b, `,"check_number":`, t.CheckNumber)
	b = said(b, `,"kind":`, t.Kind)
	return string(append(b, '}'))
}

// said appends a member that is left out where the bank has said nothing.
func said(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return plaid.AppendText(append(b, name...), value)
}
