package transactions

import (
	"context"
	"fmt"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/transactions/rows"
	"weft/internal/store"
)

type getRequest struct {
	StartDate plaid.Date `json:"start_date" weft:"required"`
	EndDate   plaid.Date `json:"end_date" weft:"required"`
	Options   getOptions `json:"options"`
}

type getOptions struct {
	product.RangeOptions
	// IncludePersonalFinanceCategoryBeta is of the time before IncludePersonalFinanceCategory.
	IncludePersonalFinanceCategoryBeta *bool `json:"include_personal_finance_category_beta"`
	rows.Variants
}

// Validate checks the fields by themselves.
func (r *getRequest) Validate(httpapi.Version) error {
	if _, err := r.Options.Range(r.StartDate, r.EndDate); err != nil {
		return err
	}
	return r.Options.Validate()
}

// get answers {accounts, transactions, total_transactions, item}, joined from stored documents. Before the first days are
// there it is PRODUCT_NOT_READY.
func (s *service) get(ctx context.Context, it item.Item, req getRequest) (httpapi.Raw, error) {
	it, err := s.ready(ctx, it, req.Options.DaysRequested)
	if err != nil {
		return nil, err
	}
	r, err := req.Options.Range(req.StartDate, req.EndDate)
	if err != nil {
		return nil, err
	}
	kind := "transactions/" + req.Options.Variants.Key() + "/" + r.Key()
	page, err := cache.Get(s.items.Cache, it.Key, it.Version, kind, func() (loaded cache.Loaded[[]byte], err error) {
		err = s.items.DB.Read(ctx, func(tx *store.Tx) error {
			loaded, err = readPage(ctx, tx, it, r, req.Options.Variants)
			return err
		})
		return loaded, err
	})
	if err != nil {
		return nil, err
	}
	return httpapi.Raw{page, it.Tail}, nil
}

// readPage is everything of the answer that belongs to the page, as it stands together at one version of the Item.
func readPage(ctx context.Context, tx *store.Tx, it item.Item, r product.Range, v rows.Variants) (loaded cache.Loaded[[]byte], err error) {
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument, statusDocument, rows.DaysDocument)
	if err != nil {
		return loaded, err
	}
	state, err := readStatus(docs.ByKind[statusDocument])
	if err != nil {
		return loaded, err
	}
	if !state.Initial {
		return loaded, plaid.Err("PRODUCT_NOT_READY")
	}
	accounts := docs.ByKind[item.AccountsDocument]
	if err := document.CheckAccounts(accounts, r.Accounts); err != nil {
		return loaded, err
	}
	if accounts, err = document.OfAccounts(accounts, r.Accounts); err != nil {
		return loaded, err
	}
	list, total, err := rows.Range(ctx, tx, it, r, docs.ByKind[rows.DaysDocument], v)
	if err != nil {
		return loaded, err
	}
	out := append(append([]byte(`{"accounts":`), accounts...), `,"transactions":`...)
	out = document.Append(out, list)
	out = fmt.Appendf(out, `,"total_transactions":%d`, total)
	return cache.Loaded[[]byte]{Value: out, Size: len(out), Version: it.Version}, nil // the rows are of the accounts that it had then
}
