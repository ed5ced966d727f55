package linkmoney

import (
	"context"
	"strconv"

	"weft/internal/insight"
	"weft/internal/item"
	"weft/internal/item/insights"
)

// advice is what a transaction has besides where the configuration wants insights: whose it is, and what is advised about it.
// A transaction about which there is nothing to say has nulls, and so has the uid where an Item's own token was sent.
type advice struct {
	UID            *string `json:"uid"`
	InsightText    *string `json:"insight_text"`
	InsightCTAURL  *string `json:"insight_ctaurl"`
	FinSightImage  *string `json:"finsight_image"`
	Recommendation *string `json:"recommendation"`
	AmountFound    raw     `json:"amountFound"`
}

// advise adds advice to a page of transactions. The Items are looked at whole, as what shows in a row does so by the rows around it.
// Insights that hang on no transaction are not told here.
func (d *Dialect) advise(ctx context.Context, s *span, a *transactionsAnswer) error {
	if !s.conf.Insights {
		return nil
	}
	var items []item.Item
	for _, p := range s.parts {
		it, err := d.items.ItemByID(ctx, s.Tenant, p.itemID)
		if err != nil {
			return err
		}
		items = append(items, it)
	}
	found, err := insights.Service{Items: d.items, BaseURL: d.baseURL}.Advise(ctx, items...)
	if err != nil {
		return err
	}
	// By the id as it stands in the answer: in quotes.
	about := map[string]*insight.Insight{}
	for i := range found {
		if id := strconv.Quote(found[i].TransactionID); about[id] == nil {
			about[id] = &found[i]
		}
	}
	var uid *string
	if s.userID != "" {
		uid = &s.userID
	}
	for i := range a.Transactions {
		a.Transactions[i].advice = &advice{UID: uid}
		if in := about[string(a.Transactions[i].TransactionID)]; in != nil {
			a.Transactions[i].fill(in)
		}
	}
	return nil
}

// fill tells an insight.
func (a *advice) fill(in *insight.Insight) {
	a.InsightText, a.FinSightImage, a.Recommendation, a.AmountFound = &in.Text, &in.Image, &in.Recommendation, raw(in.AmountFound.String())
	if in.CTAURL != "" {
		a.InsightCTAURL = &in.CTAURL
	}
}
