package desk

import (
	"hash/fnv"
	"strconv"
	"time"

	"weft/internal/plaid"
)

// Number is a number that depends on a connection, an account and what else is given.
func Number(connectionID, account, what string, n int) uint64 {
	h := fnv.New64a()
	for _, s := range []string{connectionID, account, what, strconv.Itoa(n)} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// TimeOfDay is the time of an account's n-th transaction of a day: within the hours in which New York trades, summer or winter.
func TimeOfDay(connectionID, account string, day plaid.Date, n int) string {
	const opens, seconds = 14*3600 + 30*60, 5*3600 + 30*60
	after := Number(connectionID, account, "time", int(day)*100+n) % seconds
	return plaid.Timestamp(day.Time().Add(time.Duration(opens+after) * time.Second))
}
