package stored

import (
	"strconv"

	"weft/internal/plaid"
)

func appendList[T any](b []byte, list []T, one func([]byte, *T) []byte) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, &list[i])
	}
	return append(b, ']')
}

// appendTransaction appends what JSON writes of a transaction, byte for byte: it is written by hand, as each row that is stored has one.
func appendTransaction(b []byte, t *plaid.Transaction) []byte {
	b = plaid.AppendText(append(b, `{"account_id":`...), t.AccountID)
	b = plaid.AppendOptional(append(b, `,"account_owner":`...), t.AccountOwner)
	b = t.Amount.Append(append(b, `,"amount":`...))
	b = plaid.AppendOptional(append(b, `,"iso_currency_code":`...), t.ISOCurrencyCode)
	b = plaid.AppendOptional(append(b, `,"unofficial_currency_code":`...), t.UnofficialCurrencyCode)
	b = appendList(append(b, `,"category":`...), t.Category, func(b []byte, s *string) []byte { return plaid.AppendText(b, *s) })
	b = plaid.AppendOptional(append(b, `,"category_id":`...), t.CategoryID)
	b = plaid.AppendOptional(append(b, `,"check_number":`...), t.CheckNumber)
	b = appendList(append(b, `,"counterparties":`...), t.Counterparties, appendCounterparty)
	b = t.Date.Append(append(b, `,"date":`...))
	b = plaid.AppendOptional(append(b, `,"datetime":`...), t.Datetime)
	if b = append(b, `,"authorized_date":`...); t.AuthorizedDate == nil {
		b = append(b, "null"...)
	} else {
		b = t.AuthorizedDate.Append(b)
	}
	b = plaid.AppendOptional(append(b, `,"authorized_datetime":`...), t.AuthorizedDatetime)
	b = appendLocation(append(b, `,"location":`...), &t.Location)
	b = plaid.AppendOptional(append(b, `,"logo_url":`...), t.LogoURL)
	b = plaid.AppendOptional(append(b, `,"merchant_entity_id":`...), t.MerchantEntityID)
	b = plaid.AppendOptional(append(b, `,"merchant_name":`...), t.MerchantName)
	b = plaid.AppendText(append(b, `,"name":`...), t.Name)
	b = plaid.AppendText(append(b, `,"payment_channel":`...), t.PaymentChannel)
	b = appendMeta(append(b, `,"payment_meta":`...), &t.PaymentMeta)
	b = strconv.AppendBool(append(b, `,"pending":`...), t.Pending)
	b = plaid.AppendOptional(append(b, `,"pending_transaction_id":`...), t.PendingTransactionID)
	b = plaid.AppendText(append(b, `,"personal_finance_category_icon_url":`...), t.PersonalFinanceCategoryIconURL)
	b = plaid.AppendOptional(append(b, `,"transaction_code":`...), t.TransactionCode)
	b = plaid.AppendText(append(b, `,"transaction_id":`...), t.TransactionID)
	b = plaid.AppendText(append(b, `,"transaction_type":`...), t.TransactionType)
	b = plaid.AppendOptional(append(b, `,"website":`...), t.Website)
	return append(b, '}')
}

func appendCounterparty(b []byte, c *plaid.Counterparty) []byte {
	b = plaid.AppendText(append(b, `{"name":`...), c.Name)
	b = plaid.AppendOptional(append(b, `,"entity_id":`...), c.EntityID)
	b = plaid.AppendText(append(b, `,"type":`...), c.Type)
	b = plaid.AppendOptional(append(b, `,"website":`...), c.Website)
	b = plaid.AppendOptional(append(b, `,"logo_url":`...), c.LogoURL)
	b = plaid.AppendOptional(append(b, `,"confidence_level":`...), c.ConfidenceLevel)
	return append(b, '}')
}

func appendLocation(b []byte, l *plaid.Location) []byte {
	b = plaid.AppendOptional(append(b, `{"address":`...), l.Address)
	b = plaid.AppendOptional(append(b, `,"city":`...), l.City)
	b = plaid.AppendOptional(append(b, `,"region":`...), l.Region)
	b = plaid.AppendOptional(append(b, `,"postal_code":`...), l.PostalCode)
	b = plaid.AppendOptional(append(b, `,"country":`...), l.Country)
	for _, at := range []struct {
		name  string
		value *plaid.Decimal
	}{{`,"lat":`, l.Lat}, {`,"lon":`, l.Lon}} {
		if b = append(b, at.name...); at.value == nil {
			b = append(b, "null"...)
		} else {
			b = at.value.Append(b)
		}
	}
	b = plaid.AppendOptional(append(b, `,"store_number":`...), l.StoreNumber)
	return append(b, '}')
}

func appendMeta(b []byte, m *plaid.PaymentMeta) []byte {
	b = plaid.AppendOptional(append(b, `{"reference_number":`...), m.ReferenceNumber)
	b = plaid.AppendOptional(append(b, `,"ppd_id":`...), m.PPDID)
	b = plaid.AppendOptional(append(b, `,"payee":`...), m.Payee)
	b = plaid.AppendOptional(append(b, `,"by_order_of":`...), m.ByOrderOf)
	b = plaid.AppendOptional(append(b, `,"payer":`...), m.Payer)
	b = plaid.AppendOptional(append(b, `,"payment_method":`...), m.PaymentMethod)
	b = plaid.AppendOptional(append(b, `,"payment_processor":`...), m.PaymentProcessor)
	b = plaid.AppendOptional(append(b, `,"reason":`...), m.Reason)
	return append(b, '}')
}
