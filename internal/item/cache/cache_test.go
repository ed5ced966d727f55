package cache

import (
	"errors"
	"fmt"
	"testing"
)

func TestGetLoadsOnceForAVersion(t *testing.T) {
	c := New(1 << 20)
	loads := 0
	get := func(version int64) string {
		v, err := Get(c, "item", version, "kind", func() (Loaded[string], error) {
			loads++
			return Loaded[string]{Value: fmt.Sprint("value of ", version), Size: 10, Version: version}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for range 2 {
		if v := get(1); v != "value of 1" || loads != 1 {
			t.Errorf("%q after %d loads of one version", v, loads)
		}
	}
	if get(2) != "value of 2" || loads != 2 {
		t.Errorf("%d loads of two versions", loads)
	}
	if hits, misses := c.Stats(); hits != 1 || misses != 2 {
		t.Errorf("%d hits, %d misses", hits, misses)
	}
}

// What was read at a later version than asked for is kept under that version alone.
func TestGetKeepsWhatItReadUnderItsVersion(t *testing.T) {
	c := New(1 << 20)
	later := func() (Loaded[string], error) { return Loaded[string]{Value: "new", Version: 2}, nil }
	if v, err := Get(c, "item", 1, "kind", later); err != nil || v != "new" {
		t.Fatal(v, err)
	}
	old := func() (Loaded[string], error) { return Loaded[string]{Value: "old", Version: 1}, nil }
	if v, err := Get(c, "item", 1, "kind", old); err != nil || v != "old" {
		t.Errorf("version 1 is answered with what was read at version 2: %q %v", v, err)
	}
}

func TestErrorsAreNotKept(t *testing.T) {
	c := New(1 << 20)
	boom := errors.New("boom")
	if _, err := Get(c, "item", 1, "kind", func() (Loaded[int], error) { return Loaded[int]{}, boom }); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if v, err := Get(c, "item", 1, "kind", func() (Loaded[int], error) { return Loaded[int]{Value: 7, Version: 1}, nil }); err != nil || v != 7 {
		t.Error(v, err)
	}
}

// The cache is bounded in bytes: what does not fit falls out.
func TestCacheIsBounded(t *testing.T) {
	const size, most = 10_000, 200_000
	c := New(most)
	for i := range 200 {
		if _, err := Get(c, fmt.Sprint(i), 1, "kind", func() (Loaded[[]byte], error) {
			return Loaded[[]byte]{Value: make([]byte, size), Size: size, Version: 1}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	c.entries.CleanUp()
	if got := c.entries.WeightedSize(); got > most {
		t.Errorf("%d bytes are kept, at most %d may be", got, most)
	}
}

func TestWithoutBytesNothingIsKept(t *testing.T) {
	c := New(0)
	loads := 0
	for range 3 {
		if _, err := Get(c, "item", 1, "kind", func() (Loaded[int], error) { loads++; return Loaded[int]{Version: 1}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if loads != 3 {
		t.Errorf("%d loads, want 3", loads)
	}
}
