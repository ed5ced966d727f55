package transactions

import (
	"context"
	"fmt"
	"strings"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// Bounds of a page, and of the history.
const (
	defaultCount = 100
	mostCount    = 500
	mostDays     = 730
)

type getRequest struct {
	StartDate plaid.Date `json:"start_date" weft:"required"`
	EndDate   plaid.Date `json:"end_date" weft:"required"`
	Options   getOptions `json:"options"`
}

type getOptions struct {
	AccountIDs []string `json:"account_ids"`
	Count      *int     `json:"count"`
	Offset     int      `json:"offset"`
	// IncludePersonalFinanceCategoryBeta is of the time before IncludePersonalFinanceCategory.
	IncludePersonalFinanceCategoryBeta *bool `json:"include_personal_finance_category_beta"`
	variants
}

// Validate checks the fields by themselves.
func (r *getRequest) Validate(httpapi.Version) error {
	if r.EndDate < r.StartDate {
		return plaid.InvalidField("end_date", "must not be before start_date")
	}
	if err := validCount("options.count", r.Options.Count); err != nil {
		return err
	}
	if r.Options.Offset < 0 {
		return plaid.InvalidField("options.offset", "must be 0 or more")
	}
	return r.Options.validate()
}

func validCount(field string, count *int) error {
	if count != nil && (*count < 1 || *count > mostCount) {
		return plaid.InvalidField(field, fmt.Sprintf("must be between 1 and %d", mostCount))
	}
	return nil
}

func countOf(count *int) int {
	if count == nil {
		return defaultCount
	}
	return *count
}

// get answers {accounts, transactions, total_transactions, item}, joined from stored documents. Before the first days are
// there it is PRODUCT_NOT_READY.
func (s *service) get(ctx context.Context, it item.Item, req getRequest) (httpapi.Raw, error) {
	it, err := s.ready(ctx, it)
	if err != nil {
		return nil, err
	}
	req.Options.AccountIDs = document.Distinct(req.Options.AccountIDs)
	kind := fmt.Sprintf("transactions/%d/%d/%d/%d/%s/%s", req.StartDate, req.EndDate, countOf(req.Options.Count), req.Options.Offset,
		req.Options.key(), strings.Join(req.Options.AccountIDs, ","))
	page, err := cache.Get(s.items.Cache, it.Key, it.Version, kind, func() (loaded cache.Loaded[[]byte], err error) {
		err = s.items.DB.Read(ctx, func(tx *store.Tx) error {
			loaded, err = readPage(ctx, tx, it, req)
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
func readPage(ctx context.Context, tx *store.Tx, it item.Item, req getRequest) (loaded cache.Loaded[[]byte], err error) {
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument, statusDocument)
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
	if err := document.CheckAccounts(accounts, req.Options.AccountIDs); err != nil {
		return loaded, err
	}
	if accounts, err = document.OfAccounts(accounts, req.Options.AccountIDs); err != nil {
		return loaded, err
	}
	total, err := countRows(ctx, tx, it, req)
	if err != nil {
		return loaded, err
	}
	list, err := readRows(ctx, tx, it, req)
	if err != nil {
		return loaded, err
	}
	out := append(append([]byte(`{"accounts":`), accounts...), `,"transactions":`...)
	out = append(out, join(list, req.Options.variants)...)
	out = fmt.Appendf(out, `,"total_transactions":%d`, total)
	return cache.Loaded[[]byte]{Value: out, Size: len(out), Version: docs.Version}, nil
}

// ofRange joins the Item, which holds the tenant.
const ofRange = ` from transactions t
	join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
	where t.item_key = $1 and t.date >= $4 and t.date <= $5 and t.removed = 0`

func rangeArgs(it item.Item, req getRequest) []any {
	return []any{it.Key, it.Tenant.Client, it.Tenant.Environment, req.StartDate.String(), req.EndDate.String()}
}

func countRows(ctx context.Context, q store.Querier, it item.Item, req getRequest) (total int64, err error) {
	args := rangeArgs(it, req)
	filter := product.OfAccounts(&args, req.Options.AccountIDs, it.Gone)
	err = q.QueryRow(ctx, `select count(*)`+ofRange+filter, args...).Scan(&total)
	return total, err
}

func readRows(ctx context.Context, q store.Querier, it item.Item, req getRequest) ([]stored, error) {
	args := append(rangeArgs(it, req), countOf(req.Options.Count), req.Options.Offset)
	filter := product.OfAccounts(&args, req.Options.AccountIDs, it.Gone)
	rows, err := q.Query(ctx, `select t.document, t.original, t.category_v1, t.category_v2`+ofRange+filter+` order by t.date desc, t.added desc limit $6 offset $7`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []stored
	for rows.Next() {
		var d stored
		if err := rows.Scan(&d.document, &d.original, &d.v1, &d.v2); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, rows.Err()
}
