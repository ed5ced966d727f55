package seeding

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/server"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// bench is an empty database with its parts.
type bench struct {
	*testing.T
	db     *store.DB
	items  *item.Service
	tenant store.Tenant
	tokens map[string]string // by Item, of all that were seeded
	order  []string
}

func each(t *testing.T, run func(b *bench)) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		storage := server.Storage{DataDir: t.TempDir()}
		keys, err := server.Prepare(t.Context(), storage, db)
		if err != nil {
			t.Fatal(err)
		}
		parts := server.On(server.Config{Storage: storage, Clock: c, Log: slog.New(slog.DiscardHandler), SandboxLogin: LoginLife}, db, keys)
		first, _, err := parts.Connections.Items.Clients.EnsureFirst(t.Context(), client.Preset{})
		if err != nil {
			t.Fatal(err)
		}
		run(&bench{t, db, parts.Connections.Items, store.Tenant{Client: first.ClientID, Environment: plaid.Sandbox}, map[string]string{}, nil})
	})
}

func (b *bench) seed(items int) {
	b.Helper()
	err := Seed(b.Context(), b.items, Plan{Tenant: b.tenant, Items: items, Transactions: 7, Holdings: 12, Made: func(id, token string) error {
		b.tokens[id], b.order = token, append(b.order, id)
		return nil
	}})
	if err != nil {
		b.Fatal(err)
	}
}

// strings reads a column of texts.
func (b *bench) strings(query string, args ...any) (list []string) {
	b.Helper()
	rows, err := b.db.Query(b.Context(), query, args...)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			b.Fatal(err)
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return list
}

func (b *bench) schema() (tables []string, columnsOf func(table string) []string) {
	if b.db.Dialect() == "sqlite" {
		return b.strings(`select name from sqlite_master where type = 'table' and name not like 'sqlite%'`), func(t string) []string {
			return b.strings(`select name from pragma_table_info($1)`, t)
		}
	}
	return b.strings(`select table_name::text from information_schema.tables where table_schema = current_schema()`), func(t string) []string {
		return b.strings(`select column_name::text from information_schema.columns where table_schema = current_schema() and table_name = $1`, t)
	}
}

