package pdf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/needs"
)

var about = About{Title: "A report", Subject: "A subject", Head: "A head", Author: "A bank", Made: time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC), Foot: "A foot"}

// sample is a document of some pages.
func sample(t *testing.T, rows int) []byte {
	t.Helper()
	d := New(Style{Letter: true, Color: "0A6E4F"}, about)
	d.Banner("Crédit d'Essai", "Statement", "October 2026")
	d.Address([]string{"Zoë Łukasiewicz-Ångström", "Οδός 1"})
	d.Heading("Summary")
	d.Facts([]Fact{{"Opening balance", "1,000.00"}, {"Closing balance", "−12.50"}}, []Fact{{"Account", "•••• 1234"}})
	d.Heading("Rows")
	t1 := Table{Columns: []Column{{"Date", 20, false}, {"What", 50, false}, {"Amount", 30, true}}, Total: []string{"", "Sum of rows", "77.00"}}
	for i := range rows {
		t1.Rows = append(t1.Rows, []string{"2026-10-01", fmt.Sprintf("Row %d %s", i, strings.Repeat("wide ", i%30)), "1.00"})
	}
	t1.Rows = append(t1.Rows, []string{"", "Cut " + strings.Repeat("here ", 500) + "never", ""})
	d.Table(t1)
	d.Section("A section", "on the right", 60)
	d.Details(3, []Fact{{"A name", "a value"}, {"Nguye\u0302\u0303n", strings.Repeat("Đường Nguyễn Huệ ", 9)}, {"c", "d"}, {"e", "שלום 山"}})
	d.Figures([]Fact{{"Assets", "1,000.00"}, {"Debts", "2.00"}})
	d.Notice("A notice", []string{"of something", strings.Repeat("long ", 90)})
	d.Chart(Chart{Title: "A line", Names: []string{"2026-01-01", "2026-01-02", "2026-01-03"}, Series: []Series{{Values: []int64{100, -250000, 990000}}}, Label: label})
	d.Chart(Chart{Title: "Bars", Bars: true, Names: []string{"2026-01", "2026-02"}, Series: []Series{{"In", []int64{100, 5}}, {"Out", []int64{7, 0}}}, Label: label})
	d.Note("A note.")
	d.Text("The end. " + strings.Repeat("It goes on. ", 40))
	out, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func label(v int64) string { return fmt.Sprintf("%d.%02d", v/100, max(v, -v)%100) }

// text is what a reader of PDF finds in a document.
func text(t *testing.T, content []byte) string {
	t.Helper()
	tool := needs.Program(t, "pdftotext", "poppler-utils (make needs)")
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestSameBytes(t *testing.T) {
	first := sample(t, 90)
	for range 5 {
		if !bytes.Equal(first, sample(t, 90)) {
			t.Fatal("the same document is other bytes")
		}
	}
}

// A reader finds all of it: letters with accents, each page's head and number, the total.
func TestReaders(t *testing.T) {
	got := text(t, sample(t, 90))
	pages := strings.Split(strings.TrimSuffix(got, "\f"), "\f")
	table := true
	for i, page := range pages {
		if !strings.Contains(page, fmt.Sprintf("Page %d of %d", i+1, len(pages))) || (table && !strings.Contains(page, "Amount")) || (i > 0) != strings.Contains(page, "A head") {
			t.Errorf("page %d of %d has no foot, no head or no head of its table:\n%s", i+1, len(pages), page)
		}
		table = table && !strings.Contains(page, "Sum of rows")
	}
	if len(pages) < 4 {
		t.Errorf("%d pages", len(pages))
	}
	for _, want := range []string{"Crédit d'Essai", "Zoë Łukasiewicz-Ångström", "Οδός 1", "−12.50", "•••• 1234", "Row 89", "Sum of rows", "A foot", "A head", "Nguyễn", "…", "on the right",
		"Đường Nguyễn Huệ", "□□□□ □", "A notice", "-5000.00", "10000.00", "2026-01-03", "2026-02", "Out", "A note."} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %q", want)
		}
	}
	if strings.Contains(got, "never") {
		t.Error("a cell has no end")
	}
}

// Whatever the texts are, there is a document.
func TestAnyText(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		words := rapid.SliceOfN(rapid.String(), 1, 4).Draw(rt, "words")
		d := New(Style{Color: rapid.String().Draw(rt, "color")}, About{Title: words[0], Author: words[0], Made: about.Made, Foot: words[0]})
		d.Banner(words[0], words[0], words[0])
		d.Address(words)
		d.Heading(words[0])
		d.Section(words[0], words[0], 60)
		d.Details(2, []Fact{{words[0], words[0]}, {words[0], words[0]}, {words[0], words[0]}})
		d.Figures([]Fact{{words[0], words[0]}})
		d.Notice(words[0], words)
		d.Chart(Chart{Title: words[0], Names: words, Series: []Series{{words[0], rapid.SliceOfN(rapid.Int64Range(-1e17, 1e17), len(words), len(words)).Draw(rt, "values")}},
			Bars: rapid.Bool().Draw(rt, "bars"), Label: label})
		d.Note(words[0])
		d.Text(words[0])
		d.Facts([]Fact{{words[0], words[0]}})
		d.Table(Table{Columns: []Column{{words[0], 10, false}, {"b", 90, true}}, Rows: [][]string{words}, Total: words})
		if out, err := d.Bytes(); err != nil || !bytes.HasPrefix(out, []byte("%PDF-")) {
			rt.Fatalf("%q: %v", words, err)
		}
	})
}

// A chart's scale has nothing and all values on it, in a few round steps.
func TestScale(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(-1e17, 1e17), 1, 9).Draw(rt, "values")
		low, high, step := scale([]Series{{Values: values}})
		if low > min(0, slices.Min(values)) || high < max(0, slices.Max(values)) || low%step != 0 || high%step != 0 || low == high || (high-low)/step > 7 {
			rt.Fatalf("%v: %d to %d by %d", values, low, high, step)
		}
		for step%10 == 0 {
			step /= 10
		}
		if step != 1 && step != 2 && step != 5 {
			rt.Fatalf("%v: a step of %d", values, step)
		}
	})
}

// The outline has headings, and sections below them.
func TestOutline(t *testing.T) {
	tool := needs.Program(t, "pdfinfo", "poppler-utils (make needs)")
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, sample(t, 3), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, file).Output()
	if err != nil || !strings.Contains(string(out), "Subject:         A subject") {
		t.Errorf("%v\n%s", err, out)
	}
	content, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(content, []byte("/Lang (en)")) || bytes.Count(content, []byte("/Dest [")) != 3 || !bytes.Contains(content, []byte("/UseOutlines")) {
		t.Errorf("%v, no outline of 3, or no language", err)
	}
}
