package banksite

import (
	"fmt"
	"strconv"
)

// mostLight is how light a ground may be so that white on it has a contrast of 4.5, in ten thousandths.
const mostLight = 1833

// darkened is a colour #rrggbb, made darker as far as white text on it needs.
func darkened(color string) string {
	n, err := strconv.ParseUint(color[1:], 16, 24)
	if err != nil {
		return "#000000"
	}
	r, g, b := n>>16, n>>8&255, n&255
	for light(r, g, b) > mostLight {
		r, g, b = r*95/100, g*95/100, b*95/100
	}
	return fmt.Sprintf("#%02x%02x%02x", r, g, b)
}

// light is how light a colour is, in ten thousandths. Squares stand for the curve of a screen: they are a little above it, so
// what is dark enough here is dark enough.
func light(r, g, b uint64) uint64 { return (2126*r*r + 7152*g*g + 722*b*b) / (255 * 255) }
