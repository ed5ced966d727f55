package server_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// each runs a test with a server on each engine.
func each(t *testing.T, run func(t *testing.T, s *wefttest.Server)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, wefttest.NewServer(t)) })
	t.Run("postgres", func(t *testing.T) {
		run(t, wefttest.NewServerWith(t, wefttest.Options{Database: storetest.PostgresURL(t)}))
	})
}

// unbounded are the statements that may read a whole table: they run at the start or from the command line.
var unbounded = []string{
	"from clients order by created_at", // the first client
	"from instance",
	"insert into instance",
	"select distinct client_id, environment from webhook_receivers", // whom old webhooks are forgotten of, once a day
}

// harmless are scans of what is no table: values, and parts of a query that have a limit of their own.
var harmless = []string{"CONSTANT ROW", "-ROW VALUES", "SCAN chosen"}

// Every statement that any scenario causes is served by indexes, so that no number of Items slows it down.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			statements := &observer{seen: map[string][]any{}}
			var s *wefttest.Server
			for _, file := range scenarios(t) {
				o := wefttest.Options{Observe: statements.note, NoCache: true}
				if engine == "postgres" {
					o.Database = storetest.PostgresURL(t)
				}
				s = wefttest.NewServerWith(t, o) // a server for each: its clock stands at the start
				s.RunScenario(t, file)
			}
			checked := statements.check(t, s, "")
			if checked < 20 {
				t.Errorf("only %d statements were seen", checked)
			}
		})
	}
}

func isUnbounded(query string) bool {
	for _, part := range unbounded {
		if strings.Contains(query, part) {
			return true
		}
	}
	return false
}

// observer collects statements, each with the arguments of one of its runs.
type observer struct {
	mu   sync.Mutex
	seen map[string][]any
}

// check explains the statements that have one of the parts, and counts them.
func (o *observer) check(t *testing.T, s *wefttest.Server, parts ...string) (checked int) {
	t.Helper()
	o.mu.Lock()
	seen := maps.Clone(o.seen)
	o.mu.Unlock()
	for query, args := range seen {
		if isUnbounded(query) || !slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(query, part) }) {
			continue
		}
		plan, err := s.Explain(query, args)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		for line := range strings.SplitSeq(plan, "\n") {
			if strings.Contains(line, "Seq Scan") || strings.HasPrefix(line, "SCAN ") && !slices.ContainsFunc(harmless, func(part string) bool { return strings.Contains(line, part) }) {
				t.Errorf("a whole table is read by\n%s\nplan:\n%s", query, plan)
			}
		}
		checked++
	}
	return checked
}

func (o *observer) note(query string, args []any) {
	if query == store.Committing || query == store.Committed {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen[query] = args
}
