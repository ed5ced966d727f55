package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/connector/sandbox/custom/bank"
	"weft/internal/plaid"
)

// Fetch states the data of the person that the connection's credentials name. Investments come only if they are wanted,
// with the transactions of want.HistoryFrom to today.
func (c *Connector) Fetch(ctx context.Context, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return connector.Batch{}, err
	}
	var creds credentials
	if err := json.Unmarshal(conn.Credentials, &creds); err != nil {
		return connector.Batch{}, fmt.Errorf("sandbox: the credentials of connection %s: %w", conn.ID, err)
	}
	if conn.CreatedAt.IsZero() {
		return connector.Batch{}, errors.New("sandbox: the connection has no time of creation to date its history from")
	}
	if in := c.institutions[conn.InstitutionID]; in != nil && in.Down {
		return connector.Batch{}, plaid.Err("INSTITUTION_DOWN")
	}
	batch, err := c.statement(creds, conn, plaid.DateOf(want.Now))
	if err != nil {
		return connector.Batch{}, err
	}
	return narrow(batch, conn, want, creds.User == userCustom), nil
}

// statement is all that the bank knows, whatever is wanted of it.
func (c *Connector) statement(creds credentials, conn connector.Connection, today plaid.Date) (connector.Batch, error) {
	created := plaid.DateOf(conn.CreatedAt)
	country := c.country(conn.InstitutionID)
	if creds.User == userCustom {
		cfg, err := custom.Parse(creds.Custom)
		if err != nil {
			// It was judged when the connection was opened; a later version must keep reading it.
			return connector.Batch{}, fmt.Errorf("sandbox: the configuration of connection %s: %w", conn.ID, err)
		}
		return bank.Statement(cfg, bank.World{
			Market: c.market, ConnectionID: conn.ID, Created: created, Today: today, Country: country,
			Owner: c.static[userGood].Owner,
		}), nil
	}
	if p, ok := c.books[creds.User]; ok {
		return books.Run(c.market, p, conn.ID, created, today.AddDays(-1)) // today's books are still open
	}
	p, ok := c.static[creds.User]
	if !ok && !c.knows(creds.User) {
		return connector.Batch{}, plaid.Err(badLogin)
	}
	if !ok {
		p = c.static[userGood]
	}
	return p.Statement(created, country), nil
}

// country is where an institution keeps its accounts: the United States if it is there at all, else its first country.
func (c *Connector) country(institutionID string) string {
	in := c.institutions[institutionID]
	if in == nil || len(in.CountryCodes) == 0 || plaid.Known(in.CountryCodes, "US") {
		return "US"
	}
	return in.CountryCodes[0]
}

// narrow leaves of a statement what is wanted of it: the investments or none, their history inside the window, and the
// securities that are then still spoken of.
func narrow(all connector.Batch, conn connector.Connection, want connector.Want, whole bool) connector.Batch {
	batch := connector.Batch{Accounts: all.Accounts}
	if !want.Has("investments") && !want.Has("investments_auth") {
		return batch
	}
	batch.Holdings = all.Holdings
	named := map[string]bool{}
	for _, h := range batch.Holdings {
		named[h.SecurityKey] = true
	}
	window := connector.Window{From: want.HistoryFrom, To: plaid.DateOf(want.Now)}
	if whole { // what a configuration gives comes back, however old or far off it is
		for _, row := range all.InvestmentTransactions {
			window.From, window.To = min(window.From, row.Date), max(window.To, row.Date)
		}
	}
	if window.From <= window.To {
		batch.InvestmentHistory = &window
	}
	for _, row := range all.InvestmentTransactions {
		if row.Date >= window.From && row.Date <= window.To {
			batch.InvestmentTransactions = append(batch.InvestmentTransactions, row)
			named[row.SecurityKey] = true
		}
	}
	for _, s := range all.Securities {
		if !named[s.Key] {
			continue
		}
		if s.InstitutionSecurityID != nil && s.InstitutionID == nil && conn.InstitutionID != "" {
			s.InstitutionID = &conn.InstitutionID // the bank whose own number it is
		}
		batch.Securities = append(batch.Securities, s)
	}
	return batch
}
