package flow

import (
	"context"
	"encoding/json"
	"errors"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/token"
	"weft/internal/store"
)

// takeFile makes Items of a statement file, in one transaction with the step.
func (s *Service) takeFile(ctx context.Context, m *session.Machine, r *row, w session.Work) (written bool, err error) {
	t, err := token.OpenHash(ctx, s.Items.DB, s.Items.Keys, r.TokenHash)
	if err != nil {
		return false, err
	}
	err = plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
	for _, con := range s.Items.Connectors[t.Tenant.Environment] {
		files, ok := con.(connector.Files)
		if !ok {
			continue
		}
		file, readErr := files.ReadFile(w.File)
		if readErr != nil {
			err = unreadable(readErr)
			continue
		}
		err = s.Items.ImportNew(ctx, t.Tenant, con.Name(), file.Statements, termsOf(t), func(ctx context.Context, tx *store.Tx, list []item.Linked) error {
			return s.brought(ctx, tx, m, r, w, list)
		})
		return err == nil, err
	}
	return false, err
}

// unreadable is a file that is no statement.
func unreadable(err error) error {
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe
	}
	return &plaid.Error{Definition: plaid.Errf("INVALID_FIELD", "the file is no statement that can be read").Definition, Cause: err}
}

// takeToken connects all banks behind a token of another service.
func (s *Service) takeToken(ctx context.Context, m *session.Machine, r *row, w session.Work) (written bool, err error) {
	t, err := token.OpenHash(ctx, s.Items.DB, s.Items.Keys, r.TokenHash)
	if err != nil {
		return false, err
	}
	name := ""
	for _, con := range s.Items.Connectors[t.Tenant.Environment] {
		if _, ok := con.(connector.Tokens); ok {
			name = con.Name()
		}
	}
	done, err := s.Connections.Connect(ctx, t.Tenant, name, firsts(w.Values)["token"])
	if err != nil {
		return false, err
	}
	if done.Err != nil {
		return false, done.Err
	}
	var ids []string
	for _, result := range done.Round.Results {
		if result.New && result.Err == nil {
			ids = append(ids, result.Item.ID)
		}
	}
	if len(ids) == 0 {
		return false, plaid.Err("NO_ACCOUNTS")
	}
	err = s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		list, err := s.Items.Adopt(ctx, tx, t.Tenant, ids, termsOf(t))
		if err != nil {
			return err
		}
		return s.brought(ctx, tx, m, r, w, list)
	})
	return err == nil, err
}

func termsOf(t token.Token) item.Terms {
	return item.Terms{Webhook: text(t.Request.Webhook), UserID: t.UserID}
}

// brought writes a step that has made Items of what a person has brought. All of their accounts are shared.
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
