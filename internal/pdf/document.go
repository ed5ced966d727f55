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
	Title, Author, Subject string
	// Made is when it was made: nothing else in the document depends on the clock.
	Made time.Time
	// Head is written at the top of each page but the first, beside the heading that the page is under; nothing is where it is empty.
	Head string
	// Foot is written at the bottom of each page, beside its number.
	Foot string
}

// Sizes in millimetres, and of letters in points.
const (
	margin     = 18.0
	footHeight = 16.0
	line       = 4.6
	smallLine  = 4.0
	textSize   = 9.0
	smallSize  = 7.5
	headSize   = 12.0
	titleSize  = 17.0
)

// color is red, green and blue, of 255 each.
type color [3]int

// Colors beside a document's own.
var (
	ink   = color{28, 30, 33}
	gray  = color{105, 110, 118}
	pale  = color{244, 246, 248}
	white = color{255, 255, 255}
	amber = color{176, 112, 0}
)

// tint is a color with so many percent of white.
func (c color) tint(percent int) (out color) {
	for i := range c {
		out[i] = c[i] + (255-c[i])*percent/100
	}
	return out
}

// Document is a document that is drawn from its top to its bottom.
type Document struct {
	f             *fpdf.Fpdf
	color         color
	width, bottom float64
	// under is the heading that is drawn under.
	under string
}

const family = "liberation"

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
	f.SetSubject(clean(about.Subject), true)
	f.SetProducer("Weft", true)
	f.SetLang("en")
	f.SetMargins(margin, margin, margin)
	f.SetAutoPageBreak(false, 0)
	f.AliasNbPages("{n}")
	addFonts(f)
	d := &Document{f: f, color: colorOf(style.Color)}
	width, height := f.GetPageSize()
	d.width, d.bottom = width-2*margin, height-footHeight-4
	f.SetHeaderFunc(func() { d.head(clean(about.Head)) })
	f.SetFooterFunc(func() { d.foot(clean(about.Foot)) })
	f.AddPage()
	return d
}

// colorOf reads a color, and darkens one on which white letters could not be read.
func colorOf(text string) color {
	n, err := strconv.ParseUint(text, 16, 32)
	if err != nil || len(text) != 6 {
		return color{27, 54, 93}
	}
	c := color{int(n >> 16), int(n >> 8 & 255), int(n & 255)}
	for c[0]*3+c[1]*6+c[2] > 1500 {
		c = color{c[0] * 4 / 5, c[1] * 4 / 5, c[2] * 4 / 5}
	}
	return c
}

func (d *Document) head(text string) {
	if text == "" || d.f.PageNo() == 1 {
		return
	}
	d.font("", smallSize)
	d.text(gray)
	d.put(margin, 8, d.width/2, 3.4, text, "L")
	d.put(margin+d.width/2, 8, d.width/2, 3.4, d.under, "R")
	d.rule(12.2, 0.2)
	d.text(ink)
	d.f.SetXY(margin, margin)
}

func (d *Document) foot(text string) {
	_, height := d.f.GetPageSize()
	top := height - footHeight
	d.rule(top, 0.2)
	d.font("", smallSize)
	d.text(gray)
	d.f.SetXY(margin, top+1.6)
	d.f.MultiCell(d.width-30, 3.4, text, "", "L", false)
	d.f.SetXY(margin+d.width-30, top+1.6)
	d.f.CellFormat(30, 3.4, "Page "+strconv.Itoa(d.f.PageNo())+" of {n}", "", 0, "R", false, 0, "")
	d.text(ink)
}

func (d *Document) font(style string, size float64) { d.f.SetFont(family, style, size) }
func (d *Document) text(c color)                    { d.f.SetTextColor(c[0], c[1], c[2]) }
func (d *Document) fill(c color)                    { d.f.SetFillColor(c[0], c[1], c[2]) }
func (d *Document) draw(c color)                    { d.f.SetDrawColor(c[0], c[1], c[2]) }

// put writes one line of clean text, cut to its place.
func (d *Document) put(x, y, width, height float64, text, align string) {
	d.f.SetXY(x, y)
	d.f.CellFormat(width, height, d.fit(text, width), "", 0, align, false, 0, "")
}

// rule draws a line over the width of the page.
func (d *Document) rule(y, thickness float64) {
	d.f.SetLineWidth(thickness)
	d.draw(d.color)
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

// mostFitting is more letters than fit on a page's width.
const mostFitting = 400

// fit cuts a text that is wider than its place.
func (d *Document) fit(text string, width float64) string {
	runes := []rune(text)
	if len(runes) > mostFitting {
		runes = append(runes[:mostFitting], '…')
	}
	for len(runes) > 1 && d.f.GetStringWidth(string(runes))+2 > width {
		runes = append(runes[:len(runes)-2], '…')
	}
	return string(runes)
}

// split is a text in lines of a width, of which the last ends in an ellipsis where there would be more.
func (d *Document) split(text string, width float64, most int) []string {
	lines := d.f.SplitText(clean(text), width)
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = d.fit(lines[most-1]+"…", width)
	}
	return lines
}

// Bytes is the document. Nothing may be added after it.
func (d *Document) Bytes() ([]byte, error) {
	var out bytes.Buffer
	err := d.f.Output(&out)
	return out.Bytes(), err
}
