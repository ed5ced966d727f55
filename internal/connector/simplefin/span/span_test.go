package span

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

// drawn is a range of days.
func drawn(t *rapid.T, name string, longest int) Span {
	from := plaid.Date(rapid.SampledFrom([]int{0, 90, 1000, 20_000}).Draw(t, name+" era") + rapid.IntRange(0, 400).Draw(t, name+" from"))
	// Small numbers are drawn far more often than large ones.
	days := rapid.SampledFrom([]int{0, 0, 80, 160, 300, longest}).Draw(t, name+" size") + rapid.IntRange(0, 30).Draw(t, name+" days")
	return Span{from, from.AddDays(min(days, longest))}
}

// TestWindowsProperty: windows cover the range and nothing else, span 90 days at most, and each lies 5 days or more over the next.
func TestWindowsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := drawn(t, "range", 5000)
		list := Windows(whole)
		if whole.From == whole.To {
			if len(list) > 0 {
				t.Fatal("windows of no days")
			}
			return
		}
		if list[0].To != whole.To || list[len(list)-1].From != whole.From {
			t.Fatalf("%v of %v", list, whole)
		}
		for i, w := range list {
			if w.To-w.From > 90 || w.To <= w.From || w.From < whole.From {
				t.Fatalf("window %v of %v", w, whole)
			}
			if i > 0 && (w.To-list[i-1].From < 5 || w.To >= list[i-1].To) {
				t.Fatalf("%v and %v", w, list[i-1])
			}
		}
		if need := int(whole.To-whole.From)/(Longest-Overlap) + 1; len(list) > need {
			t.Fatalf("%d windows for %d days, %d would do", len(list), whole.To-whole.From, need)
		}
	})
}

// TestGapsProperty: gaps and what is covered make the whole; gaps reach 5 days into what is covered, and into the last days of it.
func TestGapsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := drawn(t, "range", 1000)
		var covered []Span
		for range rapid.IntRange(0, 4).Draw(t, "covered") {
			s := drawn(t, "covered", 400)
			if rapid.Bool().Draw(t, "near") {
				shift := whole.From.AddDays(rapid.SampledFrom([]int{-300, -20, 0, 80, 400, 900}).Draw(t, "place") + rapid.IntRange(0, 99).Draw(t, "shift"))
				s = Span{shift, shift.AddDays(int(s.To - s.From))}
			}
			covered = append(covered, s)
		}
		covered = Merge(covered)
		list := Gaps(whole, covered)
		in := func(d plaid.Date, list []Span) bool {
			for _, s := range list {
				if s.From <= d && d < s.To {
					return true
				}
			}
			return false
		}
		for d := whole.From; d < whole.To; d++ {
			if !in(d, list) && !in(d, covered) {
				t.Fatalf("%s is neither in %v nor in %v", d, list, covered)
			}
		}
		for i, s := range list {
			if s.From < whole.From || s.To > whole.To || s.From >= s.To || i > 0 && s.To > list[i-1].To {
				t.Fatalf("gap %v of %v, after %v", s, whole, list)
			}
		}
		for i, c := range covered {
			settled := func(d plaid.Date) bool { // another range has the day, and not at its end
				for j, other := range covered {
					if i != j && other.From <= d && d < other.To.AddDays(-Resumption) {
						return true
					}
				}
				return false
			}
			for d := c.To.AddDays(-Resumption); d < c.To; d++ {
				if d >= c.From && d >= whole.From && d < whole.To && !in(d, list) && c.To <= whole.To && !settled(d) {
					t.Fatalf("%s is the end of what was fetched, and is not asked for again: %v, %v", d, covered, list)
				}
			}
			for d := c.From; d < c.From.AddDays(Overlap); d++ {
				if c.From > whole.From && d < c.To && d < whole.To && !in(d, list) && !settled(d) {
					t.Fatalf("%s is the beginning of what was fetched, and does not overlap: %v, %v", d, covered, list)
				}
			}
		}
	})
}

func TestMerge(t *testing.T) {
	got := Merge([]Span{{15, 27}, {1, 3}, {9, 9}, {1, 10}, {2, 5}, {5, 16}, {28, 40}, {20, 15}, {36, 50}})
	want := []Span{{1, 16}, {15, 27}, {28, 40}, {36, 50}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if s := (Span{0, 2}).String(); s != "1970-01-01 to 1970-01-02" {
		t.Error(s)
	}
}

func TestBefore(t *testing.T) {
	got := Before([]Span{{1, 10}, {15, 27}, {28, 40}, {30, 31}}, 30)
	if want := []Span{{1, 10}, {15, 27}, {28, 30}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
