package store

import "testing"

// While a change is being committed there is no mark: it cannot be known whether readers see it yet.
func TestNoMarkWhileACommitIsUnderWay(t *testing.T) {
	db := &DB{marks: &marks{}}
	before, _ := db.Mark("a")
	first, second := []int{stripeOf("a")}, []int{stripeOf("a")}
	db.marks.begin(first)
	db.marks.begin(second) // the next writer begins before the first has told of its end
	for range 2 {
		if _, ok := db.Mark("a"); ok || db.Marked("a", before) {
			t.Error("there is a mark in the middle of a commit")
		}
		db.marks.end(first)
		first = second
	}
	if now, ok := db.Mark("a"); !ok || now == before {
		t.Errorf("afterwards the mark is %d, %v", now, ok)
	}
}
