package pdf

import (
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// addFonts gives a document the Go fonts: Latin, Greek and Cyrillic letters, of which those that are used are embedded.
func addFonts(f *fpdf.Fpdf) {
	f.AddUTF8FontFromBytes(family, "", goregular.TTF)
	f.AddUTF8FontFromBytes(family, "B", gobold.TTF)
}

var letters = sync.OnceValue(func() *sfnt.Font {
	font, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return font
})

// clean is a text as it can be drawn: characters that the fonts do not have become question marks, and those that are not seen
// become spaces.
func clean(text string) string {
	var buf sfnt.Buffer
	var out strings.Builder
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			out.WriteByte(' ')
			continue
		}
		if at, err := letters().GlyphIndex(&buf, r); err != nil || at == 0 || r > 0xFFFF {
			r = '?'
		}
		out.WriteRune(r)
	}
	return strings.ReplaceAll(out.String(), "{n}", "") // the place of a page count
}
