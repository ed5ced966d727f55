package bench

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"weft/internal/store"
)

// mostAllocations bounds what the store of one more transaction allocates, drivers included: a quarter more than it does.
var mostAllocations = map[string]uint64{"sqlite": 65, "postgres": 53}

// A first load costs as many statements whatever its length, and of each row no more memory than it did: what is counted is the same
// on every machine.
func TestCostOfFirstLoads(t *testing.T) {
	const short, long = 200, 2200
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			l := newLoader(t, engine)
			var statements atomic.Int64
			l.srv.Items.DB.Observe(func(query string, _ []any) {
				if query != store.Committing && query != store.Committed {
					statements.Add(1)
				}
			})
			cost := func(rows int) (asked int64, allocations uint64) {
				l.bank.answer = batchOf(rows, time.Now())
				for range 2 { // at the first everything begins
					var before, after runtime.MemStats
					statements.Store(0)
					runtime.ReadMemStats(&before)
					if _, err := firstLoad(t.Context(), l.srv); err != nil {
						t.Fatal(err)
					}
					runtime.ReadMemStats(&after)
					asked, allocations = statements.Load(), after.Mallocs-before.Mallocs
				}
				return asked, allocations
			}
			few, less := cost(short)
			many, more := cost(long)
			row := (more - less) / (long - short)
			t.Logf("%d statements, and %d allocations a row", many, row)
			if few != many || few == 0 {
				t.Errorf("%d rows cost %d statements, %d rows %d", short, few, long, many)
			}
			if row > mostAllocations[engine] {
				t.Errorf("a row costs %d allocations, at most %d may be", row, mostAllocations[engine])
			}
		})
	}
}
