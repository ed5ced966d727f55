// Package insights finds insights in what is stored of Items: their transactions, liabilities and holdings, as far as each Item
// has the product. It is for whoever answers them: an endpoint of Weft's own, or a dialect that has insights in its transactions.
package insights

import (
	"context"
	"slices"
	"strings"

	"weft/internal/insight"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
)

// ImagePath is where the drawings of insights are served.
const ImagePath = "/weft/insights/images/"

// Service finds insights. Clients reach the server at BaseURL.
type Service struct {
	Items   *item.Service
	BaseURL string
}

// Settings is how insights are for a tenant.
func (s Service) Settings(ctx context.Context, tenant store.Tenant) (Settings, error) {
	return ReadSettings(ctx, s.Items.DB, tenant)
}

// Of are the insights of Items of one tenant, which are looked at together: the newest first. There are none where the tenant
// has not switched them on.
func (s Service) Of(ctx context.Context, items ...item.Item) ([]insight.Insight, error) {
	return s.OfAccounts(ctx, nil, items...)
}

// OfAccounts are the insights of some accounts of Items, as if there were no others; an empty list is all of them. An account
// that none of the Items has is INVALID_ACCOUNT_ID.
func (s Service) OfAccounts(ctx context.Context, accounts []string, items ...item.Item) ([]insight.Insight, error) {
	if len(items) == 0 {
		return nil, nil
	}
	settings, err := s.Settings(ctx, items[0].Tenant)
	if err != nil || !settings.Enabled {
		return nil, err
	}
	return s.find(ctx, settings, accounts, items)
}

// Advise are the insights of Items of one tenant for a dialect, which has a switch of its own: that of the settings does not count.
func (s Service) Advise(ctx context.Context, items ...item.Item) ([]insight.Insight, error) {
	if len(items) == 0 {
		return nil, nil
	}
	settings, err := s.Settings(ctx, items[0].Tenant)
	if err != nil {
		return nil, err
	}
	return s.find(ctx, settings, nil, items)
}

func (s Service) find(ctx context.Context, settings Settings, accounts []string, items []item.Item) ([]insight.Insight, error) {
	in := insight.Input{AsOf: plaid.DateOf(s.Items.Clock.Now())}
	in.ImageBase = strings.TrimSuffix(s.BaseURL, "/") + ImagePath
	if settings.CTAURL != nil {
		in.CTABase = *settings.CTAURL
	}
	err := s.Items.DB.Read(ctx, func(tx *store.Tx) error {
		for _, it := range items {
			if err := read(ctx, tx, s.Items.Keys, it, accounts, &in); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, id := range accounts {
		if !slices.ContainsFunc(in.Accounts, func(a insight.Account) bool { return a.ID == id }) {
			return nil, plaid.Err("INVALID_ACCOUNT_ID")
		}
	}
	return insight.Find(in), nil
}
