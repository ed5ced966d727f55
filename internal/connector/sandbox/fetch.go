package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/acts"
	"weft/internal/connector/sandbox/books"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/connector/sandbox/custom/bank"
	"weft/internal/connector/sandbox/dynamic"
	"weft/internal/connector/sandbox/household"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/connector/sandbox/trading"
	"weft/internal/plaid"
)

// Fetch states the data of the person that the connection's credentials name. Transactions and investments come only if they
// are wanted, those of want.HistoryFrom to today.
func (c *Connector) Fetch(ctx context.Context, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	creds, err := opening(conn)
	if err != nil {
		return connector.Batch{}, err
	}
	batch, err := c.whole(ctx, creds, conn, want)
	if err != nil {
		return connector.Batch{}, err
	}
	if want.Has("liabilities") {
		if batch.Liabilities, err = c.liabilities(creds, conn, batch, want.Now); err != nil {
			return connector.Batch{}, err
		}
	}
	if want.Has("statements") {
		if batch.AccountStatements, err = c.statements(creds, conn, batch, want.Now); err != nil {
			return connector.Batch{}, err
		}
	}
	return c.dated(narrow(batch, conn, want, creds.User == userCustom), conn, want.Now), nil
}

// whole is all that the bank states at a moment, whatever is wanted of it, with what the person has done.
func (c *Connector) whole(ctx context.Context, creds credentials, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return connector.Batch{}, err
	}
	if in := c.directory.Institution(conn.InstitutionID); in != nil && in.Down {
		return connector.Batch{}, plaid.Err("INSTITUTION_DOWN")
	}
	memory, err := remember(conn)
	if err != nil {
		return connector.Batch{}, err
	}
	if want.Renewed {
		memory = memory.Renew()
	}
	if memory.ConsentRevoked {
		return connector.Batch{}, plaid.Err("USER_PERMISSION_REVOKED")
	}
	conn.Memory = memory.Bank
	batch, err := c.statement(creds, conn, want)
	if err != nil {
		return connector.Batch{}, err
	}
	if want.Renewed || batch.Memory != nil {
		if batch.Memory != nil {
			memory.Bank = batch.Memory
		}
		if batch.Memory, err = memory.JSON(); err != nil {
			return connector.Batch{}, err
		}
	}
	return memory.Overlay(batch, c.world(conn, want.Now)), nil
}

// nightly is the institution that tells once a night what is on its cards and loans, as the contract has it.
const nightly = "ins_128026"

// Dated reports whether the bank tells of an account what was in it last night.
func (c *Connector) Dated(institutionID, accountType string) bool {
	return institutionID == nightly && accountType != plaid.TypeDepository
}

// dated says of when balances are that the bank does not tell as they are now.
func (c *Connector) dated(batch connector.Batch, conn connector.Connection, now time.Time) connector.Batch {
	midnight := plaid.Timestamp(plaid.DateOf(now).Time())
	batch.Accounts = slices.Clone(batch.Accounts)
	for i := range batch.Accounts {
		if a := &batch.Accounts[i]; c.Dated(conn.InstitutionID, a.Type) {
			a.Balances.LastUpdatedDatetime = &midnight
		}
	}
	return batch
}

// remember is what a connection keeps of what its person did.
func remember(conn connector.Connection) (acts.Memory, error) {
	memory, err := acts.Read(conn.Memory)
	if err != nil {
		err = fmt.Errorf("sandbox: the memory of connection %s: %w", conn.ID, err)
	}
	return memory, err
}

// opening is what a connection keeps of its login.
func opening(conn connector.Connection) (credentials, error) {
	var creds credentials
	if err := json.Unmarshal(conn.Credentials, &creds); err != nil {
		return creds, fmt.Errorf("sandbox: the credentials of connection %s: %w", conn.ID, err)
	}
	if conn.CreatedAt.IsZero() {
		return creds, errors.New("sandbox: the connection has no time of creation to date its history from")
	}
	return creds, nil
}

// statement is all that the bank knows, whatever is wanted of it.
func (c *Connector) statement(creds credentials, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	created, today, country := plaid.DateOf(conn.CreatedAt), plaid.DateOf(want.Now), c.country(conn.InstitutionID)
	if creds.User == userCustom {
		return c.configured(creds, conn, want.Now)
	}
	if p, ok := c.people().books[creds.User]; ok {
		closed := today.AddDays(-1) // today's books are still open
		p = trading.Decide(c.market(), c.seed+"\x1f"+creds.User, p, created, closed)
		return books.Run(c.market(), p, conn.ID, created, closed)
	}
	if p, ok := c.people().static[creds.User]; ok {
		return p.Statement(created, country), nil
	}
	if !c.people().households.Has(creds.User) {
		return connector.Batch{}, plaid.Err(badLogin)
	}
	return c.household(creds.User, conn, want)
}

