package store

import "testing"

// A write that comes while the database is being closed is told so by the driver: what is remembered of its text does not get in its way.
func TestTextsSeenAfterTheEnd(t *testing.T) {
	s := &statements{}
	s.see("select 1")
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	s.see("select 1") // for the second time
	if len(s.missing) != 1 {
		t.Errorf("%d texts are to be prepared, want 1", len(s.missing))
	}
}
