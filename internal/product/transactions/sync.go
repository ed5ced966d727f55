package transactions

import (
	"context"
	"fmt"
	"slices"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/transactions/cursor"
	"weft/internal/product/transactions/rows"
	"weft/internal/store"
)

type syncRequest struct {
	Cursor  *string     `json:"cursor"`
	Count   *int        `json:"count"`
	Options syncOptions `json:"options"`
}

type syncOptions struct {
	AccountID *string `json:"account_id"`
	rows.Variants
}

// Validate checks the fields by themselves.
func (r *syncRequest) Validate(httpapi.Version) error {
	if err := product.ValidCount("count", r.Count); err != nil {
		return err
	}
	if r.Options.AccountID != nil && *r.Options.AccountID == "" {
		return plaid.InvalidField("options.account_id", "must be a non-empty string")
	}
	return r.Options.Validate()
}

// now is the cursor that skips the history.
const now = "now"

// page is what a sync answers.
type page struct {
	accounts        []byte
	added, modified []string
	removed         []plaid.RemovedTransaction
	next            string
	more            bool
	status          status
	version         int64 // of the Item
}

// sync answers the changes after a cursor, in the order in which they came: folded one page after the other they give the
// bank's state, whatever happens between the pages. Before the first days are there it is an empty page, and no error.
func (s *service) sync(ctx context.Context, it item.Item, req syncRequest) (httpapi.Raw, error) {
	it, err := s.ready(ctx, it, req.Options.DaysRequested)
	if err != nil {
		return nil, err
	}
	if !it.Synced { // from now on the client is told when there is something to fetch
		if it, err = s.items.Update(ctx, it, func(st *item.State) { st.Synced = true }); err != nil {
			return nil, err
		}
	}
	doc, err := cache.Get(s.items.Cache, it.Key, it.Version, req.key(), func() (loaded cache.Loaded[[]byte], err error) {
		var p page
		err = s.items.DB.Read(ctx, func(tx *store.Tx) error {
			p, err = s.readChanges(ctx, tx, it, req)
			return err
		})
		if err == nil {
			loaded.Value, err = p.encode()
		}
		loaded.Size, loaded.Version = len(loaded.Value), p.version
		return loaded, err
	})
	if err != nil {
		return nil, err
	}
	return httpapi.Raw{doc}, nil
}

// key names the page in the cache.
func (r *syncRequest) key() string {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return fmt.Sprintf("sync/%s/%d/%s/%s", text(r.Cursor), product.CountOf(r.Count), text(r.Options.AccountID), r.Options.Variants.Key())
}

func (p page) encode() ([]byte, error) {
	if p.removed == nil {
		p.removed = []plaid.RemovedTransaction{}
	}
	rest, err := plaid.JSON(struct {
		Removed []plaid.RemovedTransaction `json:"removed"`
		Next    string                     `json:"next_cursor"`
		More    bool                       `json:"has_more"`
		Status  string                     `json:"transactions_update_status"`
	}{p.removed, p.next, p.more, p.status.word()})
	if err != nil {
		return nil, err
	}
	out := append(append([]byte(`{"accounts":`), p.accounts...), `,"added":`...)
	out = document.Append(out, p.added)
	out = document.Append(append(out, `,"modified":`...), p.modified)
	return append(append(out, ','), rest[1:len(rest)-1]...), nil
}

func (s *service) readChanges(ctx context.Context, tx *store.Tx, it item.Item, req syncRequest) (p page, err error) {
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument, statusDocument)
	if err != nil {
		return p, err
	}
	p.version = it.Version // the rows are of the accounts that it had then
	accounts := docs.ByKind[item.AccountsDocument]
	filter := ""
	if req.Options.AccountID != nil {
		filter = *req.Options.AccountID
		if err := document.CheckAccounts(accounts, []string{filter}); err != nil {
			return p, err
		}
	}
	if p.status, err = readStatus(docs.ByKind[statusDocument]); err != nil {
		return p, err
	}
	newest, err := rows.Newest(ctx, tx, it)
	if err != nil {
		return p, err
	}
	cursors := cursor.Cursors{Keys: s.items.Keys, Epoch: s.items.Epoch, ItemID: it.ID, Filter: filter}
	text := ""
	if req.Cursor != nil {
		text = *req.Cursor
	}
	p.accounts = []byte("[]")
	if text == now {
		p.next = cursors.Write(cursor.Position{After: newest})
		return p, nil
	}
	from, err := cursors.Read(text, newest)
	if err != nil {
		return p, err
	}
	if s.mutationError && from.Begun != 0 && from.Begun != newest {
		return p, plaid.Err("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")
	}
	count := product.CountOf(req.Count)
	changes, err := rows.Changes(ctx, tx, it, from.After, filter, count+1, req.Options.Variants)
	if err != nil {
		return p, err
	}
	if !p.status.Initial && len(changes) == 0 {
		p.next = text
		return p, nil
	}
	if p.more = len(changes) > count; p.more {
		changes = changes[:count]
	}
	to := cursor.Position{After: newest}
	if p.more {
		to.After = changes[len(changes)-1].At
		if s.mutationError {
			to.Begun = newest
		}
	}
	p.next = cursors.Write(to)
	return p, p.fill(changes, accounts)
}

// fill sorts the changes, and takes the accounts that have any. A transaction that came and changed within the page is there
// once, as it is now.
func (p *page) fill(changes []rows.Change, accounts []byte) error {
	var touched []string
	came := map[string]bool{}
	for _, c := range changes {
		if !slices.Contains(touched, c.Account) {
			touched = append(touched, c.Account)
		}
		switch {
		case c.Kind == rows.Added:
			came[c.ID] = true
			p.added = append(p.added, c.Document)
		case came[c.ID]:
		case c.Kind == rows.Modified:
			p.modified = append(p.modified, c.Document)
		default:
			p.removed = append(p.removed, plaid.RemovedTransaction{TransactionID: c.ID, AccountID: c.Account})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	doc, err := document.OfAccounts(accounts, touched)
	p.accounts = doc
	return err
}
