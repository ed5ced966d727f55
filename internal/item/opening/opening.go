// Package opening finds the Items that the credentials of requests open.
package opening

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"weft/internal/item/document"
	"weft/internal/store"
)

// Ask is what a request shows: the hashes of its access token and of its secret, and the client that it says it is. Kinds are the
// documents of the Item that it is going to read, up to three.
type Ask struct {
	Token, Secret, Client string
	Kinds                 []string
}

// Found is what an Ask's secret and token are. A token of another tenant or environment does not join, so it looks like an
// unknown one: ItemID is nil. Key is nil where the Item is gone.
type Found struct {
	Environment string
	// Expires is when the secret ends, in milliseconds, nil for never.
	Expires                 *int64
	ItemID                  *string
	Removed                 *int64
	Key, Connection, Record *string
	Version                 *int64
	// Refreshed and Failed are when the Item's bank was asked last, and when that has failed last.
	Refreshed, Failed *int64
	// Documents are those of the kinds that were asked for, of that version; nil if there are none.
	Documents map[string][]byte
}

// found is what is read of a secret's key, of an access token of the same tenant, and of the token's Item.
const found = `k.environment, k.expires_at, t.item_id, t.removed_at, i.item_key, i.connection_id, i.version, i.state, i.refreshed_at, i.failed_at`

// one finds what one Ask opens, in one point read, and oneReading the documents too, with a row for each; several asks the same for each
// of a list.
const (
	one        = `select 0, ` + found + ofOne + where
	oneReading = `select 0, ` + found + `, d.kind, d.document` + ofOne + `
	left join documents d on d.item_key = i.item_key and d.kind in ($4, $5, $6)` + where
	ofOne = ` from client_keys k
	left join access_tokens t on t.token_hash = $1 and t.client_id = k.client_id and t.environment = k.environment
	left join items i on i.item_id = t.item_id and i.client_id = k.client_id and i.environment = k.environment`
	where = `
	where k.secret_hash = $2 and k.client_id = $3 and k.revoked_at is null`
	several = `select a.n, ` + found + `, d.kind, d.document from asked a
	join client_keys k on k.secret_hash = a.secret_hash and k.client_id = a.client_id and k.revoked_at is null
	left join access_tokens t on t.token_hash = a.token_hash and t.client_id = k.client_id and t.environment = k.environment
	left join items i on i.item_id = t.item_id and i.client_id = k.client_id and i.environment = k.environment
	left join documents d on d.item_key = i.item_key and d.kind in (a.kind_1, a.kind_2, a.kind_3)`
)

// Queue asks the database. Requests that come while others ask wait for those, and then ask together, in one statement: where each
// query is a way to another machine, many requests at once cost few of them, and one alone waits for nobody. Each is asked for
// after it has come, so what it is told is no older than itself.
type Queue struct {
	mu      sync.Mutex
	asking  int
	waiting []*waiter
}

const (
	// lanes is how many statements are under way at once.
	lanes = 2
	// together is how many Asks one statement takes.
	together = 32
	// patience bounds a statement that several requests wait for.
	patience = 30 * time.Second
)

type waiter struct {
	ask   Ask
	found Found
	err   error
	done  chan struct{}
}

// Find is what an Ask opens; store.ErrNotFound where the secret is not the client's, or was revoked.
func (q *Queue) Find(ctx context.Context, db *store.DB, ask Ask) (Found, error) {
	if db.Local() { // a query is no way to anywhere
		w := &waiter{ask: ask}
		find(ctx, db, []*waiter{w})
		return w.found, w.err
	}
	w := &waiter{ask: ask, done: make(chan struct{})}
	q.mu.Lock()
	q.waiting = append(q.waiting, w)
	start := q.asking < lanes
	if start {
		q.asking++
	}
	q.mu.Unlock()
	if start {
		if !q.round(ctx, db) { // its own is in the first
			go q.drain(context.WithoutCancel(ctx), db)
		}
	}
	select {
	case <-w.done:
		return w.found, w.err
	case <-ctx.Done():
		return Found{}, ctx.Err()
	}
}

