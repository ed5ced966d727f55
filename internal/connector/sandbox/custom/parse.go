package custom

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"weft/internal/plaid"
)

// Error says what is wrong with a configuration, and where.
type Error struct {
	// Path is the place, such as override_accounts[0].holdings[2].quantity; empty for the configuration as a whole.
	Path string
	// Reason is a short clause such as "a number is expected".
	Reason string
}

func (e *Error) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

// Parse reads a configuration and judges all of it. Its error is an [*Error], the first that was found.
func Parse(text []byte) (*Config, error) {
	config := new(Config)
	if err := json.Unmarshal(text, config, json.RejectUnknownMembers(true), json.WithUnmarshalers(scalars())); err != nil {
		if isDocument(text) {
			return nil, &Error{Reason: "this is a document of the Document Income flow, not a user_custom configuration: it has no override_accounts"}
		}
		return nil, explain(err)
	}
	if err := config.validate(); err != nil {
		return nil, err
	}
	config.dropBlanks()
	return config, nil
}

// isDocument recognises the other kind of JSON file that developers have at hand: documents to upload in Link.
func isDocument(text []byte) bool {
	var top map[string]jsontext.Value
	if json.Unmarshal(text, &top) != nil {
		return false
	}
	if _, ok := top["override_accounts"]; ok {
		return false
	}
	for _, name := range []string{"ocr_status", "risk_signals_status", "paystub", "w2", "single_document_risk_signals"} {
		if _, ok := top[name]; ok {
			return true
		}
	}
	return false
}

// explain turns the decoder's errors, which speak of Go types, into ones that speak of the configuration.
func explain(err error) *Error {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return &Error{Path: pathOf(semantic.JSONPointer), Reason: reasonOf(semantic)}
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		reason := fmt.Sprintf("invalid JSON at byte %d: %s", syntactic.ByteOffset, strings.TrimPrefix(syntactic.Err.Error(), "jsontext: "))
		return &Error{Path: pathOf(syntactic.JSONPointer), Reason: reason}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Error{Reason: "invalid JSON: it ends too early"}
	}
	return &Error{Reason: err.Error()}
}

func reasonOf(e *json.SemanticError) string {
	if errors.Is(e.Err, json.ErrUnknownName) {
		return "unknown field"
	}
	if own, ok := errors.AsType[reason](e.Err); ok {
		return string(own)
	}
	if e.GoType == nil {
		return e.Err.Error()
	}
	switch e.GoType.Kind() {
	case reflect.String:
		return "a string is expected"
	case reflect.Bool:
		return "true or false is expected"
	case reflect.Int:
		return "a whole number is expected"
	case reflect.Slice:
		return "a list is expected"
	case reflect.Struct:
		return "an object is expected"
	}
	return "a different kind of value is expected"
}

// pathOf writes a JSON pointer as a.b[0].c. A token of digits is an index: no field of the configuration is called so.
func pathOf(pointer jsontext.Pointer) string {
	var b strings.Builder
	for token := range pointer.Tokens() {
		switch {
		case isIndex(token):
			b.WriteString("[" + token + "]")
		case !isName(token):
			b.WriteString("[" + strconv.Quote(shorten(token)) + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(token)
		}
	}
	return b.String()
}

func isIndex(s string) bool {
	return s != "" && len(s) < 10 && strings.Trim(s, "0123456789") == ""
}

func isName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, r := range s {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}

// shorten keeps messages readable when a value is very long.
func shorten(s string) string {
	const most = 64
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most]) + "…"
}

// reason is an error whose text is meant for the author of the configuration.
type reason string

func (r reason) Error() string { return string(r) }

// scalars reads the values that the decoder alone would read too leniently or would explain badly.
func scalars() *json.Unmarshalers {
	return json.JoinUnmarshalers(
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *plaid.Decimal) error {
			text, err := scalar(d, jsontext.KindNumber, "a number is expected")
			if err != nil {
				return err
			}
			parsed, err := parseDecimal(text)
			*v = parsed
			return err
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *plaid.Date) error {
			text, err := scalar(d, jsontext.KindString, "a date of the form YYYY-MM-DD is expected")
			if err != nil {
				return err
			}
			parsed, err := plaid.ParseDate(text)
			if err != nil {
				return reason("a date of the form YYYY-MM-DD is expected, not " + strconv.Quote(shorten(text)))
			}
			*v = parsed
			return nil
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, v *string) error {
			text, err := scalar(d, jsontext.KindString, "a string is expected")
			*v = text
			return err
		}),
	)
}

// scalar reads one value of one kind as text.
func scalar(d *jsontext.Decoder, kind jsontext.Kind, otherwise reason) (string, error) {
	if k := d.PeekKind(); k != kind && k != jsontext.KindInvalid {
		return "", otherwise
	}
	token, err := d.ReadToken()
	if err != nil {
		return "", err
	}
	text := token.String()
	if strings.ContainsRune(text, 0) {
		return "", reason("must not contain a NUL character")
	}
	return text, nil
}

func parseDecimal(text string) (plaid.Decimal, error) {
	d, err := plaid.ParseDecimal(text)
	if err != nil {
		return plaid.Decimal{}, reason(err.Error())
	}
	return d, nil
}
