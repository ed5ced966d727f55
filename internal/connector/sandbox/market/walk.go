package market

import (
	"hash/fnv"
	"math/bits"

	"weft/internal/plaid"
)

// walk is the noise of one ticker: Brownian motion between independent anchors that stand blockDays apart. Anchoring it
// keeps every price near its trend, whatever the year.
type walk struct {
	key   uint64
	sigma int64 // the standard deviation of one day's step, in nano (1e-9 of the logarithm)
}

const (
	blockLevels = 9
	blockDays   = 1 << blockLevels
	// anchorSteps: an anchor deviates from the trend by 12 daily steps (with steps of 2%: by 24%).
	anchorSteps = 12
	nano        = 1_000_000_000
)

// rootSteps is 1e6 x sqrt(2^k)/2: the midpoint of an interval of 2^k days deviates by that many daily steps.
var rootSteps = [blockLevels + 1]int64{
	500_000, 707_107, 1_000_000, 1_414_214, 2_000_000, 2_828_427, 4_000_000, 5_656_854, 8_000_000, 11_313_708,
}

func newWalk(seed, ticker string, sigma int64) walk {
	h := fnv.New64a()
	h.Write([]byte(seed))
	h.Write([]byte{0})
	h.Write([]byte(ticker))
	return walk{key: h.Sum64(), sigma: sigma}
}

// at is the noise of a day in nano.
func (w walk) at(day plaid.Date) int64 {
	if w.sigma == 0 {
		return 0
	}
	left := int64(day) &^ (blockDays - 1)
	right := left + blockDays
	a, b := w.draw(left, anchorSteps*1_000_000), w.draw(right, anchorSteps*1_000_000)
	for level := blockLevels; level > 0 && int64(day) != left; level-- {
		mid := (left + right) / 2
		x := (a+b)/2 + w.draw(mid, rootSteps[level])
		if int64(day) < mid {
			right, b = mid, x
		} else {
			left, a = mid, x
		}
	}
	return a
}

// draw is a nearly normal number with the standard deviation of micro-steps/1e6 daily steps: the sum of the four 16-bit
// words of a hash of the day, whose own standard deviation is 65536/sqrt(3) = 37837.
func (w walk) draw(day, microSteps int64) int64 {
	h := mix(w.key + uint64(day)*0x9e3779b97f4a7c15)
	sum := int64(h&0xffff) + int64(h>>16&0xffff) + int64(h>>32&0xffff) + int64(h>>48) - 2*65535
	return w.sigma * sum / 37837 * microSteps / 1_000_000
}

// mix is the finaliser of splitmix64.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// scaleExp is base x exp(x) x 2^doublings, x in nano. The result is cut at 2^62.
func scaleExp(base uint64, x int64, doublings int64) uint64 {
	const ln2 = 693_147_181
	n := x / ln2
	if x%ln2 < 0 {
		n--
	}
	r := (x - n*ln2) << 30 / nano // in [0, ln 2), 30 binary places
	sum, term := int64(1)<<30, int64(1)<<30
	for i := int64(1); i <= 12 && term != 0; i++ {
		term = term * r >> 30 / i
		sum += term
	}
	hi, lo := bits.Mul64(base, uint64(sum))
	shift := 30 - n - doublings
	switch {
	case shift >= 128:
		return 0
	case shift >= 64:
		return hi >> (shift - 64)
	case shift <= 0 || hi>>shift != 0 || hi<<(64-shift)|lo>>shift >= 1<<62:
		return 1 << 62
	default:
		return hi<<(64-shift) | lo>>shift
	}
}

// isqrt is the integer square root, rounded down.
func isqrt(n uint64) uint64 {
	if n < 2 {
		return n
	}
	x := uint64(1) << ((bits.Len64(n) + 1) / 2)
	for {
		y := (x + n/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}
