package simplefin

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// The first day from a time on is the first whose moment is not before it.
func TestFirstDayFrom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(moment(firstDay), moment(lastDay)).Draw(t, "time")
		day, err := firstDayFrom(strconv.FormatInt(n, 10))
		if err != nil || moment(day) < n || moment(day.AddDays(-1)) >= n {
			t.Fatalf("%d: %s, %v", n, day, err)
		}
	})
}

// Whatever is asked for, days are written so that the store can compare them.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "version=2&start-date=1791014400&end-date=1791100800.5&pending=1&account=a&account=b", "end-date=-1", "start-date=9223372036854775807", "%zz;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := readQuery(raw)
		if err == nil && (len(q.from.String()) != 10 || len(q.to.String()) != 10 || q.version < 1 || q.version > 2) {
			t.Errorf("%q: %+v", raw, q)
		}
	})
}
