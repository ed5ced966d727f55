package statements

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// statementsDocument is the kind of the document: a list of statements with the bank's keys.
const statementsDocument = "statements"

// statement is one that an Item has.
type statement struct {
	ID         string     `json:"statement_id"`
	AccountID  string     `json:"account_id"`
	AccountKey string     `json:"account_key"`
	Key        string     `json:"key"`
	Year       int        `json:"year"`
	Month      int        `json:"month"`
	Posted     plaid.Date `json:"posted"`
}

// statements are all of an Item, newest first.
type statements []statement

func decode(doc []byte) (list statements, err error) {
	if len(doc) == 0 {
		return nil, nil
	}
	err = json.Unmarshal(doc, &list)
	return list, err
}

func (l statements) of(accountID string) (list statements) {
	for _, s := range l {
		if s.AccountID == accountID {
			list = append(list, s)
		}
	}
	return list
}

func (l statements) find(id string) (statement, bool) {
	for _, s := range l {
		if s.ID == id {
			return s, true
		}
	}
	return statement{}, false
}

// apply keeps the statements of a bank's answer that were made on days that were asked for. One that is kept stays.
func (s *service) apply(ctx context.Context, tx *store.Tx, r *item.Refreshed) (bool, error) {
	if !r.Want.Has(productName) {
		return false, nil
	}
	docs, err := item.ReadDocuments(ctx, tx, r.Item, statementsDocument)
	var none *plaid.Error
	if err != nil && !errors.As(err, &none) { // where there is no document yet, there is none to be read
		return false, err
	}
	list, err := decode(docs.ByKind[statementsDocument])
	if err != nil {
		return false, err
	}
	known := map[string]bool{}
	for _, st := range list {
		known[st.ID] = true
	}
	added := 0
	for _, st := range r.Batch.AccountStatements {
		accountID, ok := r.AccountIDs[st.AccountKey]
		if !ok {
			return false, fmt.Errorf("statements: statement of unknown account %q", st.AccountKey)
		}
		one := kept(r.Item.Key, accountID, st)
		if !known[one.ID] && asked(r.Item.Statements, st.Posted) {
			list, added = append(list, one), added+1
		}
	}
	slices.SortStableFunc(list, func(a, b statement) int {
		return cmp.Or(cmp.Compare(b.Posted, a.Posted), cmp.Compare(a.AccountID, b.AccountID))
	})
	if list == nil {
		list = statements{}
	}
	r.Report[statementsDocument] = item.Counts{Added: added, Unchanged: len(list) - added}
	return item.PutDocument(ctx, tx, r.Item.Key, statementsDocument, list)
}

func kept(itemKey, accountID string, st connector.AccountStatement) statement {
	return statement{ID: ident.Derive("statement", itemKey, accountID, st.Key), AccountID: accountID, AccountKey: st.AccountKey, Key: st.Key,
		Year: st.Year, Month: st.Month, Posted: st.Posted}
}

func asked(days []state.Days, posted plaid.Date) bool {
	return slices.ContainsFunc(days, func(d state.Days) bool { return d.From <= posted && posted <= d.To })
}