func (b *bench) count(table string) (n int64) {
	b.Helper()
	if err := b.db.QueryRow(b.Context(), `select count(*) from `+table).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// What linking writes anywhere, seeding writes too: all columns of the tables that it knows, and it knows all tables.
func TestEveryRowOfAnItemIsCopied(t *testing.T) {
	each(t, func(b *bench) {
		all, columnsOf := b.schema()
		for _, known := range tables {
			have, want := slices.Sorted(slices.Values(known.columns)), slices.Sorted(slices.Values(columnsOf(known.name)))
			if !slices.Equal(have, want) {
				b.Errorf("%s has the columns %v, copied are %v", known.name, want, have)
			}
		}
		before := map[string]int64{}
		for _, t := range all {
			before[t] = b.count(t)
		}
		b.seed(1)
		linked := map[string]int64{}
		for _, t := range all {
			linked[t] = b.count(t) - before[t]
		}
		b.seed(5) // one linked, four copied
		for _, t := range all {
			ofOthers := t == "public_tokens" || t == "changes" // what is new was in nobody's memory
			if grown, copied := b.count(t)-before[t]-2*linked[t], linked[t]*4; grown != copied && !ofOthers {
				b.Errorf("linking an Item writes %d rows of %s, but four copies are %d", linked[t], t, grown)
			}
		}
		if linked["transactions"] != 7 || linked["investment_transactions"] != 7 || linked["accounts"] != 2 {
			b.Errorf("an Item has the rows %v", linked)
		}
	})
}

var (
	publicID = regexp.MustCompile(`[0-9A-Za-z]{37}`)
	hex      = regexp.MustCompile(`\b[0-9a-f]{32,64}\b`)
)

// formOf is a row with forms in place of ids, and lengths in place of what is sealed or hashed.
func formOf(t table, row []any) string {
	parts := make([]string, len(row))
	for i, value := range row {
		parts[i] = fmt.Sprintf("%s=%v", t.columns[i], value)
		if text, ok := value.(string); ok {
			parts[i] = fmt.Sprintf("%s=%s", t.columns[i], hex.ReplaceAllString(publicID.ReplaceAllString(text, "<id>"), "<key>"))
			if slices.Contains([]string{"credentials", "numbers", "token_hash"}, t.columns[i]) {
				parts[i] = fmt.Sprintf("%s of %d", t.columns[i], len(text))
			}
		}
	}
	return strings.Join(parts, " | ")
}

// A copy's rows differ from the linked Item's in ids and keys alone, and none of the linked Item's is in them.
func TestCopiesAreOfOneForm(t *testing.T) {
	each(t, func(b *bench) {
		b.seed(3)
		var forms [][]string
		ids := map[string]int{}
		for n, id := range b.order {
			it, err := rowsOf(b, id)
			if err != nil {
				b.Fatal(err)
			}
			var list []string
			for i, table := range tables {
				for _, row := range it[i] {
					list = append(list, table.name+": "+formOf(table, row))
					for j, value := range row {
						text, _ := value.(string)
						same := table.columns[j] == "security_id" || table.name == "item_securities" || table.columns[j] == "document" // securities are the same for all
						for _, found := range publicID.FindAllString(text, -1) {
							if other, ok := ids[found]; ok && other != n {
								b.Errorf("%s.%s of Item %d has an id of Item %d", table.name, table.columns[j], n, other)
							}
							if !same {
								ids[found] = n
							}
						}
					}
				}
			}
			slices.Sort(list)
			forms = append(forms, list)
		}
		for n := 1; n < len(forms); n++ {
			if !slices.Equal(forms[0], forms[n]) {
				for i := range forms[0] {
					if i < len(forms[n]) && forms[0][i] != forms[n][i] {
						b.Fatalf("linked: %s\ncopied: %s", forms[0][i], forms[n][i])
					}
				}
				b.Fatalf("linked: %d rows, copied: %d", len(forms[0]), len(forms[n]))
			}
		}
	})
}

func rowsOf(b *bench, id string) (list [][][]any, err error) {
	it := item.Item{ID: id}
	err = b.db.QueryRow(b.Context(), `select item_key, connection_id from items where item_id = $1`, id).Scan(&it.Key, &it.ConnectionID)
	for _, t := range tables {
		args := []any{t.by(it)}
		where := t.of
		if t.tenant {
			where, args = where+" and client_id = $2 and environment = $3", append(args, b.tenant.Client, b.tenant.Environment)
		}
		rows, queryErr := b.db.Query(b.Context(), "select "+strings.Join(t.columns, ", ")+" from "+t.name+" where "+where, args...)
		if err != nil || queryErr != nil {
			return nil, fmt.Errorf("%w %w", err, queryErr)
		}
		found, err := scanAll(rows, len(t.columns))
		if err != nil {
			return nil, err
		}
		list = append(list, found)
	}
	return list, err
}

// A copy is an Item as any other: its bank is asked with its own credentials, and states what is stored.
func TestCopiesCanBeRefreshed(t *testing.T) {
	each(t, func(b *bench) {
		b.seed(2)
		var it, after [2]item.Item
		for i := range it {
			var err error
			if it[i], err = b.items.ItemByID(b.Context(), b.tenant, b.order[i]); err != nil {
				b.Fatal(err)
			}
			before := rowsIn(b, it[i])
			if after[i], err = b.items.Refresh(b.Context(), it[i]); err != nil {
				b.Fatal(err)
			}
			if now := rowsIn(b, it[i]); !slices.Equal(before, now) {
				b.Errorf("the rows of Item %d were\n%s\nand are\n%s", i, strings.Join(before, "\n"), strings.Join(now, "\n"))
			}
		}
		if it[0].Version != it[1].Version || after[0].Version != after[1].Version {
			b.Errorf("versions %d and %d became %d and %d", it[0].Version, it[1].Version, after[0].Version, after[1].Version)
		}
		if err := b.items.Remove(b.Context(), it[1]); err != nil {
			b.Error(err)
		}
		if n := b.count("transactions"); n != 7 {
			b.Errorf("%d transactions are left of the other Item", n)
		}
	})
}

// rowsIn are an Item's rows, but for its connection's, which counts rounds, and for what is sealed anew each time.
func rowsIn(b *bench, it item.Item) []string {
	b.Helper()
	found, err := rowsOf(b, it.ID)
	if err != nil {
		b.Fatal(err)
	}
	var list []string
	for i, table := range tables {
		for _, row := range found[i] {
			if table.name == "accounts" {
				row = row[:position(table, "numbers")]
			}
			if table.name != "connections" {
				list = append(list, fmt.Sprint(table.name, row))
			}
		}
	}
	return list
}
