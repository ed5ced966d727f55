package sandbox

import (
	"context"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/daybook"
	"weft/internal/connector/sandbox/debt"
	"weft/internal/connector/sandbox/paper"
	"weft/internal/plaid"
)

var _ connector.Statements = (*Connector)(nil)

// statements are those that the bank has made of a batch's accounts, which has all transactions still.
func (c *Connector) statements(creds credentials, conn connector.Connection, batch connector.Batch, now time.Time) ([]connector.AccountStatement, error) {
	terms, err := c.terms(creds, conn)
	return paper.List(batch, terms, plaid.DateOf(now)), err
}

// AccountStatement draws a statement of what the bank knew when it made it, or when the connection was made, if that was later:
// so it is the same whenever it is asked for.
func (c *Connector) AccountStatement(ctx context.Context, conn connector.Connection, accountKey, key string) ([]byte, error) {
	gone := plaid.InvalidField("statement_id", "is of a statement that the bank no longer has")
	creds, err := opening(conn)
	if err != nil {
		return nil, err
	}
	posted, err := plaid.ParseDate(key)
	if err != nil {
		return nil, gone
	}
	at := conn.CreatedAt
	if end := posted.Time(); end.After(at) {
		at = end
	}
	batch, err := c.whole(ctx, creds, conn, connector.Want{Now: at, Products: []string{"statements"}, HistoryFrom: posted.AddDays(-31)})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(batch.Accounts, func(a connector.Account) bool { return a.Key == accountKey })
	if i < 0 {
		return nil, gone
	}
	terms, err := c.terms(creds, conn)
	if err != nil {
		return nil, err
	}
	sheet := paper.Sheet{Bank: *c.directory.Institution(conn.InstitutionID), Country: c.country(conn.InstitutionID), Account: batch.Accounts[i], Book: daybook.Of(batch, batch.Accounts[i])}
	if sheet.Period, err = paper.Find(sheet.Account, terms, key); err != nil {
		return nil, gone
	}
	for _, l := range debt.State(batch, terms, posted) {
		if l.AccountKey == accountKey {
			sheet.Card = l.Credit
		}
	}
	return sheet.Draw()
}
