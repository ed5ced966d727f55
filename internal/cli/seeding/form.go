package seeding

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/accounts"
	"weft/internal/item/connections"
	"weft/internal/store"
)

// table is one whose rows an Item has.
type table struct {
	name    string
	columns []string
	// of is the condition by which the rows are an Item's: $1 is what by says, then client and environment where tenant.
	of     string
	by     func(it item.Item) string
	tenant bool
}

func key(it item.Item) string        { return it.Key }
func id(it item.Item) string         { return it.ID }
func connection(it item.Item) string { return it.ConnectionID }

func columns(text string) []string { return strings.Fields(text) }

// tables are those that an Item has rows in, each behind those that it refers to. Public tokens are left out: they are forgotten a
// day later. What is copied of an access token is its form: its hash is that of a new one.
var tables = []table{
	{"connections", columns(`connection_id client_id environment connector institution_id credentials memory declined created_at lease_owner lease_until due_at
		failures rounds balance_rounds`), "connection_id = $1", connection, true},
	{"items", columns("item_key item_id client_id environment connection_id version state user_id created_at refreshed_at failed_at"), "item_key = $1", key, true},
	{"access_tokens", columns("token_hash client_id environment item_id created_at removed_at"), "item_id = $1", id, true},
	{"accounts", columns("item_key native_key account_id position as_of numbers"), "item_key = $1", key, false},
	{"documents", columns("item_key kind document"), "item_key = $1", key, false},
	{"item_securities", columns("item_key native_key security_id document"), "item_key = $1", key, false},
	{"investment_transactions", columns("item_key ordinal account_id native_key transaction_id security_id date reference document"), "item_key = $1", key, false},
	{"transactions", columns(`item_key account_id native_key transaction_id first added sequence removed date reference source document original
		category_v1 category_v2`), "item_key = $1", key, false},
	{"consent_events", columns("client_id environment item_id number created_at activity type code initiator document"), "item_id = $1", id, true},
	{"jobs", columns("job_id kind lane position unique_key args again enqueued_at run_at due_at started_at attempts fence error"), "kind = 'item_end' and unique_key = $1", id, false},
}

// form is an Item's rows with places for what differs between copies.
type form struct {
	items  *item.Service
	tenant store.Tenant
	of     item.Item
	rowsOf [][][]cell // by table
	// ids are the template's ids that are derived, in an order in which each comes behind those that it is derived from.
	ids   []derived
	known map[string]int // id of the template -> its place in a copy's
}

// derived says how an id is made of an Item's id, an account's, and the bank's key.
type derived struct {
	kind    string
	account int // its place, -1 where no account is a part
	native  string
}

// cell is a value: the same in every copy, or a text with ids in it.
type cell struct {
	fixed any
	parts []string // texts between ids
	ids   []int    // places, one less than parts
	// sealed is the text in clear, where the column is sealed, and place the id by which.
	sealed []byte
	place  int
}

// Places of an Item's own ids; those of derived ids follow.
const (
	placeKey = iota
	placeItem
	placeConnection
	placeJob
	placeToken
	ownPlaces
)

// readForm reads the rows of an Item.
func readForm(ctx context.Context, s *item.Service, tenant store.Tenant, it item.Item) (*form, error) {
	f := &form{items: s, tenant: tenant, of: it, known: map[string]int{it.Key: placeKey, it.ID: placeItem, it.ConnectionID: placeConnection}}
	raw := make([][][]any, len(tables))
	for i, t := range tables {
		args := []any{t.by(it)}
		where := t.of
		if t.tenant {
			where, args = where+" and client_id = $2 and environment = $3", append(args, tenant.Client, tenant.Environment)
		}
		rows, err := s.DB.Query(ctx, "select "+strings.Join(t.columns, ", ")+" from "+t.name+" where "+where, args...)
		if err != nil {
			return nil, err
		}
		if raw[i], err = scanAll(rows, len(t.columns)); err != nil {
			return nil, err
		}
	}
	for i, t := range tables { // accounts come before what is of them
		for _, row := range raw[i] {
			f.learn(t, row)
		}
	}
	f.rowsOf = make([][][]cell, len(tables))
	for i, t := range tables {
		for _, row := range raw[i] {
			cells := make([]cell, len(row))
			for j, value := range row {
				var err error
				if cells[j], err = f.cell(t, t.columns[j], row, value); err != nil {
					return nil, err
				}
			}
			f.rowsOf[i] = append(f.rowsOf[i], cells)
		}
	}
	return f, nil
}

