package pdf

// Column is a column of a table. Width is its part of the page's width, in percent.
type Column struct {
	Title string
	Width int
	Right bool
}

// Table is a table that may be longer than a page: its head is repeated on each.
type Table struct {
	Columns []Column
	Rows    [][]string
	// Total is a last row, nil for none.
	Total []string
}

// cellPad is the space beside a cell's text.
const cellPad = 1.2

// Table draws a table. Cells whose text is wider than their column go on below.
func (d *Document) Table(t Table) {
	d.room(4 * line)
	d.tableHead(t.Columns)
	for i, row := range t.Rows {
		cells, height := d.wrapped(t.Columns, row, "")
		if d.room(height) {
			d.tableHead(t.Columns)
		}
		if i%2 == 1 {
			d.f.SetFillColor(244, 246, 248)
			d.f.Rect(margin, d.f.GetY(), d.width, height, "F")
		}
		d.cells(t.Columns, cells, height)
	}
	if t.Total == nil {
		return
	}
	cells, height := d.wrapped(t.Columns, t.Total, "B")
	if d.room(height + 1) {
		d.tableHead(t.Columns)
	}
	d.rule(d.f.GetY()+0.3, 0.3)
	d.f.SetXY(margin, d.f.GetY()+0.8)
	d.cells(t.Columns, cells, height)
	d.font("", textSize)
}

func (d *Document) tableHead(columns []Column) {
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.Title
	}
	cells, height := d.wrapped(columns, titles, "B")
	d.colored()
	d.cells(columns, cells, height)
	d.black()
	d.rule(d.f.GetY()+0.2, 0.3)
	d.f.SetXY(margin, d.f.GetY()+0.8)
	d.font("", textSize)
}

// mostCellLines bounds a cell: a text that is longer is cut.
const mostCellLines = 6

// wrapped are the lines of a row's cells, and the row's height.
func (d *Document) wrapped(columns []Column, row []string, style string) (cells [][]string, height float64) {
	d.font(style, textSize)
	most := 1
	for i, c := range columns {
		text := ""
		if i < len(row) {
			text = clean(row[i])
		}
		lines := d.f.SplitText(text, d.part(c)-2*cellPad)
		if len(lines) > mostCellLines {
			lines = lines[:mostCellLines]
		}
		cells, most = append(cells, lines), max(most, len(lines))
	}
	return cells, float64(most)*line + 0.8
}

func (d *Document) part(c Column) float64 { return d.width * float64(c.Width) / 100 }

// cells draws a row.
func (d *Document) cells(columns []Column, cells [][]string, height float64) {
	x, y := margin, d.f.GetY()
	for i, c := range columns {
		align := "L"
		if c.Right {
			align = "R"
		}
		for n, text := range cells[i] {
			d.f.SetXY(x+cellPad, y+0.4+float64(n)*line)
			d.f.CellFormat(d.part(c)-2*cellPad, line, text, "", 0, align, false, 0, "")
		}
		x += d.part(c)
	}
	d.f.SetXY(margin, y+height)
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
			taken := min(d.f.GetStringWidth(value)+2, width*0.75)
			d.f.SetXY(x+width-taken, y)
			d.f.CellFormat(taken, line+0.8, d.fit(value, taken+0.1), "", 0, "R", false, 0, "")
			d.font("", textSize)
			d.gray()
			d.f.SetXY(x, y)
			d.f.CellFormat(width-taken, line+0.8, d.fit(clean(list[row].Name), width-taken), "", 0, "L", false, 0, "")
			d.black()
		}
		d.f.SetXY(margin, y+line+0.8)
	}
}

// Address draws some lines of text, the first of them bold.
func (d *Document) Address(lines []string) {
	for i, text := range lines {
		d.font("", textSize+0.5)
		if i == 0 {
			d.font("B", textSize+0.5)
		}
		d.room(line)
		d.f.CellFormat(d.width, line, d.fit(clean(text), d.width), "", 1, "L", false, 0, "")
	}
}
