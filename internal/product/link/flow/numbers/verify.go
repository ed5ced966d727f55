package numbers

import (
	"context"
	"encoding/json"
	"errors"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/accounts"
	"weft/internal/item/connections"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/store"
)

// Session is what is known of a session that types numbers.
type Session struct {
	Items  *item.Service
	Tenant store.Tenant
	Setup  session.Setup
	State  *session.State
}

var errNothing = errors.New("link: no account numbers were typed")

// Settle finds how the typed numbers can be verified.
func (s Session) Settle() (session.Result, error) {
	v, err := s.verification()
	if err != nil {
		return session.Result{}, err
	}
	settled := &session.Settled{Method: v.Method}
	if v.Method == plaid.SameDay || v.Method == plaid.InstantDeposit {
		con, err := s.Items.Connectors.Numbered(s.Tenant.Environment)
		if err != nil {
			return session.Result{}, err
		}
		settled.Text = con.DepositText(s.Setup.ClientName)
	}
	return session.Result{Settled: settled}, nil
}

// verification asks the connector: that of the login beside which the numbers were typed, or the one that needs none.
func (s Session) verification() (connector.Verification, error) {
	if s.State.Entry == nil {
		return connector.Verification{}, errNothing
	}
	e := connector.Entry{Typed: s.State.Entry.Typed, Methods: s.Setup.Methods, Now: s.Items.Clock.Now()}
	if s.State.Entry.Key == "" {
		con, err := s.Items.Connectors.Numbered(s.Tenant.Environment)
		if err != nil {
			return connector.Verification{}, err
		}
		return con.Verify(e)
	}
	_, con, err := s.Items.Connectors.Institution(s.Tenant.Environment, s.State.Institution.ID, e.Now)
	if err != nil {
		return connector.Verification{}, err
	}
	bank, ok := con.(connector.Matching)
	if !ok {
		return connector.Verification{}, plaid.Err("INSTANT_MATCH_FAILED")
	}
	opening, err := s.login()
	if err != nil {
		return connector.Verification{}, err
	}
	e.Methods = s.State.Institution.Beside
	return bank.Match(s.State.Institution.ID, opening.Opened.Credentials, s.State.Entry.Seen, e)
}

// login is the one that the session has made.
func (s Session) login() (item.Opening, error) {
	var opening item.Opening
	err := json.Unmarshal(s.State.Credentials, &opening)
	return opening, err
}

// Opening is what the session's Item is made of: a login, or the typed numbers, or both.
func (s Session) Opening() (opening item.Opening, typed *item.Typed, err error) {
	if s.State.Entry == nil {
		opening, err = s.login()
		return opening, nil, err
	}
	typed = &item.Typed{AccountKey: s.State.Entry.Key, Numbers: s.State.Entry.Typed}
	if typed.Verification, err = s.verification(); err != nil {
		return opening, nil, err
	}
	if typed.AccountKey != "" {
		opening, err = s.login()
		return opening, typed, err
	}
	con, err := s.Items.Connectors.Numbered(s.Tenant.Environment)
	if err != nil {
		return opening, nil, err
	}
	credentials, key, err := con.Keep(typed.Numbers)
	typed.AccountKey = key
	return s.Items.Opening("", connector.Opened{Credentials: credentials}), typed, err
}

const wrongCode = plaid.Code("INCORRECT_DEPOSIT_VERIFICATION")

// Confirm judges the code of a deposit that was made in the session.
func (s Session) Confirm(code string) (session.Result, error) {
	if s.State.Entry == nil {
		return session.Result{}, errNothing
	}
	con, err := s.Items.Connectors.Numbered(s.Tenant.Environment)
	if err != nil {
		return session.Result{}, err
	}
	credentials, _, err := con.Keep(s.State.Entry.Typed)
	if err != nil {
		return session.Result{}, err
	}
	right, err := con.Confirm(credentials, code)
	if err == nil && !right {
		err = plaid.Err(wrongCode)
	}
	return session.Result{Confirmed: right}, err
}

// Try judges the code of a deposit that was made for an Item, and writes what follows of it: the result has an error for a wrong
// one, which is counted.
func Try(ctx context.Context, tx *store.Tx, items *item.Service, tenant store.Tenant, itemID, code string) (linked item.Linked, result session.Result, err error) {
	it, err := rows.Lock(ctx, tx, tenant, itemID)
	if err != nil {
		return linked, result, err
	}
	if at, ends := it.Verifies(); ends && !at.After(tx.Now) { // it has, and the job is late
		it.Typed.Become(it.Typed.Then)
		if err := accounts.Verified(ctx, tx, items.Events, &it); err != nil {
			return linked, result, err
		}
	}
	if it.Typed == nil || it.Typed.Status != plaid.PendingManual {
		result.Err = plaid.Err("ITEM_NOT_SUPPORTED")
		if it.Typed != nil && it.Typed.Status == plaid.VerificationFailed {
			result.Err = plaid.Err("TOO_MANY_VERIFICATION_ATTEMPTS")
		}
		return linked, result, nil
	}
	right, err := confirm(ctx, tx, items, it, code)
	if err != nil {
		return linked, result, err
	}
	if right {
		it.Typed.Become(plaid.VerifiedManually)
	} else if it.Typed.Wrong++; it.Typed.Wrong >= state.MostCodes {
		it.Typed.Become(plaid.VerificationFailed)
	}
	if err := accounts.Verified(ctx, tx, items.Events, &it); err != nil {
		return linked, result, err
	}
	if !right {
		result.Err, result.Remaining = plaid.Err(wrongCode), it.Typed.Left()
		return linked, result, nil
	}
	linked.Item = it
	linked.PublicToken, _, err = items.PublicToken(ctx, tx, tenant, it.ID)
	return linked, result, err
}

// confirm asks the connector of a locked Item.
func confirm(ctx context.Context, tx *store.Tx, items *item.Service, it item.Item, code string) (bool, error) {
	conn, err := connections.Read(ctx, tx, items.Keys, it.Tenant, it.ConnectionID)
	if err != nil {
		return false, err
	}
	con, err := items.Connectors.Find(it.Tenant.Environment, conn.Connector)
	if err != nil {
		return false, err
	}
	numbered, ok := con.(connector.Numbered)
	if !ok {
		return false, plaid.Err("ITEM_NOT_SUPPORTED")
	}
	return numbered.Confirm(conn.Credentials, code)
}
