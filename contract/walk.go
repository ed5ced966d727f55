package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// walker finds what the library lets pass, because every schema of the file allows additional properties: members that are
// not declared. It also looks for null and for missing members by itself, so that neither depends on the library alone.
type walker struct{ found []Violation }

func (w *walker) add(path, kind, reason string) {
	w.found = append(w.found, Violation{path, kind, reason})
}

// walk holds a value against schemas that all apply to it.
func (w *walker) walk(path string, schemas []*openapi3.Schema, value any) {
	switch value := value.(type) {
	case nil:
		for _, s := range schemas {
			if !permitsNull(s) {
				w.add(path, Null, "is not nullable")
				return
			}
		}
	case []any:
		var items []*openapi3.Schema
		for _, s := range parts(schemas, value) {
			if s.Items != nil && s.Items.Value != nil {
				items = append(items, s.Items.Value)
			}
		}
		for i, v := range value {
			w.walk(fmt.Sprintf("%s[%d]", path, i), items, v)
		}
	case map[string]any:
		w.object(path, parts(schemas, value), value)
	}
}

func (w *walker) object(path string, schemas []*openapi3.Schema, value map[string]any) {
	declared, free := members(schemas)
	for name, v := range value {
		at := path + "." + name
		switch {
		case declared[name] != nil:
			w.walk(at, declared[name], v)
		case free != nil:
			w.walk(at, free, v)
		case len(declared) > 0:
			w.add(at, Undeclared, "")
		}
	}
	for _, s := range schemas {
		for _, name := range s.Required {
			if _, ok := value[name]; !ok {
				w.add(path+"."+name, Missing, "is required")
			}
		}
	}
}

// members are the declared members of an object, each with all schemas that apply to it, and the schemas of the values of
// a declared map, if it is one.
func members(schemas []*openapi3.Schema) (declared map[string][]*openapi3.Schema, free []*openapi3.Schema) {
	declared = map[string][]*openapi3.Schema{}
	for _, s := range schemas {
		for name, ref := range s.Properties {
			declared[name] = append(declared[name], ref.Value)
		}
		if more := s.AdditionalProperties.Schema; more != nil && more.Value != nil {
			free = append(free, more.Value)
		}
	}
	return declared, free
}

// parts are schemas with those that they are composed of: all of an allOf, and of a oneOf or anyOf the alternatives that
// the value fits, or every one where it fits none.
func parts(schemas []*openapi3.Schema, value any) []*openapi3.Schema {
	var all []*openapi3.Schema
	for _, s := range schemas {
		all = append(all, s)
		for _, ref := range s.AllOf {
			all = append(all, parts([]*openapi3.Schema{ref.Value}, value)...)
		}
		for _, choice := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
			all = append(all, parts(fitting(choice, value), value)...)
		}
	}
	return all
}

func fitting(choice openapi3.SchemaRefs, value any) []*openapi3.Schema {
	var fit, all []*openapi3.Schema
	for _, ref := range choice {
		all = append(all, ref.Value)
		if ref.Value.VisitJSON(value) == nil {
			fit = append(fit, ref.Value)
		}
	}
	if fit == nil {
		return all
	}
	return fit
}

func permitsNull(s *openapi3.Schema) bool {
	if s.Nullable || s.IsEmpty() {
		return true
	}
	for _, choice := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		for _, ref := range choice {
			if permitsNull(ref.Value) {
				return true
			}
		}
	}
	if len(s.AllOf) == 0 {
		return false
	}
	for _, ref := range s.AllOf {
		if !permitsNull(ref.Value) {
			return false
		}
	}
	return true
}

// decode reads one JSON value and refuses what a lenient parser would hide: a member given twice, text that is not UTF-8,
// anything after the value. Numbers stay as they are written.
func decode(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	value, err := decodeValue(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("has something after the JSON value")
	}
	return value, nil
}

func decodeValue(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := decodeValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = dec.Token()
		return list, err
	case json.Delim('{'):
		object := map[string]any{}
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, fmt.Errorf("is not JSON: %w", err)
			}
			if _, twice := object[name.(string)]; twice {
				return nil, fmt.Errorf("has the member %q twice", name)
			}
			if object[name.(string)], err = decodeValue(dec); err != nil {
				return nil, err
			}
		}
		_, err = dec.Token()
		return object, err
	}
	return token, nil
}
