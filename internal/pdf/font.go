package pdf

import (
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// addFonts gives a document the Liberation fonts, of which the letters that are used are embedded.
func addFonts(f *fpdf.Fpdf) {
	f.AddUTF8FontFromBytes(family, "", liberationsansregular.TTF)
	f.AddUTF8FontFromBytes(family, "B", liberationsansbold.TTF)
}

var letters = sync.OnceValue(func() *sfnt.Font {
	font, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return font
})

// missing stands where there is no letter to draw.
const missing = '□'

// clean is a text as it can be drawn: letters that there are none of become boxes, what is not seen becomes a space, and marks that
// only say how to write others go.
func clean(text string) string {
	var buf sfnt.Buffer
	var out strings.Builder
	for _, r := range norm.NFC.String(text) {
		switch {
		case r >= ' ' && r <= '~':
		case unicode.IsSpace(r) || unicode.IsControl(r):
			r = ' '
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			continue
		case !drawable(r, &buf):
			r = missing
		}
		out.WriteRune(r)
	}
	return strings.ReplaceAll(out.String(), "{n}", "") // the place of a page count
}

// drawable reports whether the fonts have a letter, and it is written from left to right.
func drawable(r rune, buf *sfnt.Buffer) bool {
	if r > 0xFFFF || unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko) {
		return false
	}
	at, err := letters().GlyphIndex(buf, r)
	return err == nil && at != 0
}
