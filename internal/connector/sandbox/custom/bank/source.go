package bank

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"weft/internal/plaid"
)

// source makes up values. Each is a hash of the seed and the name of the value's place, so the values do not depend on the
// order in which they are asked for.
type source string

// at is the source of a place inside this one.
func (s source) at(name string, index int) source {
	return s + "\x1f" + source(name) + "\x1f" + source(strconv.Itoa(index))
}

// below is a number from 0 to n-1.
func (s source) below(name string, n int64) int64 {
	sum := sha256.Sum256([]byte(string(s) + "\x1f" + name))
	return int64(binary.BigEndian.Uint64(sum[:8]) % uint64(n))
}

// between is a whole number from low to high.
func (s source) between(name string, low, high int64) int64 { return low + s.below(name, high-low+1) }

// money is an amount with two decimal places between two whole amounts.
func (s source) money(name string, low, high int64) plaid.Decimal {
	return plaid.NewDecimal(s.between(name, low*100, high*100), -2)
}

// pick is one of the values.
func (s source) pick(name string, values []string) string {
	return values[s.below(name, int64(len(values)))]
}
