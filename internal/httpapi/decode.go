package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"weft/internal/plaid"
)

// Limits of a request's body.
const (
	maxBody  = 1 << 20
	maxDepth = 32
)

// fieldSet is a request type's top-level fields, found once for each route.
type fieldSet struct {
	index    map[string]int  // JSON name -> field
	required []requiredField // in the order of the struct, which is the order in which missing ones are listed
}

// requiredField is a field that a request must have, in versions from since on. Nullable: null is a value of it.
type requiredField struct {
	name     string
	index    int
	since    Version
	nullable bool
}

// member is what a body has of a field.
type member uint8

const (
	absent member = iota
	null
	given
)

// fieldsOf reads a request struct: each exported field has a json tag, required ones the tag weft:"required", or
// weft:"required 2020-09-14" for those that older versions may leave out, weft:"nullable" for those that may be null.
func fieldsOf(t reflect.Type) fieldSet {
	set := fieldSet{index: map[string]int{}}
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("httpapi: request type %s is not a struct", t))
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || !f.IsExported() {
			panic(fmt.Sprintf("httpapi: field %s of %s has no json name", f.Name, t))
		}
		set.index[name] = i
		if rule, since, _ := strings.Cut(f.Tag.Get("weft"), " "); rule == "required" || rule == "nullable" {
			set.required = append(set.required, requiredField{name, i, Version(since), rule == "nullable"})
		}
	}
	return set
}

// decode reads a body into the request that target points to, and the credentials into the call. Unknown and missing
// fields are collected, so that one answer names them all.
func (set fieldSet) decode(body []byte, target reflect.Value, call *Call, token string) error {
	if err := precheck(body); err != nil {
		return err
	}
	d := newDecoder(body)
	defer d.free(body)
	start, err := d.ReadToken()
	if err != nil {
		return bodyError(err)
	}
	var few [32]member // most requests have fewer fields; the last is the token's
	seen := few[:]
	if len(set.index) >= len(few) {
		seen = make([]member, len(set.index)+1)
	}
	var unknown []string
	switch start.Kind() {
	case '{':
		if unknown, err = set.members(&d.Decoder, target, call, token, seen); err != nil {
			return err
		}
	case 'n': // some clients send null for a request without fields
	default:
		return plaid.Errf("INVALID_BODY", "body must be a JSON object")
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return plaid.Errf("INVALID_BODY", "body must be one JSON object with nothing after it")
	}
	return set.complete(seen, unknown, call, token)
}

// decoder is a decoder of one body after the other.
type decoder struct {
	jsontext.Decoder
	body bytes.Buffer
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// mostPooled is the largest body whose decoder is used again: one holds its last body until then.
const mostPooled = 16 << 10

func newDecoder(body []byte) *decoder {
	d := decoders.Get().(*decoder)
	d.body = *bytes.NewBuffer(body)
	d.Reset(&d.body)
	return d
}

func (d *decoder) free(body []byte) {
	if len(body) <= mostPooled {
		decoders.Put(d)
	}
}

// members reads the members of the top-level object.
func (set fieldSet) members(dec *jsontext.Decoder, target reflect.Value, call *Call, token string, seen []member) (unknown []string, err error) {
	for dec.PeekKind() != '}' {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil, bodyError(err)
		}
		name, has := tok.String(), given
		if dec.PeekKind() == 'n' {
			has = null
		}
		if name == token {
			seen[len(seen)-1] = has
		}
		if i, ok := set.index[name]; ok {
			seen[i] = has
			err = json.UnmarshalDecode(dec, target.Field(i).Addr().Interface(), json.RejectUnknownMembers(true))
		} else if into := call.credentialField(name, token); into != nil {
			err = override(dec, into)
		} else {
			unknown = append(unknown, name)
			err = dec.SkipValue()
		}
		if err != nil {
			return nil, bodyError(err)
		}
	}
	if _, err := dec.ReadToken(); err != nil { // the closing brace
		return nil, bodyError(err)
	}
	return unknown, nil
}

// credentialField is where a member that every request may have goes.
func (c *Call) credentialField(name string, token string) *string {
	switch {
	case name == "client_id":
		return &c.ClientID
	case name == "secret":
		return &c.Secret
	case token != "" && name == token:
		return &c.AccessToken
	}
	return nil
}

// override reads a string that keeps its value, which is the header's, where the body gives null.
func override(dec *jsontext.Decoder, s *string) error {
	switch dec.PeekKind() {
	case 'n':
		return dec.SkipValue()
	case '"':
		tok, err := dec.ReadToken()
		if err == nil {
			*s = tok.String()
		}
		return err
	}
	return json.UnmarshalDecode(dec, s)
}

// complete refuses unknown and missing fields.
func (set fieldSet) complete(seen []member, unknown []string, call *Call, token string) error {
	if len(unknown) > 0 {
		return plaid.UnknownFields(unknown...)
	}
	var missing []string
	if token != "" && call.AccessToken == "" && call.granted == nil {
		if seen[len(seen)-1] == given {
			return plaid.InvalidField(token, "must be a non-empty string")
		}
		missing = append(missing, token)
	}
	for _, field := range set.required {
		has := seen[field.index]
		if has != given && !(has == null && field.nullable) && !call.Version.Before(field.since) {
			missing = append(missing, field.name)
		}
	}
	if len(missing) > 0 {
		return plaid.MissingFields(missing...)
	}
	return nil
}

// precheck refuses what no parser should see: too deep, not UTF-8, or with characters that no database keeps.
func precheck(body []byte) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return plaid.Errf("INVALID_BODY", "body must be a JSON object; it is empty")
	}
	if !utf8.Valid(body) {
		return plaid.Errf("INVALID_BODY", "body is not valid UTF-8")
	}
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case inString && c == '\\':
			if bytes.HasPrefix(body[i:], []byte(`\u0000`)) {
				return plaid.Errf("INVALID_BODY", `body must not contain the character \u0000`)
			}
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return plaid.Errf("INVALID_BODY", "body is nested deeper than %d levels", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// bodyError turns the parser's error into the contract's, naming the field.
func bodyError(err error) error {
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return plaid.InvalidField(fieldPath(syntax.JSONPointer), "is given twice")
		}
		return plaid.Err("INVALID_BODY")
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		field := fieldPath(semantic.JSONPointer)
		if errors.Is(err, json.ErrUnknownName) {
			return plaid.UnknownFields(field)
		}
		if semantic.Err != nil && semantic.JSONKind != 0 && isText(semantic.GoType) && semantic.JSONKind == '"' {
			return plaid.InvalidField(field, "must be "+expected(semantic.GoType)+": "+semantic.Err.Error())
		}
		return plaid.InvalidField(field, "must be "+expected(semantic.GoType))
	}
	return plaid.Err("INVALID_BODY")
}

var (
	dateType    = reflect.TypeFor[plaid.Date]()
	decimalType = reflect.TypeFor[plaid.Decimal]()
)

func isText(t reflect.Type) bool { return t == dateType }

// expected says in words what JSON a Go type is read from.
func expected(t reflect.Type) string {
	if t == nil {
		return "of another type"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == dateType:
		return "a date of the form YYYY-MM-DD"
	case t == decimalType:
		return "a number"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "an integer"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "of another type"
}

// fieldPath writes a JSON pointer as people do: /options/account_ids/1 is options.account_ids[1].
func fieldPath(p jsontext.Pointer) string {
	var b strings.Builder
	for part := range p.Tokens() {
		if _, err := strconv.Atoi(part); err == nil {
			b.WriteString("[" + part + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(part)
	}
	if b.Len() == 0 {
		return "body"
	}
	return b.String()
}
