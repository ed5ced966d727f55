package statements

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/connections"
	"weft/internal/item/document"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/product"
)

const productName = "statements"

// New is the product. The queue does the refreshes.
func New(items *item.Service, queue *job.Queue) product.Product {
	s := &service{items: items}
	s.refreshes = job.Register(queue, job.Spec{Name: "statements-refresh", Timeout: 2 * time.Minute, Attempts: 20}, s.bring)
	return product.Product{Name: "statements", Apply: s.apply, Routes: []httpapi.Route{
		{Path: "/statements/list", Summary: "Statements of an Item's accounts", Endpoint: item.Endpoint(items, s.list)},
		{Path: "/statements/download", Summary: "A statement as PDF", Endpoint: item.Endpoint(items, s.download)},
		{Path: "/statements/refresh", Summary: "Ask the institution for the statements of some days", Endpoint: item.Endpoint(items, s.refresh)},
	}}
}

type service struct {
	items     *item.Service
	refreshes *job.Kind[refresh]
}

// ready is the Item with the product. Any account may have statements.
func (s *service) ready(ctx context.Context, it item.Item) (item.Item, error) {
	return s.items.WithProduct(ctx, it, productName, func(string, string) bool { return true }, "NO_ACCOUNTS")
}

type listResponse struct {
	ItemID          string        `json:"item_id"`
	InstitutionID   string        `json:"institution_id"`
	InstitutionName string        `json:"institution_name"`
	Accounts        []listAccount `json:"accounts"`
}

type listAccount struct {
	AccountID           string          `json:"account_id"`
	AccountMask         string          `json:"account_mask"`
	AccountName         string          `json:"account_name"`
	AccountOfficialName string          `json:"account_official_name"`
	AccountSubtype      string          `json:"account_subtype"`
	AccountType         string          `json:"account_type"`
	Statements          []listStatement `json:"statements"`
}

type listStatement struct {
	StatementID string     `json:"statement_id"`
	DatePosted  plaid.Date `json:"date_posted"`
	Month       int        `json:"month"`
	Year        int        `json:"year"`
}

// list answers the accounts that have statements, newest statement first.
func (s *service) list(ctx context.Context, it item.Item, _ httpapi.None) (listResponse, error) {
	it, err := s.ready(ctx, it)
	if err != nil {
		return listResponse{}, err
	}
	docs, err := item.ReadDocuments(ctx, s.items.DB, it, item.AccountsDocument, statementsDocument)
	if err != nil {
		return listResponse{}, err
	}
	var accounts []plaid.Account
	if err := json.Unmarshal(docs.ByKind[item.AccountsDocument], &accounts); err != nil {
		return listResponse{}, err
	}
	kept, err := decode(docs.ByKind[statementsDocument])
	if err != nil {
		return listResponse{}, err
	}
	res := listResponse{ItemID: it.ID, InstitutionID: it.InstitutionID, InstitutionName: it.InstitutionName, Accounts: []listAccount{}}
	for _, a := range accounts {
		list := kept.of(a.AccountID)
		if len(list) == 0 {
			continue
		}
		one := listAccount{AccountID: a.AccountID, AccountMask: text(a.Mask), AccountName: a.Name,
			AccountOfficialName: cmp.Or(text(a.OfficialName), a.Name), AccountSubtype: text(a.Subtype), AccountType: a.Type}
		for _, st := range list {
			one.Statements = append(one.Statements, listStatement{st.ID, st.Posted, st.Month, st.Year})
		}
		res.Accounts = append(res.Accounts, one)
	}
	return res, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

type downloadRequest struct {
	StatementID string `json:"statement_id" weft:"required"`
}

// download asks the bank for one statement.
func (s *service) download(ctx context.Context, it item.Item, req downloadRequest) (httpapi.File, error) {
	it, err := s.ready(ctx, it)
	if err != nil {
		return httpapi.File{}, err
	}
	docs, err := item.ReadDocuments(ctx, s.items.DB, it, item.AccountsDocument, statementsDocument)
	if err != nil {
		return httpapi.File{}, err
	}
	kept, err := decode(docs.ByKind[statementsDocument])
	if err != nil {
		return httpapi.File{}, err
	}
	st, found := kept.find(req.StatementID)
	if !found || document.CheckAccounts(docs.ByKind[item.AccountsDocument], []string{st.AccountID}) != nil {
		return httpapi.File{}, plaid.InvalidField("statement_id", "is of no statement of this item")
	}
	conn, err := connections.Read(ctx, s.items.DB, s.items.Keys, it.Tenant, it.ConnectionID)
	if err != nil {
		return httpapi.File{}, err
	}
	con, err := s.items.Connectors.Find(it.Tenant.Environment, conn.Connector)
	if err != nil {
		return httpapi.File{}, err
	}
	bank, ok := con.(connector.Statements)
	if !ok {
		return httpapi.File{}, plaid.Errf("PRODUCTS_NOT_SUPPORTED", "the institution gives no statements")
	}
	content, err := bank.AccountStatement(ctx, conn.Connection, st.AccountKey, st.Key)
	if err != nil {
		return httpapi.File{}, err
	}
	sum := sha256.Sum256(content)
	return httpapi.File{Type: "application/pdf", Content: content, Header: map[string]string{
		"Plaid-Content-Hash":  hex.EncodeToString(sum[:]),
		"Content-Disposition": `attachment; filename="statement.pdf"`,
	}}, nil
}
