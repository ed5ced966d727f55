package directory

import "fmt"

// routingNumbers makes n routing numbers that no other institution has.
func (g *generator) routingNumbers(d *draw, n int) []string {
	numbers := make([]string, 0, n)
	for len(numbers) < n {
		number := inventRouting(d)
		if g.routing[number] {
			continue
		}
		g.routing[number] = true
		numbers = append(numbers, number)
	}
	return numbers
}

// inventRouting makes a nine-digit routing number: a Federal Reserve district (01 to 12, or 21 to 32 for thrifts), a 9
// where real numbers have the district's processing centre, so that nobody's real bank is found by an invented number, and
// a valid check digit.
func inventRouting(d *draw) string {
	district := 1 + d.below(12)
	if d.percent(40) {
		district += 20
	}
	first8 := fmt.Sprintf("%02d9%05d", district, d.below(100_000))
	return first8 + string(checkDigit(first8))
}

// checkDigit completes the first eight digits of a routing number: the digits weigh 3, 7, 1 in turn, and the weighted sum
// of all nine is a multiple of 10.
func checkDigit(first8 string) byte {
	weights := [...]int{3, 7, 1}
	sum := 0
	for i := range len(first8) {
		sum += weights[i%3] * int(first8[i]-'0')
	}
	return byte('0' + (10-sum%10)%10)
}
