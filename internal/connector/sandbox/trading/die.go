package trading

import (
	"hash/fnv"

	"weft/internal/plaid"
)

// die gives the numbers of one day: SplitMix64, whose digits are the same everywhere.
type die struct{ state uint64 }

func newDie(seed, account string, day plaid.Date) die {
	h := fnv.New64a()
	for _, s := range []string{seed, account, day.String()} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return die{h.Sum64()}
}

func (d *die) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is one of 0..n-1.
func (d *die) below(n int) int { return int(d.next() % uint64(n)) }

// from is one of from..to.
func (d *die) from(from, to int) int { return from + d.below(to-from+1) }

func (d *die) of(list []string) string { return list[d.below(len(list))] }
