package reader

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/needs"
)

// tree writes an element as NAME=text or NAME(children).
func tree(e Element) string {
	var parts []string
	for c := range e.Children() {
		parts = append(parts, tree(c))
	}
	inner := strings.Join(parts, " ")
	switch {
	case e.Name() == "":
		return inner
	case len(parts) > 0:
		return e.Name() + "(" + inner + ")"
	case e.Text() != "":
		return e.Name() + "=" + e.Text()
	}
	return e.Name()
}

func read(t testing.TB, text string) *Document {
	t.Helper()
	doc, err := Read([]byte(text))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return doc
}

func TestTree(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"closed":                  {"<OFX><A><B>1</B><C>x y</C></A></OFX>", "OFX(A(B=1 C=x y))"},
		"unclosed leaves":         {"<OFX><A><B>1<C>x y\r\n<D>2</A></OFX>", "OFX(A(B=1 C=x y D=2))"},
		"half closed":             {"<OFX><A><B>1<C>2</C><D>3</A><E>4</E></OFX>", "OFX(A(B=1 C=2 D=3) E=4)"},
		"small letters":           {"<ofx><Code>0</cOdE></OFX>", "OFX(CODE=0)"},
		"empty tags":              {"<OFX><A></A><B/><C>1</OFX>", "OFX(A B C=1)"},
		"empty leaf, no end tag":  {"<OFX><CORE><URL>\n<SEC>NONE<X>1</CORE><Y>2</OFX>", "OFX(CORE(URL SEC=NONE X=1) Y=2)"},
		"two empty leaves":        {"<OFX><CORE><URL><SEC><X>1<Z><W>2</W></Z></CORE></OFX>", "OFX(CORE(URL SEC X=1 Z(W=2)))"},
		"list without end":        {"<STMTRS><BANKTRANLIST><STMTTRN><A>1</STMTTRN><LEDGERBAL><B>2</LEDGERBAL></STMTRS>", "STMTRS(BANKTRANLIST STMTTRN(A=1) LEDGERBAL(B=2))"},
		"records without end":     {"<L><STMTTRN><A>1<STMTTRN><A>2</L>", "L(STMTTRN(A=1) STMTTRN(A=2))"},
		"statement without end":   {"<STMTTRNRS><STMTRS><C>1</STMTTRNRS><X>1", "STMTTRNRS(STMTRS(C=1)) X=1"},
		"stray end tags":          {"<OFX></B><A>1</C></A></OFX></OFX>", "OFX(A=1)"},
		"text in a record":        {"<STMTTRN>noise<A>1</STMTTRN>", "STMTTRN(A=1)"},
		"text behind children":    {"<X><A>1</A>noise<B>2</X>", "X(A=1 B=2)"},
		"entities":                {"<A>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&nbsp;&#8364;.", "A=<>&\"'AB\u00a0€."},
		"numbers of Windows-1252": {"<A>&#146;&#x80;", "A=’€"},
		"no entities":             {"<A>AT&T &co; &; &#; &#x; &#99999999999; &toolongtobeone;", "A=AT&T &co; &; &#; &#x; &#99999999999; &toolongtobeone;"},
		"controls are dropped":    {"<A>a\x00b\x07c&#0;&#1;d", "A=abcd"},
		"decoded once":            {"<A>&amp;lt;", "A=&lt;"},
		"CDATA":                   {"<A><![CDATA[x <B> & &amp; y]]></A><C>1", "A=x <B> & &amp; y C=1"},
		"CDATA in text":           {"<A>1<![CDATA[2]]>3", "A=123"},
		"CDATA without end":       {"<A>x<![CDATA[y<B>1", "A=x<![CDATA[y B=1"},
		"comments":                {"<!-- <X>1 --><A>1<!-- one --><B>2 <!--two-->", "A=1 B=2"},
		"comment without end":     {"<A>1<!-- <B>2", "A=1<!-- B=2"},
		"instructions":            {"<?xml version='1.0'?><A>1<?php echo ?><B>2", "A=1 B=2"},
		"document type":           {"<!DOCTYPE OFX [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><A>&a;&c;", "A=&a;&c;"},
		"document type, plain":    {"<!DOCTYPE OFX SYSTEM 'x.dtd'><A>1", "A=1"},
		"attributes":              {`<OFX xmlns="http://x/>y" a='>'><A b=c>1</A d="e"><B f/><C>2`, "OFX(A=1 B C=2)"},
		"attribute without quote": {`<A b="c>1<B>2`, "A=1 B=2"},
		"namespace":               {"<ofx:OFX><ofx:A>1</ofx:A></ofx:OFX>", "OFX(A=1)"},
		"less-than in text":       {"<A>1 < 2 <3 <<B>x", "A=1 < 2 <3 < B=x"},
		"names with points":       {"<INTU.BID>3<START.TIME>4<A_B-C>5", "INTU.BID=3 START.TIME=4 A_B-C=5"},
		"line breaks in a value":  {"<A>One\n   two  three\r\n\r\nfour<B>  five  ", "A=One two  three four B=five"},
		"nothing":                 {"", ""},
		"text alone":              {"hello", ""},
		"cut tag":                 {"<A>1<B", "A=1<B"},
	} {
		if got := tree(read(t, c.text).Root()); got != c.want {
			t.Errorf("%s: %q\n got  %s\n want %s", name, c.text, got, c.want)
		}
	}
}

