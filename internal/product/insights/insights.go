// Package insights answers what the rows of an Item show that may be worth money, each with its proof and a computed figure. It is
// off until a client switches it on.
package insights

import (
	"context"
	"io/fs"
	"net/http"
	"net/url"

	"weft/internal/httpapi"
	"weft/internal/insight"
	"weft/internal/item"
	"weft/internal/item/document"
	"weft/internal/item/insights"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// New is the product. Clients reach the server at baseURL.
func New(items *item.Service, baseURL string) product.Product {
	s := &service{items, insights.Service{Items: items, BaseURL: baseURL}}
	return product.Product{Name: "insights", Routes: []httpapi.Route{
		{Path: "/weft/insights/get", Summary: "What an Item's rows show that may be worth money, with proofs", Endpoint: item.Endpoint(items, s.get)},
		{Path: "/weft/insights/settings/get", Summary: "Whether insights are on for the client, and where they lead", Endpoint: product.Endpoint(items.Clients, items.Clock, s.settings)},
		{Path: "/weft/insights/settings/update", Summary: "Switch insights on or off, and say where they lead", Endpoint: product.Endpoint(items.Clients, items.Clock, s.update)},
	}, Pages: map[string]http.Handler{"GET " + insights.ImagePath + "{name}": http.HandlerFunc(image)}}
}

type service struct {
	items *item.Service
	found insights.Service
}

type getRequest struct {
	Options struct {
		AccountIDs []string `json:"account_ids"`
	} `json:"options"`
}

type getResponse struct {
	AsOf     plaid.Date `json:"as_of"`
	Insights []wire     `json:"insights"`
}

// wire is an insight as it is answered. transaction_id is that of the transaction which it hangs on.
type wire struct {
	UID            string        `json:"uid"`
	Kind           insight.Kind  `json:"kind"`
	About          string        `json:"about"`
	Date           plaid.Date    `json:"date"`
	TransactionID  *string       `json:"transaction_id"`
	Text           string        `json:"insight_text"`
	CTAURL         *string       `json:"insight_ctaurl"`
	Image          string        `json:"finsight_image"`
	Recommendation string        `json:"recommendation"`
	AmountFound    plaid.Decimal `json:"amountFound"`
	Currency       *string       `json:"currency_code"`
	Proof          proof         `json:"proof"`
}

type proof struct {
	TransactionIDs []string `json:"transaction_ids"`
	AccountIDs     []string `json:"account_ids"`
	SecurityIDs    []string `json:"security_ids"`
}

// products are those whose data has insights.
var products = []string{"transactions", "liabilities", "investments"}

// get answers from what is stored: no bank is asked.
func (s *service) get(ctx context.Context, it item.Item, req getRequest) (httpapi.Raw, error) {
	settings, err := s.found.Settings(ctx, it.Tenant)
	if err != nil {
		return nil, err
	}
	if !settings.Enabled {
		return nil, plaid.Errf("PRODUCT_NOT_ENABLED", "insights are off for this client; switch them on with /weft/insights/settings/update")
	}
	if err := it.Failed(); err != nil {
		return nil, err
	}
	if !it.Has(products[0]) && !it.Has(products[1]) && !it.Has(products[2]) {
		return nil, plaid.Errf("PRODUCT_NOT_ENABLED", "the item has none of the products in which insights are found: %s", plaid.Quoted(products))
	}
	found, err := s.found.OfAccounts(ctx, document.Distinct(req.Options.AccountIDs), it)
	if err != nil {
		return nil, err
	}
	res := getResponse{AsOf: plaid.DateOf(s.items.Clock.Now()), Insights: []wire{}}
	for _, i := range found {
		res.Insights = append(res.Insights, wire{UID: i.UID, Kind: i.Kind, About: i.About, Date: i.Date, TransactionID: orNull(i.TransactionID), Text: i.Text,
			CTAURL: orNull(i.CTAURL), Image: i.Image, Recommendation: i.Recommendation, AmountFound: i.AmountFound, Currency: orNull(i.Currency),
			Proof: proof{list(i.Proof.TransactionIDs), list(i.Proof.AccountIDs), list(i.Proof.SecurityIDs)}})
	}
	doc, err := plaid.JSON(res)
	if err != nil {
		return nil, err
	}
	return httpapi.Raw{doc[:len(doc)-1], it.Tail}, nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func list(ids []string) []string { return append([]string{}, ids...) }

// updateRequest has the settings that are to change; what is left out stays, and an empty address is none.
type updateRequest struct {
	Enabled *bool   `json:"enabled"`
	CTAURL  *string `json:"cta_url"`
}

// Validate checks the fields by themselves.
func (r *updateRequest) Validate(httpapi.Version) error {
	if r.CTAURL == nil || *r.CTAURL == "" {
		return nil
	}
	u, err := url.Parse(*r.CTAURL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || len(*r.CTAURL) > 1024 {
		return plaid.InvalidField("cta_url", "must be an http or https URL without credentials, query or fragment")
	}
	return nil
}

func (s *service) settings(ctx context.Context, tenant store.Tenant, _ httpapi.None) (insights.Settings, error) {
	return s.found.Settings(ctx, tenant)
}

func (s *service) update(ctx context.Context, tenant store.Tenant, req updateRequest) (out insights.Settings, err error) {
	err = s.items.DB.Write(ctx, func(tx *store.Tx) error {
		if out, err = insights.ReadSettings(ctx, tx, tenant); err != nil {
			return err
		}
		if req.Enabled != nil {
			out.Enabled = *req.Enabled
		}
		if req.CTAURL != nil {
			out.CTAURL = orNull(*req.CTAURL)
		}
		return insights.WriteSettings(ctx, tx, tenant, out)
	})
	return out, err
}

// image serves one of the drawings, which are the same for everybody.
func image(w http.ResponseWriter, r *http.Request) {
	drawing, err := fs.ReadFile(insight.Images(), r.PathValue("name"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write(drawing) // a reader that has gone needs nothing
}
