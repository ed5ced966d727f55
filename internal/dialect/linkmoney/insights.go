package linkmoney

// advice is what a transaction has besides where the configuration wants insights: whose it is, and what is advised about it.
// A transaction about which there is nothing to say has nulls.
type advice struct {
	UID            string  `json:"uid"`
	InsightText    *string `json:"insight_text"`
	InsightCTAURL  *string `json:"insight_ctaurl"`
	FinSightImage  *string `json:"finsight_image"`
	Recommendation *string `json:"recommendation"`
	AmountFound    raw     `json:"amountFound"`
}

// advise adds advice to a page of transactions. This is where insights are joined: they are made of the page and fill its advice.
func (d *Dialect) advise(s *span, a *transactionsAnswer) {
	if !s.conf.Insights {
		return
	}
	for i := range a.Transactions {
		a.Transactions[i].advice = &advice{UID: s.userID}
	}
}