func TestLinesAndProblems(t *testing.T) {
	doc := read(t, "A:1\r\n<OFX>\r\n<X><Y>1\r\n<Z>2</Z></X>\r\n<W>\r\n\r\n3</W>\r\n<STMTTRN><A>1\r\n")
	lines := map[string]int{}
	var walk func(Element)
	walk = func(e Element) {
		lines[e.Name()] = e.Line()
		for c := range e.Children() {
			walk(c)
		}
	}
	walk(doc.Root())
	for name, want := range map[string]int{"OFX": 2, "X": 3, "Y": 3, "Z": 4, "W": 5, "STMTTRN": 8, "A": 8} {
		if lines[name] != want {
			t.Errorf("%s on line %d, want %d", name, lines[name], want)
		}
	}
	if len(doc.Problems) != 1 || doc.Problems[0].Element != "STMTTRN" || !strings.HasPrefix(doc.Problems[0].Error(), "line 9: STMTTRN: expected ") {
		t.Errorf("problems of a cut file: %v", doc.Problems)
	}
	if got := read(t, "<OFX>\r<A>1\r<B>2</OFX>").Root().Child("OFX").Child("B").Line(); got != 3 {
		t.Errorf("line %d in a file with carriage returns alone", got)
	}
	var none Element
	if none.OK() || none.Name() != "" || none.Text() != "" || none.Child("A").Child("B").Value("C") != "" || !none.Empty() || none.Line() != 0 {
		t.Error("an absent element is not empty")
	}
	if doc.Root().Child("OFX").Empty() || !read(t, "<A></A>").Root().Child("A").Empty() {
		t.Error("Empty is wrong")
	}
}