// drain asks for all that wait.
func (q *Queue) drain(ctx context.Context, db *store.DB) {
	for !q.round(ctx, db) {
	}
}

// round asks for those who wait, as many as go together; over: nobody waits any more, and the lane is free.
func (q *Queue) round(ctx context.Context, db *store.DB) (over bool) {
	q.mu.Lock()
	batch := q.waiting
	if len(batch) > together {
		batch = batch[:together:together]
	}
	q.waiting = q.waiting[len(batch):]
	q.mu.Unlock()
	if len(batch) > 0 {
		answer(ctx, db, batch)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 {
		return false
	}
	q.asking--
	return true
}

// answer asks for a batch and tells those who wait. A panic of the driver is told to them: nobody may wait for ever, and the lane goes on.
func answer(ctx context.Context, db *store.DB, batch []*waiter) {
	// Whoever asks first may go away: the others wait for the answer nevertheless.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	defer func() {
		p := recover()
		for _, w := range batch {
			if p != nil {
				w.err = fmt.Errorf("opening: panic: %v\n%s", p, debug.Stack())
			}
			close(w.done)
		}
	}()
	find(ctx, db, batch)
}

// find asks for a batch in one statement.
func find(ctx context.Context, db *store.DB, batch []*waiter) {
	fail := func(err error) {
		for _, w := range batch {
			w.err = err
		}
	}
	// Of each size there is a text, which the engine prepares once, so the batch is filled up to a power of two.
	size := 1
	for size < len(batch) {
		size *= 2
	}
	args := make([]any, 0, values*size)
	for i := range size {
		ask := Ask{}
		if i < len(batch) {
			ask = batch[i].ask
		}
		args = append(args, ask.Token, ask.Secret, ask.Client, kind(ask, 0), kind(ask, 1), kind(ask, 2))
	}
	if size == 1 && len(batch[0].ask.Kinds) == 0 {
		var n int
		batch[0].found, batch[0].err = scan(db.QueryRow(ctx, one, args[:3]...), &n)
		return
	}
	fail(store.ErrNotFound)
	rows, err := db.Query(ctx, texts[size], args...)
	if err != nil {
		fail(err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var kind *string
		var doc document.Text
		found, err := scan(rows, &n, &kind, &doc)
		if err != nil {
			fail(err)
			return
		}
		if w := batch[n]; w.err != nil {
			w.found, w.err = found, nil
		}
		if kind != nil {
			batch[n].found.keep(*kind, doc)
		}
	}
	if err := rows.Err(); err != nil {
		fail(err)
	}
}

func kind(a Ask, i int) string {
	if i < len(a.Kinds) {
		return a.Kinds[i]
	}
	return ""
}

func (f *Found) keep(kind string, doc []byte) {
	if f.Documents == nil {
		f.Documents = make(map[string][]byte, 3)
	}
	f.Documents[kind] = doc
}

func scan(row store.Row, n *int, more ...any) (f Found, err error) {
	err = row.Scan(append([]any{n, &f.Environment, &f.Expires, &f.ItemID, &f.Removed, &f.Key, &f.Connection, &f.Version, &f.Record, &f.Refreshed, &f.Failed}, more...)...)
	return f, err
}

// values are those of an Ask.
const values = 6

// texts are the statements that read documents too, by how many Asks they take.
var texts = func() map[int]string {
	all := map[int]string{1: oneReading}
	for size := 2; size <= together; size *= 2 {
		list := make([]string, size)
		for i := range size {
			n := values * i
			list[i] = fmt.Sprintf("(%d, $%d, $%d, $%d, $%d, $%d, $%d)", i, n+1, n+2, n+3, n+4, n+5, n+6)
		}
		all[size] = "with asked (n, token_hash, secret_hash, client_id, kind_1, kind_2, kind_3) as (values " + strings.Join(list, ", ") + ")\n\t" + several
	}
	return all
}()