// household is what the bank knows of somebody who has a plan.
func (c *Connector) household(user string, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	created, today, country := plaid.DateOf(conn.CreatedAt), plaid.DateOf(want.Now), c.country(conn.InstitutionID)
	p, err := c.people().households.Plan(user)
	if err != nil {
		return connector.Batch{}, fmt.Errorf("sandbox: %w", err)
	}
	if user == userDynamic {
		return c.news(p, conn, want)
	}
	batch := household.Run(c.market(), p, c.seed, country, created, today)
	if p.Books == nil {
		return batch, nil
	}
	invested, err := books.Run(c.market(), *p.Books, conn.ID, created, today.AddDays(-1))
	if err != nil {
		return connector.Batch{}, err
	}
	batch.Accounts = append(batch.Accounts, invested.Accounts...)
	batch.Holdings, batch.Securities = invested.Holdings, invested.Securities
	batch.InvestmentTransactions = invested.InvestmentTransactions
	return batch, nil
}

// news is what the bank of user_transactions_dynamic knows: it stands still between two requests.
func (c *Connector) news(p *plan.Plan, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	created := plaid.DateOf(conn.CreatedAt)
	memory, err := dynamic.ReadMemory(conn.Memory)
	if err != nil {
		return connector.Batch{}, fmt.Errorf("sandbox: the memory of connection %s: %w", conn.ID, err)
	}
	asked := want.Requested && wantsTransactions(want)
	if asked {
		memory = memory.Ask(plaid.DateOf(want.Now))
	}
	base := household.Run(c.market(), p, c.seed, c.country(conn.InstitutionID), created, created)
	batch := dynamic.Play(p, base, c.seed+"\x1f"+conn.ID, created, memory)
	if asked {
		batch.Memory, err = memory.JSON()
	}
	return batch, err
}

// configured is what the bank knows of the accounts that a developer wrote down.
func (c *Connector) configured(creds credentials, conn connector.Connection, now time.Time) (connector.Batch, error) {
	cfg, err := custom.Parse(creds.Custom)
	if err != nil {
		// It was judged when the connection was opened; a later version must keep reading it.
		return connector.Batch{}, fmt.Errorf("sandbox: the configuration of connection %s: %w", conn.ID, err)
	}
	habits, err := c.people().households.Habits()
	if err != nil {
		return connector.Batch{}, fmt.Errorf("sandbox: %w", err)
	}
	w := c.world(conn, now)
	w.Habits = habits
	return bank.Statement(cfg, w), nil
}

// world is what accounts that are written down depend on.
func (c *Connector) world(conn connector.Connection, now time.Time) bank.World {
	return bank.World{
		Market: c.market(), ConnectionID: conn.ID, Created: plaid.DateOf(conn.CreatedAt), Today: plaid.DateOf(now),
		Country: c.country(conn.InstitutionID), Owner: c.people().static[userGood].Owner,
	}
}

// CreateTransactions has the bank of user_transactions_dynamic state what a client says, in its first checking account. Other
// people's banks cannot be told anything.
func (c *Connector) CreateTransactions(
	conn connector.Connection, now time.Time, list []connector.SimulatedTransaction,
) (json.RawMessage, error) {
	creds, err := opening(conn)
	if err != nil {
		return nil, err
	}
	if creds.User != userDynamic {
		return nil, plaid.InvalidField("access_token", "must be of an Item that was created with the user name "+userDynamic)
	}
	memory, err := remember(conn)
	if err != nil {
		return nil, err
	}
	news, err := dynamic.ReadMemory(memory.Bank)
	if err != nil {
		return nil, fmt.Errorf("sandbox: the memory of connection %s: %w", conn.ID, err)
	}
	if news, err = news.Create(plaid.DateOf(now), list); err != nil {
		return nil, err
	}
	if memory.Bank, err = news.JSON(); err != nil {
		return nil, err
	}
	return memory.JSON()
}

// OpenAccount has anybody's bank state one more account, which has moved nothing yet.
func (c *Connector) OpenAccount(conn connector.Connection, account connector.SimulatedAccount) (json.RawMessage, error) {
	return act(conn, func(m acts.Memory) (acts.Memory, error) { return m.Open(account) })
}

