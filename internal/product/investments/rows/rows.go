// Package rows reads the stored investment transactions of an Item as the API answers them: a page of a range of days.
package rows

import (
	"context"
	"encoding/json"

	"weft/internal/item"
	"weft/internal/product"
	"weft/internal/store"
)

// Table has a row for each.
const Table = "investment_transactions"

// DaysDocument is the kind of the document that counts them.
const DaysDocument = "investment_transactions_days"

// log is what a range is of.
var log = product.Log{Table: Table, Order: "ordinal", ByAccount: true}

// Page are the documents of a page and the securities that they name, and how many rows there are over all pages.
type Page struct {
	Total      int64
	Documents  []json.RawMessage
	Securities map[string]bool
}

// Range is a page of a range of days. days is the DaysDocument.
func Range(ctx context.Context, q store.Querier, it item.Item, r product.Range, days []byte) (Page, error) {
	page := Page{Securities: map[string]bool{}}
	counted, err := product.ReadDays(days)
	if err != nil {
		return page, err
	}
	page.Total, err = log.Page(ctx, q, it, r, counted, `t.security_id, t.document`, func(row store.Rows) error {
		var security *string
		var doc []byte
		if err := row.Scan(&security, &doc); err != nil {
			return err
		}
		if security != nil {
			page.Securities[*security] = true
		}
		page.Documents = append(page.Documents, doc)
		return nil
	})
	return page, err
}
