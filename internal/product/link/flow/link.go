package flow

import (
	"context"
	"encoding/json"
	"slices"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/state"
	"weft/internal/product/link/choice"
	"weft/internal/product/link/session"
	"weft/internal/product/link/token"
	"weft/internal/store"
)

// opened is a login that has worked: the accounts that it reaches are looked up, so that the person can choose.
func (s *Service) opened(ctx context.Context, r *row, o connector.Opened) (session.Result, error) {
	t, err := token.OpenHash(ctx, s.Items.DB, s.Items.Keys, r.TokenHash)
	if err != nil {
		return session.Result{}, err
	}
	ins, _, err := s.bank(r)
	if err != nil {
		return session.Result{}, err
	}
	opening, products := s.Items.Opening(ins.InstitutionID, o), []string(nil)
	var shared []string
	if repair := r.repair(); repair != nil {
		it, err := s.Items.ItemByID(ctx, t.Tenant, repair.ItemID)
		if err != nil {
			return session.Result{}, err
		}
		if opening, err = s.Items.Reopening(ctx, it, o); err != nil {
			return session.Result{}, err
		}
		products, shared = it.Products, it.Shared
	} else {
		products, _ = choice.Initial(t, ins.Products)
	}
	accounts, err := s.Items.Look(ctx, t.Tenant, opening, products)
	if err != nil {
		return session.Result{}, err
	}
	result := session.Result{Opened: true, Chosen: o.Accounts != nil}
	if result.Credentials, err = json.Marshal(opening); err != nil {
		return session.Result{}, err
	}
	result.Accounts, err = choice.Accounts(t, r.Setup, accounts, shared)
	if result.Chosen { // at the bank: no other is offered any more
		result.Accounts = slices.DeleteFunc(result.Accounts, func(a session.Account) bool { return !slices.Contains(o.Accounts, a.Key) })
	}
	return result, err
}

// repair is the Item of update mode that is at hand, nil for a new one.
func (r *row) repair() *session.Repair {
	if r.State.Repaired < len(r.Setup.Repairs) {
		return &r.Setup.Repairs[r.State.Repaired]
	}
	return nil
}

// link makes the Item, or repairs the one of update mode, in one transaction with the step.
func (s *Service) link(ctx context.Context, m *session.Machine, r *row, w session.Work) (written bool, err error) {
	t, err := token.OpenHash(ctx, s.Items.DB, s.Items.Keys, r.TokenHash)
	if err != nil {
		return false, err
	}
	opening, typed, err := s.typing(r).Opening()
	if err != nil {
		return false, err
	}
	keys := w.Values["account"]
	if len(keys) == 0 {
		keys = opening.Opened.Accounts
	}
	then := func(ctx context.Context, tx *store.Tx, linked item.Linked) error {
		return s.inTransaction(ctx, tx, m, r, w, []session.Linked{told(linked)})
	}
	if repair := r.repair(); repair != nil {
		it, err := s.Items.ItemByID(ctx, t.Tenant, repair.ItemID)
		if err != nil {
			return false, err
		}
		consented := slices.Concat(t.Request.AdditionalConsented, t.Request.Products)
		_, err = s.Items.Repair(ctx, it, opening.Opened, item.Renewal{Consented: consented, Statements: statementsOf(t), Accounts: keys}, then)
		return err == nil, err
	}
	var supported []string
	if opening.InstitutionID != "" {
		ins, _, err := s.bank(r)
		if err != nil {
			return false, err
		}
		supported = ins.Products
	}
	terms := item.Terms{Accounts: keys, Typed: typed, Webhook: text(t.Request.Webhook), UserID: t.UserID, History: item.History{Days: daysOf(t)}, Statements: statementsOf(t)}
	terms.Products, terms.Consented = choice.Initial(t, supported)
	_, err = s.Items.Make(ctx, t.Tenant, opening, terms, then)
	return err == nil, err
}

// statementsOf are the days whose statements a token asks for.
func statementsOf(t token.Token) []state.Days {
	d := t.Request.Statements
	if d == nil {
		return nil
	}
	return []state.Days{{From: *d.StartDate, To: *d.EndDate}}
}

// defaultDays is how many days of transactions are fetched where the token does not say.
const defaultDays = 90

func daysOf(t token.Token) int {
	if h := t.Request.Transactions; h != nil && h.DaysRequested != nil {
		return int(*h.DaysRequested)
	}
	return defaultDays
}

// told is an Item as the client is told of it, with the accounts that the person shares.
func told(l item.Linked) session.Linked {
	out := session.Linked{ItemID: l.Item.ID, PublicToken: l.PublicToken, Accounts: []session.Shared{}}
	if name, id := l.Item.InstitutionName, l.Item.InstitutionID; id != "" {
		out.Institution = &session.Named{Name: &name, InstitutionID: &id}
	}
	for _, a := range l.Accounts {
		if l.Item.Shares(a.Key) {
			out.Accounts = append(out.Accounts, session.Shared{ID: a.AccountID, Name: a.Name, Mask: a.Mask, Type: a.Type, Subtype: text(a.Subtype), VerificationStatus: l.Item.Verification(a.Key)})
		}
	}
	return out
}
