package directory

import "math/bits"

// draw is a stream of pseudo-random choices (splitmix64), named by text. The standard library's generators do not promise
// the same choices in every Go release, and the catalogue must never change.
type draw struct{ state uint64 }

// newDraw starts the stream that the parts name; equal parts give equal streams.
func newDraw(parts ...string) *draw {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	h := uint64(offset)
	for _, part := range parts {
		for i := range len(part) {
			h = (h ^ uint64(part[i])) * prime
		}
		h = (h ^ 0xff) * prime // a separator: "ab","c" is not "a","bc"
	}
	return &draw{h}
}

func (d *draw) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number from 0 to n-1.
func (d *draw) below(n int) int {
	hi, _ := bits.Mul64(d.next(), uint64(n))
	return int(hi)
}

// percent is true in p of 100 cases.
func (d *draw) percent(p int) bool { return d.below(100) < p }

// pick is one of a list.
func pick[T any](d *draw, list []T) T { return list[d.below(len(list))] }

// shuffle puts a list in another order.
func shuffle[T any](d *draw, list []T) {
	for i := len(list) - 1; i > 0; i-- {
		j := d.below(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}
