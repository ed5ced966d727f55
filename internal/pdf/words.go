package pdf

// Banner is the head of a document: who it is from, and on the right what it is.
func (d *Document) Banner(from, title, under string) {
	const height = 20.0
	d.fill(d.color)
	width, _ := d.f.GetPageSize()
	d.f.Rect(0, 0, width, height, "F")
	d.text(white)
	d.font("B", titleSize)
	d.put(margin, 6, d.width*0.58, 8, clean(from), "L")
	d.font("B", headSize)
	d.put(margin+d.width*0.58, 4.6, d.width*0.42, 6, clean(title), "R")
	d.font("", textSize)
	d.put(margin+d.width*0.58, 10.6, d.width*0.42, 5, clean(under), "R")
	d.text(ink)
	d.f.SetXY(margin, height+8)
}

// Heading begins a part of the document, which is in its outline too.
func (d *Document) Heading(text string) { d.Part(text, 5*line) }

// Part is a heading that begins a new page where less than a height in millimetres is left, so that what comes below stays with it.
func (d *Document) Part(text string, height float64) {
	text = clean(text)
	d.under = text
	d.room(height)
	d.Space(1)
	d.font("B", headSize)
	d.f.Bookmark(text, 0, -1)
	d.text(d.color)
	d.put(margin, d.f.GetY(), d.width, 6, text, "L")
	d.text(ink)
	d.rule(d.f.GetY()+6.6, 0.4)
	d.f.SetXY(margin, d.f.GetY()+8.4)
}

// Section begins a part of what is below a heading, with something of it on the right; it begins a new page as a Part does.
func (d *Document) Section(text, right string, height float64) {
	const band = 7.4
	d.room(height)
	d.Space(1)
	y := d.f.GetY()
	d.font("B", textSize+1.5)
	d.f.Bookmark(clean(text), 1, -1)
	d.fill(d.color.tint(90))
	d.f.Rect(margin, y, d.width, band, "F")
	d.fill(d.color)
	d.f.Rect(margin, y, 1.2, band, "F")
	d.text(d.color)
	d.put(margin+2.6, y, d.width*0.68-2.6, band, clean(text), "L")
	d.put(margin+d.width*0.68, y, d.width*0.32-1, band, clean(right), "R")
	d.text(ink)
	d.f.SetXY(margin, y+band+2)
}

// Label is the name of what comes next, such as a table; it stays on its page.
func (d *Document) Label(text string) {
	d.room(9 * line)
	d.Space(0.7)
	d.font("B", textSize)
	d.text(d.color)
	d.put(margin, d.f.GetY(), d.width, line+0.6, clean(text), "L")
	d.text(ink)
	d.f.SetXY(margin, d.f.GetY()+line+1)
}

// Text writes a paragraph over the width of the page.
func (d *Document) Text(text string) { d.paragraph(text, textSize, line, ink) }

// Note writes a paragraph that explains something, smaller.
func (d *Document) Note(text string) { d.paragraph(text, smallSize+0.3, 3.8, gray) }

func (d *Document) paragraph(text string, size, height float64, c color) {
	d.font("", size)
	d.text(c)
	for _, part := range d.f.SplitText(clean(text), d.width) {
		if d.room(height) { // whose head and foot have fonts of their own
			d.font("", size)
			d.text(c)
		}
		d.f.CellFormat(d.width, height, part, "", 1, "L", false, 0, "")
	}
	d.text(ink)
}

// Notice draws what must not be missed: a title, and paragraphs below it.
func (d *Document) Notice(title string, paragraphs []string) {
	d.Space(0.6)
	for i, text := range append([]string{title}, paragraphs...) {
		style := ""
		if i == 0 {
			style = "B"
		}
		d.font(style, textSize)
		lines := d.split(text, d.width-6, 20)
		height := float64(len(lines))*line + 2
		d.room(height)
		d.font(style, textSize)
		y := d.f.GetY()
		d.fill(amber.tint(90))
		d.f.Rect(margin, y, d.width, height, "F")
		d.fill(amber)
		d.f.Rect(margin, y, 1.2, height, "F")
		for n, l := range lines {
			d.f.SetXY(margin+3, y+1+float64(n)*line)
			d.f.CellFormat(d.width-5, line, l, "", 0, "L", false, 0, "")
		}
		d.f.SetXY(margin, y+height)
	}
	d.Space(0.6)
}

