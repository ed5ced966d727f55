package imports

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"weft/internal/plaid"
)

// explained is the error for a file that no connector could read, in words for people who took another file for a
// statement where it is one.
func explained(err error, content []byte) error {
	var pe *plaid.Error
	if !errors.As(err, &pe) || pe.Code != "INVALID_FIELD" {
		return err
	}
	if len(bytes.TrimSpace(content)) == 0 {
		return plaid.Errf("INVALID_FIELD", "the file is empty: its download may not have come to its end")
	}
	if what := foreign(content); what != "" {
		return plaid.Errf("INVALID_FIELD", "the file is no OFX statement but %s: of the formats that the bank offers for download, take OFX, QFX (Quicken) or QBO (QuickBooks)", what)
	}
	return err
}

// foreign says what a file is that people bring in place of a statement, empty where that cannot be told.
func foreign(content []byte) string {
	text := bytes.TrimSpace(bytes.TrimPrefix(content[:min(len(content), 4<<10)], []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(text, []byte("!Type:")) || bytes.HasPrefix(text, []byte("!Account")) || bytes.HasPrefix(text, []byte("!Option:")) {
		return "a QIF file"
	}
	switch kind, _, _ := strings.Cut(http.DetectContentType(content), ";"); kind {
	case "application/pdf":
		return "a PDF"
	case "text/html":
		return "a web page"
	case "application/zip":
		return "an archive or a spreadsheet"
	case "application/x-gzip", "application/x-rar-compressed":
		return "an archive"
	case "text/plain":
		if isTable(text) {
			return "a table (CSV)"
		}
	default:
		if strings.HasPrefix(kind, "image/") {
			return "a picture"
		}
		if bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0")) { // what Excel wrote until 2003
			return "a spreadsheet"
		}
	}
	return ""
}

// isTable reports whether the first line of a text is divided as a table's is.
func isTable(text []byte) bool {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.ContainsAny(first, "<>") {
		return false
	}
	for _, separator := range []string{",", ";", "\t"} {
		if bytes.Count(first, []byte(separator)) > 1 {
			return true
		}
	}
	return false
}