func scanAll(rows store.Rows, n int) (list [][]any, err error) {
	defer rows.Close()
	for rows.Next() {
		row, into := make([]any, n), make([]any, n)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

// learn notes the ids of a row that are derived, and how.
func (f *form) learn(t table, row []any) {
	at := func(column string) string { return row[position(t, column)].(string) }
	note := func(id string, d derived) {
		f.known[id] = ownPlaces + len(f.ids)
		f.ids = append(f.ids, d)
	}
	switch t.name {
	case "accounts":
		note(at("account_id"), derived{"account", -1, at("native_key")})
	case "investment_transactions":
		note(at("transaction_id"), derived{"investment transaction", f.known[at("account_id")], at("native_key")})
	case "transactions":
		note(at("transaction_id"), derived{"transaction", f.known[at("account_id")], at("native_key")})
	case "jobs":
		f.known[at("job_id")] = placeJob
	case "access_tokens":
		f.known[at("token_hash")] = placeToken
	}
}

func position(t table, column string) int {
	for i, c := range t.columns {
		if c == column {
			return i
		}
	}
	panic("seeding: no column " + column)
}

// word is what may be an id, a key or a hash.
var word = regexp.MustCompile(`[0-9A-Za-z_-]{20,}`)

func (f *form) cell(t table, column string, row []any, value any) (cell, error) {
	text, ok := value.(string)
	if !ok {
		return cell{fixed: value}, nil
	}
	switch {
	case t.name == "connections" && column == "credentials":
		plain, err := connections.Open(f.items.Keys, f.tenant, f.of.ConnectionID, text)
		return cell{sealed: plain, place: placeConnection}, err
	case t.name == "accounts" && column == "numbers":
		id := row[position(t, "account_id")].(string)
		plain, err := accounts.OpenText(f.items.Keys, f.tenant, id, text)
		return cell{sealed: plain, place: f.known[id]}, err
	}
	c, last := cell{}, 0
	for _, at := range word.FindAllStringIndex(text, -1) {
		if place, ok := f.known[text[at[0]:at[1]]]; ok {
			c.parts, c.ids, last = append(c.parts, text[last:at[0]]), append(c.ids, place), at[1]
		}
	}
	if c.parts == nil {
		return cell{fixed: text}, nil
	}
	c.parts = append(c.parts, text[last:])
	return c, nil
}

// rows is how many rows an Item has.
func (f *form) rows() (n int) {
	for _, rows := range f.rowsOf {
		n += len(rows)
	}
	return n
}

// copied are the ids of a copy, by place, and its token.
type copied struct {
	ids           []string
	itemID, token string
}

// copy makes the ids of a copy.
func (f *form) copy(key string) *copied {
	ids := f.items.IDs
	c := &copied{ids: make([]string, ownPlaces, ownPlaces+len(f.ids)), itemID: ids.ID(), token: ids.Token("access", f.tenant.Environment)}
	now := f.items.Clock.Now()
	c.ids[placeKey], c.ids[placeItem], c.ids[placeConnection], c.ids[placeJob] = key, c.itemID, ids.Key(now), ids.Key(now)
	c.ids[placeToken] = f.items.Tokens().Hash(c.token)
	for _, d := range f.ids {
		parts := []string{d.kind, c.itemID}
		if d.account >= 0 {
			parts = append(parts, c.ids[d.account])
		}
		c.ids = append(c.ids, ident.Derive(append(parts, d.native)...))
	}
	return c
}

// fill makes a copy's rows of a table.
func (f *form) fill(c *copied, table int) ([][]any, error) {
	list := make([][]any, len(f.rowsOf[table]))
	for i, cells := range f.rowsOf[table] {
		row := make([]any, len(cells))
		for j := range cells {
			value, err := f.value(c, table, &cells[j])
			if err != nil {
				return nil, err
			}
			row[j] = value
		}
		list[i] = row
	}
	return list, nil
}

func (f *form) value(c *copied, table int, from *cell) (any, error) {
	switch {
	case from.sealed != nil && tables[table].name == "connections":
		return connections.Seal(f.items.Keys, f.tenant, c.ids[from.place], from.sealed)
	case from.sealed != nil && tables[table].name == "accounts":
		return accounts.SealText(f.items.Keys, f.tenant, c.ids[from.place], from.sealed)
	case from.sealed != nil:
		return nil, fmt.Errorf("seeding: %s is not known to be sealed", tables[table].name)
	case from.parts == nil:
		return from.fixed, nil
	}
	var b strings.Builder
	for i, id := range from.ids {
		b.WriteString(from.parts[i])
		b.WriteString(c.ids[id])
	}
	b.WriteString(from.parts[len(from.ids)])
	return b.String(), nil
}
