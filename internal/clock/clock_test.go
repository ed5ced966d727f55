package clock_test

import (
	"sync"
	"testing"
	"time"

	"weft/internal/clock"
)

// Both clocks tell UTC to the millisecond: that is what the store keeps, so what is written is what is read.
func TestClocksTellUTCToTheMillisecond(t *testing.T) {
	local := time.Date(2026, 11, 20, 12, 0, 0, 1_999_999, time.FixedZone("CET", 3600))
	for name, c := range map[string]clock.Clock{"system": clock.System{}, "manual": clock.NewManual(local)} {
		now := c.Now()
		if now.Location() != time.UTC || now.Nanosecond()%int(time.Millisecond) != 0 {
			t.Errorf("%s: %s", name, now.Format(time.RFC3339Nano))
		}
		if again := time.UnixMilli(now.UnixMilli()).UTC(); !again.Equal(now) {
			t.Errorf("%s: %s is stored as %s", name, now, again)
		}
	}
	if got, want := clock.NewManual(local).Now(), time.Date(2026, 11, 20, 11, 0, 0, 1_000_000, time.UTC); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSystemIsTheMachinesClock(t *testing.T) {
	before := time.Now().Truncate(time.Millisecond)
	now := clock.System{}.Now()
	if now.Before(before) || now.After(time.Now()) {
		t.Errorf("%s is not between %s and now", now, before)
	}
}

func TestManualStandsStillUntilItIsMoved(t *testing.T) {
	start := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	c := clock.NewManual(start)
	for range 2 {
		if !c.Now().Equal(start) {
			t.Errorf("stands at %s, want %s", c.Now(), start)
		}
	}
	c.Advance(90 * time.Minute)
	c.Advance(-30 * time.Minute)
	if want := start.Add(time.Hour); !c.Now().Equal(want) {
		t.Errorf("stands at %s, want %s", c.Now(), want)
	}
	c.Advance(1_999_999 * time.Nanosecond)
	if want := start.Add(time.Hour + time.Millisecond); !c.Now().Equal(want) {
		t.Errorf("stands at %s, want %s", c.Now(), want)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				c.Advance(time.Second)
				c.Now()
			}
		})
	}
	wg.Wait()
	if want := start.Add(time.Hour + time.Millisecond + 800*time.Second); !c.Now().Equal(want) {
		t.Errorf("stands at %s, want %s", c.Now(), want)
	}
}
