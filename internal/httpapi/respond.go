package httpapi

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"weft/internal/plaid"
)

// encode makes a response's body, in pieces, with its request_id as the last member, in the shape of the call's version.
func encode(result any, call *Call) ([][]byte, error) {
	var pieces [][]byte
	separator := `,"request_id":"`
	switch r := result.(type) {
	case File:
		call.file = &r
		return [][]byte{r.Content}, nil
	case Raw:
		pieces = append(make([][]byte, 0, len(r)+1), r...)
	default:
		object, err := plaid.JSON(result)
		if err != nil {
			return nil, fmt.Errorf("encode response: %w", err)
		}
		object = bytes.TrimSuffix(object, []byte("}"))
		if len(object) == 1 {
			separator = separator[1:] // the object is empty
		}
		pieces = [][]byte{object}
	}
	pieces = append(pieces, []byte(separator+call.RequestID+`"}`))
	return call.Version.shape(pieces), nil
}

// errorBody is the contract's error, in the order in which it is published.
type errorBody struct {
	Causes           []plaid.ItemCause `json:"causes,omitempty"`
	DisplayMessage   *string           `json:"display_message"`
	DocumentationURL string            `json:"documentation_url"`
	ErrorCode        plaid.Code        `json:"error_code"`
	ErrorCodeReason  *string           `json:"error_code_reason,omitempty"`
	ErrorMessage     string            `json:"error_message"`
	ErrorType        string            `json:"error_type"`
	RequestID        string            `json:"request_id"`
	SuggestedAction  *string           `json:"suggested_action"`
}

func encodeError(e *plaid.Error, requestID, baseURL string) []byte {
	body := errorBody{
		Causes: e.Causes, DisplayMessage: nonEmpty(e.Display), DocumentationURL: ErrorURL(baseURL, e.Code), ErrorCode: e.Code,
		ErrorCodeReason: nonEmpty(e.Reason), ErrorMessage: e.Message, ErrorType: e.Type, RequestID: requestID,
		SuggestedAction: nonEmpty(e.Action),
	}
	encoded, err := plaid.JSON(body)
	if err != nil {
		panic(err) // a struct of strings cannot fail to encode
	}
	return encoded
}

// ErrorURL is where a code is explained.
func ErrorURL(baseURL string, code plaid.Code) string {
	return baseURL + "/weft/errors/" + string(code)
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// gzipFrom is the size from which compression is worth its time.
const gzipFrom = 1400

var gzipWriters = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant of the package
	}
	return w
}}

func write(w http.ResponseWriter, r *http.Request, call *Call, status int, body [][]byte) {
	h := w.Header()
	h["Content-Type"] = jsonType
	h["Plaid-Request-Id"] = []string{call.RequestID} // as http.Header writes it
	h["Cache-Control"], h["X-Content-Type-Options"], h["Vary"] = noStore, noSniff, varyEncoding
	if f := call.file; f != nil { // its bytes are what the client checks, so they are sent as they are
		h["Content-Type"] = []string{f.Type}
		for name, value := range f.Header {
			h.Set(name, value)
		}
	}
	size := sizeOf(body)
	if call.file == nil && size >= gzipFrom && AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		body = [][]byte{compress(body)}
		size = len(body[0])
		h.Set("Content-Encoding", "gzip")
	}
	h["Content-Length"] = []string{strconv.Itoa(size)}
	w.WriteHeader(status)
	if len(body) > 1 && size <= joinUpTo {
		whole := joined.Get().(*[]byte)
		defer joined.Put(whole)
		*whole = (*whole)[:0]
		for _, piece := range body {
			*whole = append(*whole, piece...)
		}
		body = [][]byte{*whole}
	}
	for _, piece := range body {
		if _, err := w.Write(piece); err != nil {
			return // the client has gone; there is no one left to tell
		}
	}
}

// joinUpTo is the size up to which an answer is written as one piece: to copy it costs less than the calls to the operating system
// by which net/http would send small and large pieces in turn.
const joinUpTo = 64 << 10

var joined = sync.Pool{New: func() any { return new([]byte) }}

// Header values that every answer has; the server only reads them.
var (
	jsonType     = []string{"application/json; charset=utf-8"}
	noStore      = []string{"no-store"}
	noSniff      = []string{"nosniff"}
	varyEncoding = []string{"Accept-Encoding"}
)

func sizeOf(body [][]byte) int {
	n := 0
	for _, piece := range body {
		n += len(piece)
	}
	return n
}

func compress(body [][]byte) []byte {
	var buf bytes.Buffer
	buf.Grow(sizeOf(body) / 4)
	zw := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(zw)
	zw.Reset(&buf)
	for _, piece := range body {
		_, _ = zw.Write(piece) // writing to memory cannot fail
	}
	_ = zw.Close()
	return buf.Bytes()
}

// AcceptsGzip reads Accept-Encoding: gzip must be named, and not with the quality 0.
func AcceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q=")
			return !ok || strings.Trim(q, "0.") != ""
		}
	}
	return false
}

// printable cuts what is not worth echoing.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, s)
	n := min(len(s), 100)
	for n < len(s) && !utf8.RuneStart(s[n]) { // not in the middle of a letter
		n--
	}
	return s[:n]
}
