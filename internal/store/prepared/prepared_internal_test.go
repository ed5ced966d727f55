package prepared

import "testing"

// A write that comes while the database is being closed is told so by the driver: what is remembered of its text does not get in its way.
func TestTextsSeenAfterTheEnd(t *testing.T) {
	w := &Writing{}
	w.see("select 1")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.see("select 1") // for the second time
	if len(w.missing) != 1 {
		t.Errorf("%d texts are to be prepared, want 1", len(w.missing))
	}
}
