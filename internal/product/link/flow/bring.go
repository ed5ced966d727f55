package flow

import (
	"context"
	"encoding/json"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/link/flow/own"
	"weft/internal/product/link/session"
	"weft/internal/product/link/token"
	"weft/internal/store"
)

// bring makes or repairs Items with what a person has brought, a file or what a token was spent for, in one transaction with the
// step.
func (s *Service) bring(ctx context.Context, m *session.Machine, r *row, w session.Work) (written bool, err error) {
	t, err := token.OpenHash(ctx, s.Items.DB, s.Items.Keys, r.TokenHash)
	if err != nil {
		return false, err
	}
	then := func(ctx context.Context, tx *store.Tx, list []item.Linked) error {
		return s.brought(ctx, tx, m, r, w, list)
	}
	if w.Kind == session.WorkFile {
		err = own.File(ctx, s.Items, t, w.File, r.repair(), then)
	} else {
		err = own.Bring(ctx, s.Items, t, r.State.Claimed, r.repair(), then)
	}
	return err == nil, err
}

// brought writes a step that has made or repaired Items with what a person has brought. All of their accounts are shared.
func (s *Service) brought(ctx context.Context, tx *store.Tx, m *session.Machine, r *row, w session.Work, list []item.Linked) error {
	var linked []session.Linked
	for _, l := range list {
		one := told(l)
		docs, err := item.ReadDocuments(ctx, tx, l.Item, item.AccountsDocument)
		if err != nil {
			return err
		}
		var accounts []plaid.Account
		if err := json.Unmarshal(docs.ByKind[item.AccountsDocument], &accounts); err != nil {
			return err
		}
		one.Accounts = []session.Shared{}
		for _, a := range accounts {
			shared := session.Shared{ID: a.AccountID, Name: a.Name, Mask: a.Mask, Type: a.Type, Subtype: text(a.Subtype)}
			if a.VerificationStatus != "" {
				shared.VerificationStatus = &a.VerificationStatus
			}
			one.Accounts = append(one.Accounts, shared)
		}
		linked = append(linked, one)
	}
	return s.inTransaction(ctx, tx, m, r, w, linked)
}