// RevokeAccount has anybody's bank say nothing more of an account.
func (c *Connector) RevokeAccount(conn connector.Connection, accountKey string) (json.RawMessage, error) {
	return act(conn, func(m acts.Memory) (acts.Memory, error) { return m.Revoke(accountKey), nil })
}

// RenumberAccount has anybody's bank give an account another number.
func (c *Connector) RenumberAccount(conn connector.Connection, accountKey string) (json.RawMessage, error) {
	return act(conn, func(m acts.Memory) (acts.Memory, error) { return m.Renumber(accountKey) })
}

// RevokeConsent has anybody's bank say nothing more.
func (c *Connector) RevokeConsent(conn connector.Connection) (json.RawMessage, error) {
	return act(conn, func(m acts.Memory) (acts.Memory, error) {
		m.ConsentRevoked = true
		return m, nil
	})
}

// act is the memory after a person did something.
func act(conn connector.Connection, do func(acts.Memory) (acts.Memory, error)) (json.RawMessage, error) {
	memory, err := remember(conn)
	if err != nil {
		return nil, err
	}
	if memory, err = do(memory); err != nil {
		return nil, err
	}
	return memory.JSON()
}

// country is where an institution keeps its accounts: the United States if it is there at all, else its first country.
func (c *Connector) country(institutionID string) string {
	in := c.directory.Institution(institutionID)
	if in == nil || len(in.CountryCodes) == 0 || plaid.Known(in.CountryCodes, "US") {
		return "US"
	}
	return in.CountryCodes[0]
}

// madeOfTransactions are the products whose data is transactions, or made of them.
var madeOfTransactions = []string{
	"transactions", "recurring_transactions", "transactions_refresh", "assets", "statements", "signal", "income",
	"income_verification", "credit_details", "standing_orders", "protect_transactions", "cra_base_report",
	"cra_income_insights", "cra_partner_insights", "cra_network_insights", "cra_cashflow_insights", "cra_monitoring",
	"cra_lend_score", "cra_plaid_credit_score",
}

func wantsTransactions(want connector.Want) bool {
	return slices.ContainsFunc(madeOfTransactions, want.Has)
}

func wantsInvestments(want connector.Want) bool {
	return want.Has("investments") || want.Has("investments_auth")
}

// narrow leaves of a statement what is wanted of it.
func narrow(all connector.Batch, conn connector.Connection, want connector.Want, whole bool) connector.Batch {
	batch := connector.Batch{Accounts: all.Accounts, Liabilities: all.Liabilities, AccountStatements: all.AccountStatements, Memory: all.Memory, Revoked: all.Revoked}
	if wantsTransactions(want) {
		narrowTransactions(&batch, all, want, whole)
	}
	if wantsInvestments(want) {
		narrowInvestments(&batch, all, conn, want, whole)
	}
	if want.Balances {
		batch.InvestmentTransactions, batch.InvestmentHistory = nil, nil
	}
	return batch
}

// window is the days that are wanted. What a configuration gives comes back, however old or far off it is.
func window[T any](want connector.Want, whole bool, rows []T, date func(*T) plaid.Date) connector.Window {
	w := connector.Window{From: want.HistoryFrom, To: plaid.DateOf(want.Now)}
	for i := range rows {
		if day := date(&rows[i]); whole {
			w.From, w.To = min(w.From, day), max(w.To, day)
		}
	}
	return w
}

func narrowTransactions(to *connector.Batch, all connector.Batch, want connector.Want, whole bool) {
	w := window(want, whole, all.Transactions, func(row *connector.Transaction) plaid.Date { return row.Date })
	if w.From <= w.To {
		to.TransactionHistory = &w
	}
	for _, row := range all.Transactions {
		if row.Date >= w.From && row.Date <= w.To {
			to.Transactions = append(to.Transactions, row)
		}
	}
}

// narrowInvestments leaves of the investments the history inside the window, and the securities that are then still spoken
// of.
func narrowInvestments(to *connector.Batch, all connector.Batch, conn connector.Connection, want connector.Want, whole bool) {
	to.Holdings = all.Holdings
	named := map[string]bool{}
	for _, h := range to.Holdings {
		named[h.SecurityKey] = true
	}
	w := window(want, whole, all.InvestmentTransactions, func(row *connector.InvestmentTransaction) plaid.Date { return row.Date })
	if w.From <= w.To {
		to.InvestmentHistory = &w
	}
	for _, row := range all.InvestmentTransactions {
		if row.Date >= w.From && row.Date <= w.To {
			to.InvestmentTransactions = append(to.InvestmentTransactions, row)
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
		to.Securities = append(to.Securities, s)
	}
}
