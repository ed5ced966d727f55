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
	"weft/internal/product/transactions/cursor"
	"weft/internal/store"
)

type syncRequest struct {
	Cursor  *string     `json:"cursor"`
	Count   *int        `json:"count"`
	Options syncOptions `json:"options"`
}

type syncOptions struct {
	AccountID *string `json:"account_id"`
	variants
}

// Validate checks the fields by themselves.
func (r *syncRequest) Validate(httpapi.Version) error {
	if err := validCount("count", r.Count); err != nil {
		return err
	}
	if r.Options.AccountID != nil && *r.Options.AccountID == "" {
		return plaid.InvalidField("options.account_id", "must be a non-empty string")
	}
	return r.Options.validate()
}

// now is the cursor that skips the history.
const now = "now"

// page is what a sync answers.
type page struct {
	accounts        []byte
	added, modified []stored
	removed         []plaid.RemovedTransaction
	next            string
	more            bool
	status          status
	version         int64 // of the Item
}

// sync answers the changes after a cursor, in the order in which they came: folded one page after the other they give the
// bank's state, whatever happens between the pages. Before the first days are there it is an empty page, and no error.
func (s *service) sync(ctx context.Context, it item.Item, req syncRequest) (httpapi.Raw, error) {
	it, err := s.ready(ctx, it)
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
			loaded.Value, err = p.encode(req.Options.variants)
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
	return fmt.Sprintf("sync/%s/%d/%s/%s", text(r.Cursor), countOf(r.Count), text(r.Options.AccountID), r.Options.key())
}

func (p page) encode(v variants) ([]byte, error) {
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
	return slices.Concat([]byte(`{"accounts":`), p.accounts, []byte(`,"added":`), join(p.added, v), []byte(`,"modified":`), join(p.modified, v),
		[]byte(`,`), rest[1:len(rest)-1]), nil
}

func (s *service) readChanges(ctx context.Context, tx *store.Tx, it item.Item, req syncRequest) (p page, err error) {
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument, statusDocument)
	if err != nil {
		return p, err
	}
	p.version = docs.Version
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
	newest, err := newestSequence(ctx, tx, it)
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
		p.next = cursors.Write(newest)
		return p, nil
	}
	from, err := cursors.Read(text, newest)
	if err != nil {
		return p, err
	}
	changes, err := readTold(ctx, tx, it, from, filter, countOf(req.Count)+1)
	if err != nil {
		return p, err
	}
	if !p.status.Initial && len(changes) == 0 {
		p.next = text
		return p, nil
	}
	if p.more = len(changes) > countOf(req.Count); p.more {
		changes = changes[:countOf(req.Count)]
	}
	to := newest
	if p.more {
		to = changes[len(changes)-1].at
	}
	p.next = cursors.Write(to)
	return p, p.fill(changes, accounts)
}

// fill sorts the changes, and takes the accounts that have any. A transaction that came and changed within the page is there
// once, as it is now.
func (p *page) fill(changes []told, accounts []byte) error {
	var touched []string
	came := map[string]bool{}
	for _, e := range changes {
		if !slices.Contains(touched, e.account) {
			touched = append(touched, e.account)
		}
		switch {
		case e.kind == toldAdded:
			came[e.id] = true
			p.added = append(p.added, e.stored)
		case came[e.id]:
		case e.kind == toldModified:
			p.modified = append(p.modified, e.stored)
		default:
			p.removed = append(p.removed, plaid.RemovedTransaction{TransactionID: e.id, AccountID: e.account})
		}
	}
	if len(touched) == 0 {
		return nil
	}
	doc, err := document.OfAccounts(accounts, touched)
	p.accounts = doc
	return err
}

// Kinds of change.
const (
	toldAdded    = 0
	toldModified = 1
	toldRemoved  = 2
)

// told is one change as a client is told of it.
type told struct {
	at, kind    int64
	id, account string
	stored
}

// toldQuery is what has happened after a sequence number. A transaction is told twice where it has changed after it came:
// at the place where it came and at that of its last change. So a client that passes the first place knows it, and is told
// of the change as of one of something known; one whose place lies between two pages is not overlooked, wherever it moves.
// One that came and was removed before a client passes is not told at all.
const toldQuery = `select at, kind, transaction_id, account_id, document, original, category_v1, category_v2 from (
	select * from (select t.added as at, 0 as kind, t.transaction_id, t.account_id, t.document, t.original, t.category_v1, t.category_v2
		from transactions t join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
		where t.item_key = $1 and t.added > $4 and t.removed = 0 and (cast($6 as text) = '' or t.account_id = $6) order by t.added limit $5) came
	union all
	select * from (select t.sequence as at, 1 + t.removed as kind, t.transaction_id, t.account_id, t.document, t.original, t.category_v1, t.category_v2
		from transactions t join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
		where t.item_key = $1 and t.sequence > $4 and t.sequence > t.added and (t.removed = 0 or t.first <= $4) and (cast($6 as text) = '' or t.account_id = $6)
		order by t.sequence limit $5) changed
	) told order by at limit $5`

func readTold(ctx context.Context, q store.Querier, it item.Item, from int64, account string, count int) ([]told, error) {
	rows, err := q.Query(ctx, toldQuery, it.Key, it.Tenant.Client, it.Tenant.Environment, from, count, account)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []told
	for rows.Next() {
		var e told
		if err := rows.Scan(&e.at, &e.kind, &e.id, &e.account, &e.document, &e.original, &e.v1, &e.v2); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

func newestSequence(ctx context.Context, q store.Querier, it item.Item) (newest int64, err error) {
	err = q.QueryRow(ctx, `select coalesce(max(t.sequence), 0) from transactions t
		join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3 where t.item_key = $1`,
		it.Key, it.Tenant.Client, it.Tenant.Environment).Scan(&newest)
	return newest, err
}
