package giveway

import (
	"slices"
	"testing"
)

func TestLongWorkRestsWhileRequestsCome(t *testing.T) {
	before := func(steps ...int) func(int) bool {
		return func(step int) bool { return slices.Contains(steps, step) }
	}
	always := func(int) bool { return true }
	for _, test := range []struct {
		name  string
		steps int
		comes func(step int) bool
		want  int
	}{
		{"nobody asks", 10_000, before(), 0},
		{"short work", short - 1, always, 0},
		{"requests all the time", short + 9*stretch, always, 10},
		{"one, and then none", 1_000 * stretch, before(0), calm},
		{"one in the middle", 1_000 * stretch, before(600 * stretch), calm},
		{"two, far from each other", 1_000 * stretch, before(0, 600*stretch), 2 * calm},
		{"two, the second while it rests for the first", 1_000 * stretch, before(0, short+99*stretch), 100 + calm},
	} {
		t.Run(test.name, func(t *testing.T) {
			requests := &Requests{}
			requests.Begun() // the work itself
			work, rests := requests.Long(), 0
			for step := range test.steps {
				if test.comes(step) {
					requests.Begun()
				}
				if work.due() {
					rests++
				}
			}
			if rests != test.want {
				t.Errorf("rested %d times, want %d", rests, test.want)
			}
		})
	}
}
