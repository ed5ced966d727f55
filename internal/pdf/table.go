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
	// Small is for long tables, with smaller letters.
	Small bool
}

// cellPad is the space beside a cell's text.
const cellPad = 1.2

func (t Table) size() float64 {
	if t.Small {
		return textSize - 1
	}
	return textSize
}

func (t Table) line() float64 {
	if t.Small {
		return smallLine
	}
	return line
}

// Table draws a table. Cells whose text is wider than their column go on below.
func (d *Document) Table(t Table) {
	d.room(4 * line)
	d.tableHead(t)
	for i, row := range t.Rows {
		cells, height := d.wrapped(t, row, "")
		if d.room(height) {
			d.tableHead(t)
		}
		if i%2 == 1 {
			d.fill(pale)
			d.f.Rect(margin, d.f.GetY(), d.width, height, "F")
		}
		d.cells(t, cells, height)
	}
	if t.Total == nil {
		return
	}
	cells, height := d.wrapped(t, t.Total, "B")
	if d.room(height + 1) {
		d.tableHead(t)
	}
	d.font("B", t.size())
	d.rule(d.f.GetY()+0.3, 0.3)
	d.f.SetXY(margin, d.f.GetY()+0.8)
	d.cells(t, cells, height)
	d.font("", textSize)
}

func (d *Document) tableHead(t Table) {
	titles := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		titles[i] = c.Title
	}
	cells, height := d.wrapped(t, titles, "B")
	d.text(d.color)
	d.cells(t, cells, height)
	d.text(ink)
	d.rule(d.f.GetY()+0.2, 0.3)
	d.f.SetXY(margin, d.f.GetY()+0.8)
	d.font("", t.size())
}

// mostCellLines bounds a cell: a text that is longer is cut.
const mostCellLines = 6

// wrapped are the lines of a row's cells, and the row's height.
func (d *Document) wrapped(t Table, row []string, style string) (cells [][]string, height float64) {
	d.font(style, t.size())
	most := 1
	for i, c := range t.Columns {
		text := ""
		if i < len(row) {
			text = row[i]
		}
		lines := d.split(text, d.part(c)-2*cellPad, mostCellLines)
		cells, most = append(cells, lines), max(most, len(lines))
	}
	return cells, float64(most)*t.line() + 0.8
}

func (d *Document) part(c Column) float64 { return d.width * float64(c.Width) / 100 }

// cells draws a row.
func (d *Document) cells(t Table, cells [][]string, height float64) {
	x, y := margin, d.f.GetY()
	for i, c := range t.Columns {
		align := "L"
		if c.Right {
			align = "R"
		}
		for n, text := range cells[i] {
			d.f.SetXY(x+cellPad, y+0.4+float64(n)*t.line())
			d.f.CellFormat(d.part(c)-2*cellPad, t.line(), text, "", 0, align, false, 0, "")
		}
		x += d.part(c)
	}
	d.f.SetXY(margin, y+height)
}
