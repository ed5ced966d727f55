package flow

import (
	"context"

	"weft/internal/item"
	"weft/internal/product/link/flow/numbers"
	"weft/internal/product/link/session"
	"weft/internal/store"
)

// typing is a session as one that types account numbers.
func (s *Service) typing(r *row) numbers.Session {
	return numbers.Session{Items: s.Items, Tenant: r.Tenant, Setup: r.Setup, State: r.State}
}

// confirm takes the code of a deposit: for an Item in one transaction with the step, also where it is wrong.
func (s *Service) confirm(ctx context.Context, m *session.Machine, r *row, w session.Work) (result session.Result, written bool, err error) {
	code := firsts(w.Values)["code"]
	repair := r.repair()
	if repair == nil {
		result, err = s.typing(r).Confirm(code)
		return result, false, err
	}
	err = s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		linked, tried, err := numbers.Try(ctx, tx, s.Items, r.Tenant, repair.ItemID, code)
		if err != nil {
			return err
		}
		if tried.Err != nil {
			return s.writeStep(ctx, tx, m, r, w, tried)
		}
		return s.brought(ctx, tx, m, r, w, []item.Linked{linked})
	})
	return result, err == nil, err
}