func TestLimits(t *testing.T) {
	if _, err := Read([]byte(strings.Repeat("<A>", MaxDepth))); err != nil {
		t.Errorf("at the limit of depth: %v", err)
	}
	for name, c := range map[string]struct {
		text string
		want Problem
	}{
		"depth":    {"\n" + strings.Repeat("<A>", MaxDepth+1), Problem{2, "A", "at most 64 elements inside each other"}},
		"elements": {strings.Repeat("<A>1\n", MaxElements+1), Problem{MaxElements + 1, "A", "at most 3000000 elements"}},
		"bytes":    {strings.Repeat(" ", MaxBytes+1), Problem{0, "", "a file of at most 64 MiB"}},
	} {
		_, err := Read([]byte(c.text))
		var got Problem
		if !errors.As(err, &got) || got != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestHostile reads files that make a careless reader slow: each is as long as can be and must be read at once.
func TestHostile(t *testing.T) {
	for _, piece := range []string{"<!--", "<![CDATA[", "<![", "<!", "<?", "<", "<A ", "<A '", "</A", "&", "&#", "<A \"<A '", "<MEMO>x<", "]]>", "<STMTTRN>", "</X>"} {
		text := strings.Repeat(piece, 4<<20/len(piece))
		began := time.Now()
		_, err := Read([]byte(text + ">"))
		if took := time.Since(began); took > 5*time.Second { // a square of 4 MB takes hours
			t.Errorf("%q: %s", piece, took)
		}
		if err != nil && piece != "<STMTTRN>" && !strings.Contains(err.Error(), "at most") {
			t.Errorf("%q: %v", piece, err)
		}
	}
}

var headerLines = []string{
	"OFXHEADER:100", "DATA:OFXSGML", "VERSION:102", "SECURITY:NONE", "ENCODING:USASCII", "CHARSET:1252", "COMPRESSION:NONE",
	"OLDFILEUID:NONE", "NEWFILEUID:a0b1-VERSION9",
}

func TestHeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.Permutation(headerLines).Draw(t, "order")
		lines = lines[:rapid.IntRange(0, len(lines)).Draw(t, "lines")]
		between := rapid.SampledFrom([]string{"\n", "\r\n", "\r", "", "\n   "}).Draw(t, "between")
		before := rapid.SampledFrom([]string{"", "\n\n", "\ufeff"}).Draw(t, "before")
		doc, err := Read([]byte(before + strings.Join(lines, between) + "<OFX><A>1</OFX>"))
		if err != nil {
			t.Fatal(err)
		}
		if len(doc.Header) != len(lines) || tree(doc.Root()) != "OFX(A=1)" {
			t.Fatalf("header %v, tree %s", doc.Header, tree(doc.Root()))
		}
		for _, line := range lines {
			if key, value, _ := strings.Cut(line, ":"); doc.Header[key] != value {
				t.Fatalf("%s is %q, want %q", key, doc.Header[key], value)
			}
		}
	})
	for text, want := range map[string]string{
		`<?xml version="1.0"?><?OFX OFXHEADER="200" VERSION="211" SECURITY='NONE'?><OFX>`: "map[OFXHEADER:200 SECURITY:NONE VERSION:211]",
		`<?OFX VERSION = "203"><OFX><?OFX`:                                                "map[VERSION:203]",
		`<?OFX VERSION="203?><OFX>`:                                                       "map[]",
		"<OFX><VERSION>102<MEMO>VERSION:103":                                              "map[]",
		"version: 102 \n<OFX>":                                                            "map[VERSION:102]",
	} {
		if got := fmt.Sprint(read(t, text).Header); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestEncodings(t *testing.T) {
	utf16 := func(little bool, s string) string {
		var b []byte
		for _, r := range s { // of the basic plane
			if pair := []byte{byte(r), byte(r >> 8)}; little {
				b = append(b, pair...)
			} else {
				b = append(b, pair[1], pair[0])
			}
		}
		return string(b)
	}
	const text = "<OFX><A>Café €5</OFX>"
	for name, c := range map[string]struct{ text, want string }{
		"UTF-8":                      {text, "Café €5"},
		"UTF-8 with a mark":          {"\xef\xbb\xbf" + text, "Café €5"},
		"UTF-8 under another name":   {"CHARSET:1252\n" + text, "Café €5"},
		"UTF-16LE":                   {"\xff\xfe" + utf16(true, text), "Café €5"},
		"UTF-16BE":                   {"\xfe\xff" + utf16(false, text), "Café €5"},
		"UTF-16LE without a mark":    {utf16(true, text), "Café €5"},
		"UTF-16BE without a mark":    {utf16(false, text), "Café €5"},
		"Windows-1252":               {"<OFX><A>Caf\xe9 \x805</OFX>", "Café €5"},
		"ASCII that says UTF-16":     {`<?xml version="1.0" encoding="utf-16"?><OFX><A>Cafe</OFX>`, "Cafe"},
		"a letter cut in two":        {"ENCODING:UTF-8\n<OFX><A>Caf\xc3<B>1</OFX>", "Caf\ufffd"},
		"cut, and not said to be so": {"<OFX><A>Café Caf\xc3<B>1</OFX>", "Café CafÃ"},
		"no character":               {"<OFX><A>a\x81b</OFX>", "a\ufffdb"},
		"a pair":                     {"\xff\xfe<\x00A\x00>\x00\x3d\xd8\x00\xde", "😀"},
		"half a pair":                {"\xff\xfe<\x00A\x00>\x00\x3d\xd8x\x00", "\ufffdx"},
		"half a unit":                {"\xff\xfe<\x00A\x00>\x00x\x00y", "x"},
	} {
		root := read(t, c.text).Root()
		a := root.Child("OFX").Child("A")
		if !a.OK() {
			a = root.Child("A")
		}
		if a.Text() != c.want {
			t.Errorf("%s: %q, want %q", name, a.Text(), c.want)
		}
	}
}

// made is a tree to be written in both syntaxes. A leaf of SGML without its end tag needs a text.
type made struct {
	name string
	text string
	kids []made
}

var names = rapid.SampledFrom([]string{"STMTTRN", "NAME", "MEMO", "INTU.X", "LEDGERBAL", "BALAMT", "FOO", "SECID", "A"})

// draw makes a tree in which no record is inside one of its own name.
func draw(t *rapid.T, depth int, above []string) made {
	m := made{name: names.Filter(func(n string) bool { return !slices.Contains(above, n) }).Draw(t, "name")}
	if depth > 0 {
		above = append(slices.Clone(above), m.name)
		for range rapid.IntRange(0, 4).Draw(t, "kids") {
			m.kids = append(m.kids, draw(t, depth-1, above))
		}
	}
	if len(m.kids) == 0 && !isRecord([]byte(m.name)) {
		m.text = rapid.StringMatching(`[A-Za-z0-9&<>'".,é€ ]{0,8}[A-Za-z0-9;]`).Draw(t, "text")
	}
	return m
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func (m made) write(xml bool, between string) string {
	begin, end := "<"+m.name+">", "</"+m.name+">"
	if len(m.kids) == 0 && m.text != "" {
		if !xml {
			end = ""
		}
		return begin + escapes.Replace(m.text) + end + between
	}
	var b strings.Builder
	b.WriteString(begin + between)
	for _, k := range m.kids {
		b.WriteString(k.write(xml, between))
	}
	return b.String() + end + between
}

func TestBothSyntaxesAreOneTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := made{name: "OFX", kids: []made{draw(t, 3, []string{"OFX"}), draw(t, 3, []string{"OFX"})}}
		between := rapid.SampledFrom([]string{"", "\n", "\r\n", "\r", "\n\t "}).Draw(t, "between")
		xml, err := Read([]byte(m.write(true, "")))
		if err != nil {
			t.Fatal(err)
		}
		sgml, err := Read([]byte(m.write(false, between)))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := tree(xml.Root()), tree(sgml.Root()); a != b {
			t.Fatalf("XML  %s\nSGML %s\nof   %s", a, b, m.write(false, between))
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "<OFX>", "OFXHEADER:100\n<OFX><A>1<B>2</OFX>", "<A/><![CDATA[x]]><!-- --><?x?><!DOCTYPE [<a>]>&#x80;", "\xff\xfe<\x00A\x00",
		"<A b='>'>x\n y&amp;</A>", "<STMTTRN><STMTTRN></X>",
	} {
		f.Add([]byte(seed))
	}
	fixtures(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		before := string(content)
		doc, err := Read(content)
		if string(content) != before {
			t.Fatal("the reader wrote into the content")
		}
		if err != nil {
			return
		}
		lines := strings.Count(before, "\n") + strings.Count(before, "\r") + 1
		seen := 0
		var walk func(Element, int)
		walk = func(e Element, depth int) {
			for c := range e.Children() {
				seen++
				if c.Name() == "" || c.Line() < 1 || c.Line() > lines || depth > MaxDepth {
					t.Fatalf("element %q on line %d of %d at depth %d", c.Name(), c.Line(), lines, depth)
				}
				if text := c.Text(); strings.ContainsRune(text, 0) || text != strings.ToValidUTF8(text, "") {
					t.Fatalf("text %q", text)
				}
				walk(c, depth+1)
			}
		}
		walk(doc.Root(), 1)
		if seen != len(doc.nodes)-1 {
			t.Fatalf("%d elements in the tree of %d", seen, len(doc.nodes)-1)
		}
	})
}

// fixtures adds the real files, where they are.
func fixtures(f *testing.F) {
	base := filepath.Join(needs.Root(f), "..", "shared", "fixtures")
	_ = filepath.WalkDir(base, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.Contains(path, "ofx") {
			if content, err := os.ReadFile(path); err == nil {
				f.Add(content)
			}
		}
		return nil // without the fixtures there are the seeds above
	})
}
