package bench

import (
	"cmp"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"weft/internal/store/storetest"
)

// part is a table or an index of a database.
type part struct {
	name, of string // of is the table
	bytes    int64
}

// The parts of a database by size. Of PostgreSQL a table's rows are with those that are kept apart since they are long.
const (
	sqliteParts = `select s.name, coalesce(m.tbl_name, s.name), sum(s.pgsize) from dbstat s left join sqlite_master m on m.name = s.name group by 1, 2`
	pgParts     = `select c.relname, coalesce(t.relname, c.relname), case when c.relkind = 'r' then pg_table_size(c.oid) else pg_relation_size(c.oid) end
		from pg_class c left join pg_index i on i.indexrelid = c.oid left join pg_class t on t.oid = i.indrelid
		where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'i')`
)

// TestSizes prints what an Item takes on the disk, by table and index, and what a million of them would. It seeds twice, to show
// that the size is in proportion to the Items.
func TestSizes(t *testing.T) {
	inShort(t)
	items := 40
	if *full {
		items = 4000
	}
	weft := binary(t, "weft/cmd/weft")
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			data, database := t.TempDir(), ""
			driver, source, query := "sqlite", filepath.Join(data, "weft.db"), sqliteParts
			if engine == "postgres" {
				database = storetest.PostgresURL(t)
				driver, source, query = "pgx", database, pgParts
			}
			seed := func(n int) {
				cmd := exec.Command(weft, "seed", "--force", "--items", strconv.Itoa(n))
				cmd.Env = append(os.Environ(), "WEFT_DATA="+data, "WEFT_DATABASE="+database)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
			}
			empty := make(map[string]int64)
			seed(0)
			for _, p := range partsOf(t, driver, source, query) {
				empty[p.name] = p.bytes
			}
			seed(items / 4)
			quarter := sum(partsOf(t, driver, source, query), empty)
			seed(items - items/4)
			parts := partsOf(t, driver, source, query)
			whole := sum(parts, empty)
			fmt.Printf("%s: %d Items of 100 transactions and 100 of investments, %d bytes an Item; of the first %d %d bytes; a million take %.0f GB\n",
				engine, items, whole/int64(items), items/4, quarter/int64(items/4), float64(whole)/float64(items)/1000)
			printParts(parts, empty, int64(items))
			if whole < int64(items)*10_000 || quarter <= 0 {
				t.Errorf("%d Items take %d bytes", items, whole)
			}
		})
	}
}

func partsOf(t *testing.T, driver, source, query string) (parts []part) {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		var p part
		if err := rows.Scan(&p.name, &p.of, &p.bytes); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, p)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return parts
}

func sum(parts []part, empty map[string]int64) (bytes int64) {
	for _, p := range parts {
		bytes += p.bytes - empty[p.name]
	}
	return bytes
}

// printParts prints the parts of which an Item takes a hundred bytes or more, the largest first.
func printParts(parts []part, empty map[string]int64, items int64) {
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(b.bytes, a.bytes) })
	lines := []string{fmt.Sprintf("%-36s %-26s %10s", "table or index", "of", "bytes")}
	for _, p := range parts {
		if each := (p.bytes - empty[p.name]) / items; each >= 100 {
			of := p.of
			if p.of == p.name {
				of = ""
			}
			lines = append(lines, fmt.Sprintf("%-36s %-26s %10d", p.name, of, each))
		}
	}
	fmt.Println(strings.Join(lines, "\n"))
}
