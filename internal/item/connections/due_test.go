package connections

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"weft/internal/connector"
)

type plain struct{}

func (plain) Name() string { return "plain" }

func (plain) Fetch(context.Context, connector.Connection, connector.Want) (connector.Batch, error) {
	return connector.Batch{}, nil
}

type periodic struct{ plain }

func (periodic) RefreshEvery() time.Duration { return 6 * time.Hour }

// changing is a connector where only the data of the login "trader" changes, at midnight.
type changing struct{ plain }

func (changing) NextChange(credentials json.RawMessage, now time.Time) time.Time {
	if string(credentials) != `"trader"` {
		return time.Time{}
	}
	return now.Truncate(24 * time.Hour).Add(24 * time.Hour)
}

func TestNextDue(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name        string
		con         connector.Connector
		login       string
		failures    int64
		from, until time.Duration // both 0: never
	}{
		{"nobody says when", plain{}, `"x"`, 0, 0, 0},
		{"periodic", periodic{}, `"x"`, 0, 6 * time.Hour * 9 / 10, 6 * time.Hour * 11 / 10},
		{"periodic, after a failure", periodic{}, `"x"`, 1, 5 * time.Minute * 9 / 10, 5 * time.Minute * 11 / 10},
		{"periodic, after many", periodic{}, `"x"`, 40, 6 * time.Hour * 9 / 10, 6 * time.Hour * 11 / 10},
		{"another login", changing{}, `"x"`, 0, 0, 0},
		{"another login, after a failure", changing{}, `"x"`, 3, 0, 0},
		{"a trader", changing{}, `"trader"`, 0, 12 * time.Hour, 13 * time.Hour},
		{"a trader, after a failure", changing{}, `"trader"`, 2, 20 * time.Minute, 80 * time.Minute},
		{"a trader, after many", changing{}, `"trader"`, 40, 12 * time.Hour, 13 * time.Hour},
	} {
		seen := map[time.Time]bool{}
		for id := range 50 {
			due := NextDue(c.con, connector.Connection{ID: fmt.Sprint(id), Credentials: json.RawMessage(c.login)}, now, c.failures)
			if due == nil || c.until == 0 {
				if due != nil || c.until != 0 {
					t.Fatalf("%s: %v", c.name, due)
				}
				continue
			}
			if wait := due.Sub(now); wait < c.from || wait > c.until {
				t.Errorf("%s: due in %s, want %s to %s", c.name, wait, c.from, c.until)
			}
			seen[*due] = true
		}
		if c.until != 0 && len(seen) < 40 {
			t.Errorf("%s: 50 connections are due at %d moments", c.name, len(seen))
		}
	}
}
