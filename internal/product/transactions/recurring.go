package transactions

import (
	"context"
	"fmt"
	"time"

	"weft/internal/enrich/taxonomy"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/transactions/rows"
	"weft/internal/product/transactions/streams"
	"weft/internal/store"
)

type recurringRequest struct {
	AccountIDs []string         `json:"account_ids"`
	Options    recurringOptions `json:"options"`
}

type recurringOptions struct {
	IncludePersonalFinanceCategory *bool   `json:"include_personal_finance_category"`
	PersonalFinanceCategoryVersion *string `json:"personal_finance_category_version"`
}

// Validate checks the fields by themselves.
func (r *recurringRequest) Validate(httpapi.Version) error {
	return rows.Variants{PersonalFinanceCategoryVersion: r.Options.PersonalFinanceCategoryVersion}.Validate()
}

func (r *recurringRequest) version() taxonomy.Version {
	return taxonomy.Version(rows.Variants{PersonalFinanceCategoryVersion: r.Options.PersonalFinanceCategoryVersion}.Version())
}

type recurringResponse struct {
	Inflow  []streams.Stream `json:"inflow_streams"`
	Outflow []streams.Stream `json:"outflow_streams"`
	Updated string           `json:"updated_datetime"`
	Version string           `json:"personal_finance_category_version"`
}

// recurring answers the series that are found in an Item's transactions, as of today.
func (s *service) recurring(ctx context.Context, it item.Item, req recurringRequest) (httpapi.Raw, error) {
	it, err := s.ready(ctx, it, nil)
	if err != nil {
		return nil, err
	}
	req.AccountIDs = document.Distinct(req.AccountIDs)
	now := s.items.Clock.Now()
	kind := fmt.Sprintf("recurring/%d/%s/%q", plaid.DateOf(now), req.version(), req.AccountIDs)
	doc, err := cache.Get(s.items.Cache, it.Key, it.Version, kind, func() (loaded cache.Loaded[[]byte], err error) {
		err = s.items.DB.Read(ctx, func(tx *store.Tx) error {
			loaded, err = s.readStreams(ctx, tx, it, req, now)
			return err
		})
		return loaded, err
	})
	if err != nil {
		return nil, err
	}
	return httpapi.Raw{doc}, nil
}

func (s *service) readStreams(ctx context.Context, tx *store.Tx, it item.Item, req recurringRequest, now time.Time) (loaded cache.Loaded[[]byte], err error) {
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument, statusDocument, rows.DaysDocument)
	if err != nil {
		return loaded, err
	}
	if err := document.CheckAccounts(docs.ByKind[item.AccountsDocument], req.AccountIDs); err != nil {
		return loaded, err
	}
	state, err := readStatus(docs.ByKind[statusDocument])
	if err != nil {
		return loaded, err
	}
	if !state.Initial {
		return loaded, plaid.Err("PRODUCT_NOT_READY")
	}
	// All days that there can be; pending rows are not settled yet, and belong to no series.
	whole := product.Range{From: 0, To: plaid.DateOf(now).AddDays(1), Accounts: req.AccountIDs, Count: 1 << 30}
	var all streams.Accounts
	if err := rows.Each(ctx, tx, it, whole, docs.ByKind[rows.DaysDocument], all.Add); err != nil {
		return loaded, err
	}
	res := recurringResponse{Updated: plaid.Timestamp(now), Version: string(req.version())}
	res.Inflow, res.Outflow = all.Find(plaid.DateOf(now), req.version())
	doc, err := plaid.JSON(res)
	if err != nil {
		return loaded, err
	}
	return cache.Loaded[[]byte]{Value: doc[:len(doc)-1], Size: len(doc), Version: docs.Version}, nil
}
