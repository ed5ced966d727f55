package cli_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"weft/internal/needs"
	"weft/internal/store"
	"weft/internal/store/marks"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// Tables of Items may lie in partitions by the Item's key, on a PostgreSQL that has them on several disks or on an engine that spreads
// them over machines: every statement that any scenario causes works as it is, and asks one partition of each table.
func TestEveryStatementAsksOnePartition(t *testing.T) {
	tables, undo := storetest.Partition(4)
	defer undo()
	var mu sync.Mutex
	seen := map[string][]any{}
	note := func(query string, args []any) {
		mu.Lock()
		defer mu.Unlock()
		if query != store.Committing && query != store.Committed {
			seen[query] = args
		}
	}
	files, err := filepath.Glob("../product/*/testdata/*.txt")
	if err != nil || len(files) < 30 {
		t.Fatalf("scenarios: %v, %v", files, err)
	}
	var s *wefttest.Server
	for i, file := range files {
		if i%needs.Cycles(3, 1) > 0 { // by hand a third of them
			continue
		}
		s = wefttest.NewServerWith(t, wefttest.Options{Observe: note, NoCache: true, Database: storetest.PostgresURL(t)})
		s.RunScenario(t, file)
	}
	s.MustLink("ins_109508", "investments").MustHoldings() // what is run again below finds these
	hints := append([]string{marks.Postgres.Changed, marks.Postgres.Tell}, marks.Postgres.Forget...)
	partition := regexp.MustCompile(`\bon ((?:` + strings.Join(tables, "|") + `)_p[0-9])\b`)
	parted := 0
	for query, args := range seen {
		plan, err := s.Explain(query, args)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		if why := fits(query); why != "" && !slices.Contains(hints, query) {
			t.Errorf("%s is asked for by\n%s", why, query)
		}
		asked := partitions(partition, plan)
		if many(asked) && reads.MatchString(query) { // which of them is asked may be known only once it runs
			if plan, err = s.Explain("analyze "+query, args); err != nil {
				t.Errorf("%s: %v", query, err)
			}
			if asked = partitions(partition, plan); len(asked) == 0 {
				t.Errorf("no partition is asked, since nothing is found, by\n%s\nplan:\n%s", query, plan)
			}
		}
		for table, of := range asked {
			if parted++; len(of) > 1 {
				t.Errorf("%d partitions of %s are asked by\n%s\nplan:\n%s", len(of), table, query, plan)
			}
		}
	}
	t.Logf("%d tables, %d of %d statements ask them", len(tables), parted, len(seen))
	if len(tables) < 6 || parted < 20 {
		t.Error("the test proves little")
	}
}

// reads are statements that can be run again.
var reads = regexp.MustCompile(`^(select|with asked) `)

// partitions are those of each table that a plan asks. Those that it has passed over as it ran are not.
func partitions(of *regexp.Regexp, plan string) map[string]map[string]bool {
	asked := map[string]map[string]bool{}
	for line := range strings.Lines(plan) {
		m := of.FindStringSubmatch(line)
		if m == nil || strings.Contains(line, "(never executed)") {
			continue
		}
		table := m[1][:strings.LastIndex(m[1], "_p")]
		if asked[table] == nil {
			asked[table] = map[string]bool{}
		}
		asked[table][m[1]] = true
	}
	return asked
}

func many(asked map[string]map[string]bool) bool {
	for _, of := range asked {
		if len(of) > 1 {
			return true
		}
	}
	return false
}
