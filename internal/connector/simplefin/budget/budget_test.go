package budget

import (
	"slices"
	"testing"
	"time"
)

// TestLedgersForget: what is a day old is over, of every access URL, and what a clock that was ahead has spent is not.
func TestLedgersForget(t *testing.T) {
	c, at := New(2), time.Date(2026, 10, 3, 12, 0, 0, 0, time.UTC)
	var a, b Spending
	for url, stored := range map[string]*Spending{"a": &a, "b": &b} {
		if err := c.Spend(url, stored, at); err != nil || len(stored.Spent) != 1 {
			t.Fatalf("%v, %v", stored, err)
		}
	}
	if err := c.Spend("a", &a, at.Add(-time.Hour)); err != nil || !slices.IsSorted(a.Spent) { // the clock was set back
		t.Error(err)
	}
	if c.Spend("a", &a, at.Add(-time.Hour)) == nil || c.Spend("a", &Spending{}, at) == nil {
		t.Error("a third request in a day")
	}
	if err := c.Spend("a", &a, at.Add(24*time.Hour)); err != nil || len(a.Spent) != 1 || len(c.ledgers) != 1 {
		t.Errorf("%v, %v, %d ledgers", err, a, len(c.ledgers))
	}
}

func TestUnion(t *testing.T) {
	if got := union([]int64{3, 1, 1}, []int64{1, 2, 3, 3}); !slices.Equal(got, []int64{1, 1, 2, 3, 3}) {
		t.Errorf("%v", got)
	}
}
