package investments

import (
	"context"
	"encoding/json"
	"fmt"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/investments/rows"
	"weft/internal/store"
)

type transactionsRequest struct {
	StartDate plaid.Date         `json:"start_date" weft:"required"`
	EndDate   plaid.Date         `json:"end_date" weft:"required"`
	Options   transactionOptions `json:"options"`
}

type transactionOptions struct {
	product.RangeOptions
	AsyncUpdate bool `json:"async_update"`
}

// Validate checks the fields by themselves.
func (r *transactionsRequest) Validate(httpapi.Version) error {
	_, err := r.Options.Range(r.StartDate, r.EndDate)
	return err
}

// transactions answers {accounts, investment_transactions, securities, total_investment_transactions, item,
// is_investments_fallback_item}, joined from stored documents.
//
// Where the Item gets the product with this very call, the history is fetched before it answers; with async_update it is
// fetched by a job, and the answer is PRODUCT_NOT_READY until it is there, however it is asked for meanwhile.
func (s *service) transactions(ctx context.Context, it item.Item, req transactionsRequest) (httpapi.Raw, error) {
	if req.Options.AsyncUpdate && !it.Has(productName) {
		if err := s.items.MayAdd(it, productName, fits, "NO_INVESTMENT_ACCOUNTS"); err != nil {
			return nil, err
		}
		if err := s.askLater(ctx, it); err != nil {
			return nil, err
		}
		return nil, plaid.Err("PRODUCT_NOT_READY")
	}
	it, err := s.settled(ctx, it)
	if err != nil {
		return nil, err
	}
	r, err := req.Options.Range(req.StartDate, req.EndDate)
	if err != nil {
		return nil, err
	}
	page, err := s.page(ctx, it, r)
	if err != nil {
		return nil, err
	}
	return httpapi.Raw{page, it.Tail, notFallback}, nil
}

// page is everything of the answer that belongs to the page, as it stands together at one version of the Item.
func (s *service) page(ctx context.Context, it item.Item, r product.Range) ([]byte, error) {
	return cache.Get(s.items.Cache, it.Key, it.Version, "page/"+r.Key(), func() (loaded cache.Loaded[[]byte], err error) {
		err = s.items.DB.Read(ctx, func(tx *store.Tx) error {
			loaded, err = s.readPage(ctx, tx, it, r)
			return err
		})
		return loaded, err
	})
}

func (s *service) readPage(ctx context.Context, tx *store.Tx, it item.Item, r product.Range) (loaded cache.Loaded[[]byte], err error) {
	docs, err := item.ReadDocuments(ctx, tx, it, item.InvestmentAccountsDocument, rows.DaysDocument)
	if err != nil {
		return loaded, err
	}
	asked := it.Version // the rows are of the accounts that it had then
	it.Version = docs.Version
	accounts := docs.ByKind[item.InvestmentAccountsDocument]
	if err := document.CheckAccounts(accounts, r.Accounts); err != nil {
		return loaded, err
	}
	if accounts, err = document.OfAccounts(accounts, r.Accounts); err != nil {
		return loaded, err
	}
	found, err := rows.Range(ctx, tx, it, r, docs.ByKind[rows.DaysDocument])
	if err != nil {
		return loaded, err
	}
	securities, err := s.securities(ctx, tx, it, found.Securities)
	if err != nil {
		return loaded, err
	}
	out := append(append([]byte(`{"accounts":`), accounts...), `,"investment_transactions":`...)
	out = document.Append(out, found.Documents)
	out = document.Append(append(out, `,"securities":`...), securities)
	out = fmt.Appendf(out, `,"total_investment_transactions":%d`, found.Total)
	return cache.Loaded[[]byte]{Value: out, Size: len(out), Version: asked}, nil
}

const securitiesQuery = `select s.security_id, s.document from item_securities s
	join items i on i.item_key = s.item_key and i.client_id = $2 and i.environment = $3
	where s.item_key = $1 order by s.security_id, s.native_key`

// itemSecurity is a stored security.
type itemSecurity struct {
	id       string
	document json.RawMessage
}

// securities are those that are named, each once, in the order of their ids.
func (s *service) securities(ctx context.Context, q store.Querier, it item.Item, named map[string]bool) ([]json.RawMessage, error) {
	all, err := cache.Get(s.items.Cache, it.Key, it.Version, "securities", func() (cache.Loaded[[]itemSecurity], error) {
		return allSecurities(ctx, q, it)
	})
	var out []json.RawMessage
	for _, sec := range all {
		if named[sec.id] {
			out = append(out, sec.document)
		}
	}
	return out, err
}

func allSecurities(ctx context.Context, q store.Querier, it item.Item) (all cache.Loaded[[]itemSecurity], err error) {
	found, err := q.Query(ctx, securitiesQuery, it.Key, it.Tenant.Client, it.Tenant.Environment)
	if err != nil {
		return all, err
	}
	defer found.Close()
	all.Version = it.Version
	for found.Next() {
		var sec itemSecurity
		var doc []byte
		if err := found.Scan(&sec.id, &doc); err != nil {
			return all, err
		}
		sec.document = doc
		// The bank may know one instrument under two keys.
		if n := len(all.Value); n > 0 && all.Value[n-1].id == sec.id {
			continue
		}
		all.Value = append(all.Value, sec)
		all.Size += len(doc) + len(sec.id) + 64
	}
	return all, found.Err()
}
