package directory

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"
)

// logoSize is the width and height that the contract gives a logo.
const logoSize = 152

// The colours of a logo, as indices of its palette. Four colours fit in two bits a pixel.
const (
	ground = iota
	shade
	ink
)

// painter draws logos: a square in the institution's colour, a shape in a darker shade, and the name's first letter. It
// keeps the encoder's buffers from one logo to the next, and is not safe for concurrent use.
type painter struct{ buffer *png.EncoderBuffer }

// Get and Put make the painter the encoder's pool of one buffer.
func (p *painter) Get() *png.EncoderBuffer  { return p.buffer }
func (p *painter) Put(b *png.EncoderBuffer) { p.buffer = b }

// logo draws an institution's logo. The same arguments give the same bytes.
func (p *painter) logo(id, name, primaryColor string) []byte {
	base := parseColor(primaryColor)
	img := image.NewPaletted(image.Rect(0, 0, logoSize, logoSize), color.Palette{
		ground: base,
		shade:  darker(base),
		ink:    color.RGBA{0xff, 0xff, 0xff, 0xff},
	})
	paintShape(img, pick(newDraw("logo", id), shapes()))
	paintLetter(img, initial(name))

	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression, BufferPool: p}
	if err := encoder.Encode(&out, img); err != nil {
		panic(fmt.Sprintf("directory: encoding a logo into memory: %v", err)) // a buffer takes all that is written
	}
	return out.Bytes()
}

// shape tells whether a point lies in it; x and y are counted from the middle.
type shape func(x, y int) bool

func shapes() []shape {
	abs := func(n int) int { return max(n, -n) }
	return []shape{
		func(x, y int) bool { return x*x+y*y < 66*66 },                                                // disc
		func(x, y int) bool { return x*x+y*y < 70*70 && x*x+y*y > 56*56 },                             // ring
		func(x, y int) bool { return abs(x)+abs(y) < 74 },                                             // diamond
		func(x, y int) bool { return abs(x) < 62 && abs(y) < 62 },                                     // square
		func(x, y int) bool { return abs(x) < 60 && abs(x)+2*abs(y) < 140 },                           // hexagon
		func(x, y int) bool { return y > x },                                                          // halves
		func(_, y int) bool { return abs(y) > 54 },                                                    // bands
		func(x, y int) bool { return abs(x) < 58 && y > -64 && (y < 16 || x*x+(y-16)*(y-16) < 3364) }, // shield
	}
}

func paintShape(img *image.Paletted, in shape) {
	for y := range logoSize {
		for x := range logoSize {
			if in(x-logoSize/2, y-logoSize/2) {
				img.SetColorIndex(x, y, shade)
			}
		}
	}
}

// paintLetter draws a letter of 5 by 7 dots in the middle, each dot a square.
func paintLetter(img *image.Paletted, letter byte) {
	const dot = 11
	left, top := (logoSize-5*dot)/2, (logoSize-7*dot)/2
	for row, line := range strings.Fields(glyph(letter)) {
		for column := range len(line) {
			if line[column] != '#' {
				continue
			}
			for y := range dot {
				for x := range dot {
					img.SetColorIndex(left+column*dot+x, top+row*dot+y, ink)
				}
			}
		}
	}
}

// initial is the letter or digit that stands for a name: that of its first word that is not the same everywhere.
func initial(name string) byte {
	words := strings.Split(hostName(name), "-")
	for _, w := range words {
		switch w {
		case "bank", "first", "1st", "caisse", "sparkasse", "banque", "banco", "banca", "cassa", "caja", "of", "de", "":
		default:
			return w[0]
		}
	}
	if words[0] == "" {
		return '?'
	}
	return words[0][0]
}

// colorOf is a strong, rather dark colour, on which white can be read.
func colorOf(d *draw) string {
	hue, value := d.below(360), 95+d.below(70)
	low := value * (15 + d.below(30)) / 100
	rising, falling := low+(value-low)*(hue%60)/60, value-(value-low)*(hue%60)/60
	r, g, b := 0, 0, 0
	switch hue / 60 {
	case 0:
		r, g, b = value, rising, low
	case 1:
		r, g, b = falling, value, low
	case 2:
		r, g, b = low, value, rising
	case 3:
		r, g, b = low, falling, value
	case 4:
		r, g, b = rising, low, value
	default:
		r, g, b = value, low, falling
	}
	return fmt.Sprintf("#%02x%02x%02x", r, g, b)
}

// parseColor reads #rrggbb; anything else is black.
func parseColor(s string) color.RGBA {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 24)
	if err != nil {
		return color.RGBA{A: 0xff}
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xff}
}

// darker is three quarters of a colour.
func darker(c color.RGBA) color.RGBA {
	part := func(v uint8) uint8 { return uint8(int(v) * 3 / 4) }
	return color.RGBA{part(c.R), part(c.G), part(c.B), 0xff}
}
