package imports

import (
	"errors"
	"strings"
	"testing"

	"weft/internal/plaid"
)

func TestForeignFiles(t *testing.T) {
	for content, want := range map[string]string{
		"%PDF-1.7\n...":                               "a PDF",
		"<!DOCTYPE html><html>":                       "a web page",
		"\n  <HTML><head>":                            "a web page",
		"PK\x03\x04....":                              "an archive or a spreadsheet",
		"\x1f\x8b\x08....":                            "an archive",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":            "a spreadsheet",
		"\x89PNG\x0d\x0a\x1a\x0a....":                 "a picture",
		"!Type:Bank\nD1/1/2026\nT-5\n^\n":             "a QIF file",
		"\xef\xbb\xbf!Account\nNChecking":             "a QIF file",
		"Date,Amount,Text\n2026-01-01,5,Coffee\n":     "a table (CSV)",
		"Datum;Betrag;Text\n":                         "a table (CSV)",
		"Date\tAmount\tText\n":                        "a table (CSV)",
		"OFXHEADER:100\nDATA:OFXSGML\nA,B,C\n":        "",
		"OFXHEADER:100 <OFX><STMTRS><NAME>A, B, C, D": "",
		"<?xml version=\"1.0\"?><OFX></OFX>":          "",
		"hello":                                       "",
		"":                                            "",
	} {
		if got := foreign([]byte(content)); got != want {
			t.Errorf("%q is %q, want %q", content, got, want)
		}
	}
}

// Only that a file cannot be read is explained, not what a bank says in one.
func TestExplained(t *testing.T) {
	other, plain := errors.New("other"), plaid.InvalidField("file", "is none")
	for _, c := range []struct {
		err           error
		content, want string
	}{
		{plain, "%PDF-1.7", "the file is no OFX statement but a PDF: of the formats"},
		{plain, " \n", "the file is empty"},
		{plain, "hello", "file is none"},
		{plaid.Err("NO_ACCOUNTS"), "%PDF-1.7", plaid.Err("NO_ACCOUNTS").Message},
		{other, "%PDF-1.7", "other"},
	} {
		if got := explained(c.err, []byte(c.content)); !strings.Contains(got.Error(), c.want) {
			t.Errorf("%v of %q is explained by %v, want %s", c.err, c.content, got, c.want)
		}
	}
}

func TestInstitutionName(t *testing.T) {
	for text, want := range map[string]string{
		"Oak Bank": "Oak Bank", "  Oak\u00a0Bank \n": "Oak\u00a0Bank", "Ö": "Ö", strings.Repeat("ö", 100): strings.Repeat("ö", 100),
	} {
		if got, err := InstitutionName(text); got != want || err != nil {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"": "institution must not be empty", " \t\n": "institution must not be empty", "Oak\nBank": "without control characters",
		"Oak\x00": "without control characters", "Oak\x7f": "without control characters", "Oak\u0085Bank": "without control characters", "Oak\xff": "without control characters",
		strings.Repeat("x", 101): "at most 100 characters",
	} {
		var pe *plaid.Error
		if got, err := InstitutionName(text); got != "" || !errors.As(err, &pe) || pe.Code != "INVALID_FIELD" || !strings.Contains(pe.Message, want) {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}
