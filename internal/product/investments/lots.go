package investments

import (
	"context"
	"strings"

	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/document"
	"weft/internal/item/rows"
	"weft/internal/lots"
	"weft/internal/plaid"
	"weft/internal/product/investments/taxlots"
	"weft/internal/store"
)

type lotMethodRequest struct {
	AccountID string  `json:"account_id" weft:"required"`
	Method    *string `json:"method"`
}

// Validate checks the fields by themselves.
func (r *lotMethodRequest) Validate(httpapi.Version) error {
	if r.Method != nil && !plaid.Known(lots.Methods, *r.Method) {
		return plaid.InvalidField("method", "must be one of "+strings.Join(lots.Methods, ", "))
	}
	return nil
}

type lotMethodResponse struct {
	AccountID string          `json:"account_id"`
	Method    lots.Method     `json:"method"`
	Holdings  []lotsOfHolding `json:"holdings"`
}

// lotsOfHolding says of a holding that has no lots of its bank's whether it has some of Weft's, and what of them is not known.
type lotsOfHolding struct {
	SecurityID string        `json:"security_id"`
	Lots       int           `json:"lots"`
	Unknown    []lots.Reason `json:"unknown"`
}

// lotMethod answers how lots are chosen in an account, after choosing it anew where a method is given: the lots of its holdings
// are made anew in the same transaction.
func (s *service) lotMethod(ctx context.Context, it item.Item, req lotMethodRequest) (lotMethodResponse, error) {
	it, err := s.ready(ctx, it)
	if err != nil {
		return lotMethodResponse{}, err
	}
	if req.Method != nil {
		return s.chooseMethod(ctx, it, req.AccountID, lots.Method(*req.Method))
	}
	docs, err := item.ReadDocuments(ctx, s.items.DB, it, item.InvestmentAccountsDocument, taxlots.Document)
	if err != nil {
		return lotMethodResponse{}, err
	}
	if err := document.CheckAccounts(docs.ByKind[item.InvestmentAccountsDocument], []string{req.AccountID}); err != nil {
		return lotMethodResponse{}, err
	}
	book, err := taxlots.Open(docs.ByKind[taxlots.Document])
	return methodOf(book, req.AccountID), err
}

func (s *service) chooseMethod(ctx context.Context, it item.Item, accountID string, method lots.Method) (res lotMethodResponse, err error) {
	err = s.items.DB.Write(ctx, func(tx *store.Tx) error {
		locked, err := rows.Lock(ctx, tx, it.Tenant, it.ID)
		if err != nil {
			return err
		}
		docs, err := item.ReadDocuments(ctx, tx, locked, item.InvestmentAccountsDocument)
		if err != nil {
			return err
		}
		if err := document.CheckAccounts(docs.ByKind[item.InvestmentAccountsDocument], []string{accountID}); err != nil {
			return err
		}
		// An answer that is silent about everything: what is held stays, and its lots are found anew.
		r := &item.Refreshed{Item: locked, Batch: connector.Batch{Partial: true}, Report: item.Report{}}
		p, err := readPosition(ctx, tx, r)
		if err != nil {
			return err
		}
		p.lots.Choose(accountID, method)
		transactions := func(accountID string) ([]plaid.InvestmentTransaction, error) {
			return taxlots.ReadTransactions(ctx, tx, locked.Key, accountID)
		}
		changed, err := p.apply(ctx, tx, r, map[string]bool{accountID: true}, transactions)
		if err != nil {
			return err
		}
		if res = methodOf(p.lots, accountID); !changed {
			return nil
		}
		if err := rows.Save(ctx, tx, &locked); err != nil {
			return err
		}
		return s.tell(ctx, tx, r, &log{})
	})
	return res, err
}

func methodOf(book *taxlots.Book, accountID string) lotMethodResponse {
	res := lotMethodResponse{AccountID: accountID, Method: book.Method(accountID), Holdings: []lotsOfHolding{}}
	for _, e := range book.Entries {
		if e.AccountID != accountID {
			continue
		}
		one := lotsOfHolding{SecurityID: e.SecurityID, Unknown: e.Unknown()}
		if e.GaveLots {
			one.Lots = len(e.Lots)
		}
		res.Holdings = append(res.Holdings, one)
	}
	return res
}
