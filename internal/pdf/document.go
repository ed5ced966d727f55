package pdf

import (
	"bytes"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// Style is what a document looks like.
type Style struct {
	// Letter is the paper of North America; A4 is that of the others.
	Letter bool
	// Color is that of headings and rules, like 0A6E4F; empty for a dark blue.
	Color string
}

// About is what a document says of itself.
type About struct {
	Title, Author string
	// Made is when it was made: nothing else in the document depends on the clock.
	Made time.Time
	// Foot is written at the bottom of each page, beside its number.
	Foot string
}

// Sizes in millimetres, and of letters in points.
const (
	margin     = 18.0
	footHeight = 16.0
	line       = 4.6
	textSize   = 9.0
	smallSize  = 7.5
	headSize   = 12.0
	titleSize  = 17.0
)

// Document is a document that is drawn from its top to its bottom.
type Document struct {
	f             *fpdf.Fpdf
	color         [3]int
	width, bottom float64
}

const family = "go"

// New is an empty document.
func New(style Style, about About) *Document {
	size := "A4"
	if style.Letter {
		size = "Letter"
	}
	f := fpdf.New("P", "mm", size, "")
	f.SetCatalogSort(true)
	f.SetCreationDate(about.Made.UTC())
	f.SetModificationDate(about.Made.UTC())
	f.SetTitle(clean(about.Title), true)
	f.SetAuthor(clean(about.Author), true)
	f.SetProducer("Weft", true)
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(false, 0)
	f.AliasNbPages("{n}")
	addFonts(f)
	d := &Document{f: f, color: colorOf(style.Color)}
	width, height := f.GetPageSize()
	d.width, d.bottom = width-2*margin, height-footHeight-4
	f.SetFooterFunc(func() { d.foot(clean(about.Foot)) })
	f.AddPage()
	return d
}

// colorOf reads a color, and darkens one on which white letters could not be read.
func colorOf(text string) [3]int {
	n, err := strconv.ParseUint(text, 16, 32)
	if err != nil || len(text) != 6 {
		return [3]int{27, 54, 93}
	}
	c := [3]int{int(n >> 16), int(n >> 8 & 255), int(n & 255)}
	for c[0]*3+c[1]*6+c[2] > 1500 {
		c = [3]int{c[0] * 4 / 5, c[1] * 4 / 5, c[2] * 4 / 5}
	}
	return c
}

func (d *Document) foot(text string) {
	_, height := d.f.GetPageSize()
	top := height - footHeight
	d.rule(top, 0.2)
	d.font("", smallSize)
	d.gray()
	d.f.SetXY(margin, top+1.6)
	d.f.MultiCell(d.width-30, 3.4, text, "", "L", false)
	d.f.SetXY(margin+d.width-30, top+1.6)
	d.f.CellFormat(30, 3.4, "Page "+strconv.Itoa(d.f.PageNo())+" of {n}", "", 0, "R", false, 0, "")
	d.black()
}

func (d *Document) font(style string, size float64) { d.f.SetFont(family, style, size) }
func (d *Document) black()                          { d.f.SetTextColor(28, 30, 33) }
func (d *Document) gray()                           { d.f.SetTextColor(105, 110, 118) }
func (d *Document) colored()                        { d.f.SetTextColor(d.color[0], d.color[1], d.color[2]) }

// rule draws a line over the width of the page.
func (d *Document) rule(y, thickness float64) {
	d.f.SetLineWidth(thickness)
	d.f.SetDrawColor(d.color[0], d.color[1], d.color[2])
	d.f.Line(margin, y, margin+d.width, y)
}

// room begins a new page where less than a height is left.
func (d *Document) room(height float64) (turned bool) {
	if d.f.GetY()+height <= d.bottom {
		return false
	}
	d.f.AddPage()
	d.f.SetXY(margin, margin)
	return true
}

// Space leaves some lines empty.
func (d *Document) Space(lines float64) {
	d.f.SetXY(margin, d.f.GetY()+lines*line)
}

// Banner is the head of a document: who it is from, and on the right what it is.
func (d *Document) Banner(from, title, under string) {
	const height = 20.0
	d.f.SetFillColor(d.color[0], d.color[1], d.color[2])
	width, _ := d.f.GetPageSize()
	d.f.Rect(0, 0, width, height, "F")
	d.f.SetTextColor(255, 255, 255)
	d.font("B", titleSize)
	d.f.SetXY(margin, 6)
	d.f.CellFormat(d.width*0.58, 8, d.fit(clean(from), d.width*0.58), "", 0, "L", false, 0, "")
	d.font("B", headSize)
	d.f.SetXY(margin+d.width*0.58, 4.6)
	d.f.CellFormat(d.width*0.42, 6, d.fit(clean(title), d.width*0.42), "", 0, "R", false, 0, "")
	d.font("", textSize)
	d.f.SetXY(margin+d.width*0.58, 10.6)
	d.f.CellFormat(d.width*0.42, 5, d.fit(clean(under), d.width*0.42), "", 0, "R", false, 0, "")
	d.black()
	d.f.SetXY(margin, height+8)
}

// fit cuts a text that is wider than its place.
func (d *Document) fit(text string, width float64) string {
	runes := []rune(text)
	for len(runes) > 1 && d.f.GetStringWidth(string(runes))+2 > width {
		runes = append(runes[:len(runes)-2], '…')
	}
	return string(runes)
}

// Heading begins a part of the document.
func (d *Document) Heading(text string) {
	d.room(5 * line)
	d.Space(1)
	d.font("B", headSize)
	d.colored()
	d.f.CellFormat(d.width, 6, clean(text), "", 1, "L", false, 0, "")
	d.black()
	d.rule(d.f.GetY()+0.6, 0.4)
	d.f.SetXY(margin, d.f.GetY()+2.4)
}

// Text writes a paragraph over the width of the page.
func (d *Document) Text(text string) {
	d.font("", textSize)
	for _, part := range d.f.SplitText(clean(text), d.width) {
		d.room(line)
		d.f.CellFormat(d.width, line, part, "", 1, "L", false, 0, "")
	}
}

// Bytes is the document. Nothing may be added after it.
func (d *Document) Bytes() ([]byte, error) {
	var out bytes.Buffer
	err := d.f.Output(&out)
	return out.Bytes(), err
}
