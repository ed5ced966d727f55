package pdf

import (
	"math"

	"codeberg.org/go-pdf/fpdf"
)

// Chart is values over time, or of some names, each in the smallest unit there is, such as cents. Nothing and the values themselves
// are always on it, so that heights can be compared.
type Chart struct {
	// Title is written above, if there is one.
	Title string
	// Names are those of the values, in their order. As many as there is room for are written below.
	Names []string
	// Series are drawn in order. There is at least one.
	Series []Series
	// Bars draws bars side by side in place of a line above an area.
	Bars bool
	// Label is how a value is written.
	Label func(value int64) string
}

// Series is one row of values. Its name is written where there are several.
type Series struct {
	Name   string
	Values []int64
}

// Sizes of charts, in millimetres.
const (
	chartHeight = 38.0
	nameHeight  = 4.0
	nameGap     = 6.0
)

// plot is where a chart's values are drawn.
type plot struct {
	x, y, width, height float64
	low, high           int64
}

// at is the height of a value on the page.
func (p plot) at(value int64) float64 {
	return p.y + p.height*float64(p.high-value)/float64(p.high-p.low)
}

// Chart draws a chart over the width of the page.
func (d *Document) Chart(c Chart) {
	d.room(chartHeight + 4*nameHeight)
	if c.Title != "" {
		d.Label(c.Title)
	}
	if len(c.Series) > 1 {
		d.legend(c.Series)
	}
	low, high, step := scale(c.Series)
	d.font("", smallSize)
	side := 0.0
	for v := low; v <= high; v += step {
		side = max(side, d.f.GetStringWidth(c.Label(v)))
	}
	side += 4
	p := plot{x: margin + side, y: d.f.GetY() + 1, width: d.width - side - 2, height: chartHeight - nameHeight - 2, low: low, high: high}
	d.f.SetLineWidth(0.15)
	for v := low; v <= high; v += step {
		d.draw(gray.tint(75))
		if v == 0 {
			d.draw(gray)
		}
		d.f.Line(p.x, p.at(v), p.x+p.width, p.at(v))
		d.text(gray)
		d.put(margin, p.at(v)-2, side, 4, c.Label(v), "R")
	}
	for i, s := range c.Series {
		if c.Bars {
			d.bars(p, s.Values, i, len(c.Series))
		} else {
			d.area(p, s.Values)
		}
	}
	d.names(p, c)
	d.f.SetXY(margin, p.y+p.height+nameHeight+2)
}

// scale is from where to where a chart goes, and how far its lines are apart: a round number.
func scale(series []Series) (low, high, step int64) {
	for _, s := range series {
		for _, v := range s.Values {
			low, high = min(low, v), max(high, v)
		}
	}
	step = 100
	for factors := []int64{2, 5, 10}; high-low > 5*step; factors = append(factors[1:], factors[0]*10) {
		step = factors[0] * 100
	}
	low, high = -roundUp(-low, step), roundUp(high, step)
	if low == high {
		high = step
	}
	return low, high, step
}

// roundUp is the least multiple of a step that is no less than a number that is not negative.
func roundUp(n, step int64) int64 { return (n + step - 1) / step * step }

// seriesColor tells series apart, in print without colors too.
func (d *Document) seriesColor(i int) color {
	if i == 0 {
		return d.color
	}
	return d.color.tint(60)
}

func (d *Document) legend(series []Series) {
	x, y := margin, d.f.GetY()
	d.font("", smallSize)
	d.text(gray)
	for i, s := range series {
		d.fill(d.seriesColor(i))
		d.f.Rect(x+1, y+0.7, 2.6, 2.6, "F")
		width := d.f.GetStringWidth(s.Name) + 4
		d.put(x+4, y, width, 4, s.Name, "L")
		x += width + 8
	}
	d.f.SetXY(margin, y+4.6)
}

func (d *Document) area(p plot, values []int64) {
	x := func(i int) float64 { return p.x + p.width*float64(i)/float64(max(1, len(values)-1)) }
	if len(values) == 1 {
		values = []int64{values[0], values[0]}
	}
	points := make([]fpdf.PointType, 0, len(values)+2)
	points = append(points, fpdf.PointType{X: x(0), Y: p.at(0)})
	for i, v := range values {
		points = append(points, fpdf.PointType{X: x(i), Y: p.at(v)})
	}
	points = append(points, fpdf.PointType{X: x(len(values) - 1), Y: p.at(0)})
	d.fill(d.color.tint(85))
	d.f.Polygon(points, "F")
	d.draw(d.color)
	d.f.SetLineWidth(0.4)
	d.f.SetLineJoinStyle("round")
	d.f.MoveTo(points[1].X, points[1].Y)
	for _, at := range points[2 : len(points)-1] {
		d.f.LineTo(at.X, at.Y)
	}
	d.f.DrawPath("D")
}

// bars draws one series of several.
func (d *Document) bars(p plot, values []int64, nth, of int) {
	group := p.width / float64(len(values))
	bar := min(group*0.7/float64(of), 7)
	d.fill(d.seriesColor(nth))
	for i, v := range values {
		x := p.x + group*(float64(i)+0.5) + bar*(float64(nth)-float64(of)/2)
		d.f.Rect(x, min(p.at(0), p.at(v)), bar, max(p.at(0), p.at(v))-min(p.at(0), p.at(v)), "F")
	}
}

// names writes names below a chart, at equal distances: below a line the last one too.
func (d *Document) names(p plot, c Chart) {
	d.font("", smallSize)
	d.text(gray)
	n, widest := len(c.Names), 0.0
	for _, name := range c.Names {
		widest = max(widest, d.f.GetStringWidth(clean(name))+2.1)
	}
	distance, first, apart := p.width/float64(max(1, n-1)), 0.0, widest*1.5+nameGap // beside the first and last, which are not centered
	if c.Bars {
		distance, apart = p.width/float64(n), widest+nameGap
		first = distance / 2
	}
	stride := max(1, int(math.Ceil(apart/distance)))
	for i, name := range c.Names {
		last := i == n-1 && !c.Bars
		if !last && (i%stride != 0 || (!c.Bars && n-1-i < stride)) {
			continue
		}
		x, align := p.x+first+distance*float64(i)-widest/2, "C"
		switch {
		case c.Bars:
		case i == 0:
			x, align = p.x-1, "L"
		case last:
			x, align = p.x+p.width-widest+1, "R"
		}
		d.put(x, p.y+p.height+0.8, widest, nameHeight, clean(name), align)
	}
	d.text(ink)
}