// Fact is a name and what it is of.
type Fact struct{ Name, Value string }

// Facts draws names with their values on the right of them, in as many columns as there are lists.
func (d *Document) Facts(lists ...[]Fact) {
	const gap = 8.0
	width := (d.width - gap*float64(len(lists)-1)) / float64(len(lists))
	most := 0
	for _, list := range lists {
		most = max(most, len(list))
	}
	for row := range most {
		d.room(line + 0.8)
		y := d.f.GetY()
		for i, list := range lists {
			if row >= len(list) {
				continue
			}
			x := margin + float64(i)*(width+gap)
			value := clean(list[row].Value)
			d.font("B", textSize)
			taken := min(d.f.GetStringWidth(value)+2.1, width*0.75)
			d.put(x+width-taken, y, taken, line+0.8, value, "R")
			d.font("", textSize)
			d.text(gray)
			d.put(x, y, width-taken, line+0.8, clean(list[row].Name), "L")
			d.text(ink)
		}
		d.f.SetXY(margin, y+line+0.8)
	}
}

// mostDetailLines bounds the value of a detail.
const mostDetailLines = 4

// Details draws names with their values below them, in rows of so many.
func (d *Document) Details(across int, facts []Fact) {
	width := d.width / float64(across)
	for len(facts) > 0 {
		row := facts[:min(across, len(facts))]
		facts = facts[len(row):]
		d.font("", textSize)
		lines := make([][]string, len(row))
		most := 1
		for i, fact := range row {
			lines[i] = d.split(fact.Value, width-3, mostDetailLines)
			most = max(most, len(lines[i]))
		}
		height := 3.6 + float64(most)*line + 1.2
		d.room(height)
		y := d.f.GetY()
		for i, fact := range row {
			x := margin + float64(i)*width
			d.font("", smallSize)
			d.text(gray)
			d.put(x, y, width-2, 3.6, clean(fact.Name), "L")
			d.font("", textSize)
			d.text(ink)
			for n, l := range lines[i] {
				d.f.SetXY(x, y+3.6+float64(n)*line)
				d.f.CellFormat(width-2, line, l, "", 0, "L", false, 0, "")
			}
		}
		d.f.SetXY(margin, y+height)
	}
}

// Figures draws what matters most, in large letters side by side.
func (d *Document) Figures(facts []Fact) {
	const gap, height = 4.0, 15.0
	width := (d.width - gap*float64(len(facts)-1)) / float64(len(facts))
	d.room(height + 2)
	y := d.f.GetY()
	for i, fact := range facts {
		x := margin + float64(i)*(width+gap)
		d.fill(d.color.tint(93))
		d.f.Rect(x, y, width, height, "F")
		d.font("", smallSize+0.5)
		d.text(gray)
		d.put(x+2, y+2, width-4, 4, clean(fact.Name), "L")
		d.font("B", headSize+1)
		d.text(d.color)
		d.put(x+2, y+6.4, width-4, 6.6, clean(fact.Value), "L")
	}
	d.text(ink)
	d.f.SetXY(margin, y+height+2.4)
}

// Address draws some lines of text, the first of them bold.
func (d *Document) Address(lines []string) {
	for i, text := range lines {
		d.room(line)
		d.font("", textSize+0.5)
		if i == 0 {
			d.font("B", textSize+0.5)
		}
		d.put(margin, d.f.GetY(), d.width, line, clean(text), "L")
		d.f.SetXY(margin, d.f.GetY()+line)
	}
}
