package transactions

import (
	"context"
	"encoding/json"
	"fmt"

	"weft/internal/item"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// statusDocument is the document that says how far an Item's history has come.
const statusDocument = "transactions_status"

// Days of history: of an Item that has asked for no number, and of the first of the two steps in which it comes.
const (
	usualDays  = 90
	recentDays = 30
)

// status says how far an Item's history has come: the newest days are there, and all of it. Began is the day on which that
// began: the history reaches back from there.
type status struct {
	Initial    bool        `json:"initial"`
	Historical bool        `json:"historical"`
	Began      *plaid.Date `json:"began,omitempty"`
}

// readStatus reads the document; there is none before anything has come.
func readStatus(doc []byte) (st status, err error) {
	if len(doc) == 0 {
		return status{}, nil
	}
	if err := json.Unmarshal(doc, &st); err != nil {
		return status{}, fmt.Errorf("transactions: stored status: %w", err)
	}
	return st, nil
}

// word is the status as an answer tells it.
func (st status) word() string {
	switch {
	case st.Historical:
		return "HISTORICAL_UPDATE_COMPLETE"
	case st.Initial:
		return "INITIAL_UPDATE_COMPLETE"
	}
	return "NOT_READY"
}

// reach is how much of its history an Item has: before a refresh, with it, and from which day.
type reach struct {
	before, now status
	from        plaid.Date
}

// readReach finds how far the history is to come with a refresh.
func readReach(ctx context.Context, tx *store.Tx, r *item.Refreshed) (reach, error) {
	docs, err := tx.Query(ctx, `select document from documents where item_key = $1 and kind = $2`, r.Item.Key, statusDocument)
	if err != nil {
		return reach{}, err
	}
	defer docs.Close()
	var doc []byte
	for docs.Next() {
		if err := docs.Scan(&doc); err != nil {
			return reach{}, err
		}
	}
	if err := docs.Err(); err != nil {
		return reach{}, err
	}
	before, err := readStatus(doc)
	if err != nil {
		return reach{}, err
	}
	now := before
	if now.Began == nil {
		today := plaid.DateOf(r.Want.Now)
		now.Began = &today
	}
	now.Initial = before.Initial || r.Step >= state.StepRecent
	now.Historical = before.Historical || r.Step >= state.StepWhole
	return reach{before: before, now: now, from: now.first(r.Item.History)}, nil
}

// first is the first day that the Item keeps. People's own data is kept whole.
func (st status) first(h item.History) plaid.Date {
	from := st.Began.AddDays(-usualDays)
	switch {
	case h.All:
		return 0
	case h.From != nil:
		from = *h.From
	case h.Days > 0:
		from = st.Began.AddDays(-h.Days)
	}
	if !st.Historical {
		from = max(from, st.Began.AddDays(-recentDays))
	}
	return from
}

// write keeps how far the history has come.
func (c reach) write(ctx context.Context, tx *store.Tx, r *item.Refreshed) (changed bool, err error) {
	return item.PutDocument(ctx, tx, r.Item.Key, statusDocument, c.now)
}
