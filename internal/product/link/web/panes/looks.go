package panes

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"weft/internal/product/link/web/words"
)

// LogosAt is where the page finds institutions' logos.
const LogosAt = "/link/v2/logo/"

// LogoURL is the address of an institution's logo.
func (p page) LogoURL(institutionID string) string {
	return LogosAt + url.PathEscape(p.Environment) + "/" + url.PathEscape(institutionID) + ".png"
}

// Initial stands for a logo that there is not.
func (p page) Initial(name string) string {
	for _, r := range words.Clean(name) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "•"
}

// tones is how many colours the style sheet has for initials, around the circle of hues from red. Behind them is a grey.
const tones = 8

// Tone is which of the style sheet's colours is nearest to an institution's own, or, where it has none, one that is always the
// same for its id. A colour of its own in the page would need a style there, which the page forbids.
func (p page) Tone(color, id string) int {
	if hue, grey, ok := hueOf(color); ok {
		if grey {
			return tones
		}
		return (hue*tones + 180) / 360 % tones
	}
	sum := 0
	for _, r := range id {
		sum = (sum*31 + int(r)) % 65521
	}
	return sum % tones
}

// leastSpan is how far a colour's parts are apart, of 255, below which it looks grey.
const leastSpan = 24

// hueOf is a colour's place on the circle of hues in degrees. Greys have none.
func hueOf(color string) (hue int, grey, ok bool) {
	n, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
	if err != nil || len(color) != 7 {
		return 0, false, false
	}
	r, g, b := int(n>>16), int(n>>8&255), int(n&255)
	high, low := max(r, g, b), min(r, g, b)
	span := high - low
	if span < leastSpan {
		return 0, true, true
	}
	hue = 240 + 60*(r-g)/span
	switch high {
	case r:
		hue = 60 * (g - b) / span
	case g:
		hue = 120 + 60*(b-r)/span
	}
	return (hue + 360) % 360, false, true
}
