// Package budget counts the requests that SimpleFIN servers admit in a day. What an access URL has spent is kept twice: in a
// [Spending] that is stored with the connection and survives a restart, and in [Ledgers], which also know what was spent when
// nothing could be stored, and by connections that do not know of each other. Each learns from the other.
package budget

import (
	"slices"
	"sync"
	"time"

	"weft/internal/plaid"
)

// Spending is what is stored of an access URL.
type Spending struct {
	// Spent are the seconds at which requests of the last day were made, in order.
	Spent []int64 `json:"spent,omitempty"`
	// NotBefore is the second before which the server wants no request.
	NotBefore int64 `json:"not_before,omitempty"`
}

// Ledgers are what access URLs have spent, as far as this process knows. They are safe for concurrent use.
type Ledgers struct {
	daily int

	mu      sync.Mutex
	ledgers map[string]*Spending // by a digest of the access URL
}

// New makes empty ledgers, for servers that admit so many requests in a day.
func New(daily int) *Ledgers { return &Ledgers{daily: daily, ledgers: map[string]*Spending{}} }

const day = int64(24 * time.Hour / time.Second)

// reserved is the part of a day's requests that is not spent on old days, so that the newest can still be asked for.
const reserved = 4

// open gives the ledger of an access URL what was stored, and what is stored what the ledger knows.
func (c *Ledgers) open(url string, stored *Spending, now int64) *Spending {
	for digest, other := range c.ledgers { // what is over is forgotten
		other.Spent = recent(other.Spent, now)
		if len(other.Spent) == 0 && other.NotBefore <= now {
			delete(c.ledgers, digest)
		}
	}
	l := c.ledgers[url]
	if l == nil {
		l = &Spending{}
		c.ledgers[url] = l
	}
	l.Spent = union(l.Spent, recent(stored.Spent, now))
	l.NotBefore = max(l.NotBefore, min(stored.NotBefore, now+day)) // a clock that ran ahead does not lock the connection for good
	stored.Spent, stored.NotBefore = slices.Clone(l.Spent), l.NotBefore
	return l
}

// Spend pays for a request, or says that there is nothing left to pay with.
func (c *Ledgers) Spend(url string, stored *Spending, at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := at.Unix()
	l := c.open(url, stored, now)
	switch {
	case l.NotBefore > now:
		return rateLimited("the SimpleFIN server wants no request before %s", l.NotBefore)
	case c.daily <= 0:
		return plaid.Err("INSTITUTION_RATE_LIMIT")
	case len(l.Spent) >= c.daily:
		return rateLimited("the requests that the SimpleFIN server admits in a day are used up; the next can be made at %s", l.Spent[len(l.Spent)-c.daily]+day)
	}
	l.Spent = append(l.Spent, now)
	slices.Sort(l.Spent)
	stored.Spent = slices.Clone(l.Spent)
	return nil
}

// Spare reports whether a request can be made for old days.
func (c *Ledgers) Spare(url string, stored *Spending, at time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.open(url, stored, at.Unix())
	return l.NotBefore <= at.Unix() && len(l.Spent) < c.daily-c.daily/reserved
}

// Pause notes that the server wants to be left alone.
func (c *Ledgers) Pause(url string, stored *Spending, at time.Time, pause time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.open(url, stored, at.Unix())
	l.NotBefore = max(l.NotBefore, at.Add(pause).Unix())
	stored.NotBefore = l.NotBefore
}

func rateLimited(format string, second int64) *plaid.Error {
	return plaid.Errf("INSTITUTION_RATE_LIMIT", format, plaid.Timestamp(time.Unix(second, 0)))
}

// recent are the seconds that are less than a day away: those that lie ahead were spent before the clock was set back.
func recent(spent []int64, now int64) []int64 {
	var kept []int64
	for _, s := range spent {
		if s > now-day && s < now+day {
			kept = append(kept, s)
		}
	}
	return kept
}

// union are all seconds of two lists, each as often as in the list that has it oftener, in order.
func union(a, b []int64) []int64 {
	counts := map[int64]int{}
	for _, list := range [][]int64{a, b} {
		own := map[int64]int{}
		for _, s := range list {
			own[s]++
			counts[s] = max(counts[s], own[s])
		}
	}
	all := []int64{}
	for s, n := range counts {
		for range n {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return all
}
