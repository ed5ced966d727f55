package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// field is a property that the file declares in a request.
type field struct {
	// path are the names that lead to it; "[]" stands for the elements of an array.
	path     []string
	schema   *openapi3.Schema
	required bool
}

// String writes the field as the server's messages do.
func (f field) String() string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.Join(f.path, "."), ".[]", "[0]"), "[0][]", "[0][0]")
}

// fieldsOf are all properties of a request, those of objects inside it too.
func fieldsOf(schema *openapi3.Schema) []field {
	return appendFields(nil, schema, nil)
}

func appendFields(list []field, schema *openapi3.Schema, path []string) []field {
	const deepest = 8 // no request is that deep; a schema that holds itself would be
	if len(path) > deepest {
		return list
	}
	all := parts([]*openapi3.Schema{schema}, nil)
	for _, s := range all {
		if s.Items != nil {
			list = appendFields(list, s.Items.Value, slices.Concat(path, []string{"[]"}))
		}
	}
	declared, _ := members(all)
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		required := slices.ContainsFunc(all, func(s *openapi3.Schema) bool { return slices.Contains(s.Required, name) })
		f := field{path: slices.Concat(path, []string{name}), schema: declared[name][0], required: required}
		list = append(list, f)
		list = appendFields(list, f.schema, f.path)
	}
	return list
}

// isObject tells the fields that have fields of their own from maps and plain values.
func isObject(s *openapi3.Schema) bool {
	declared, free := members(parts([]*openapi3.Schema{s}, nil))
	return len(declared) > 0 && free == nil
}

// typeOf is the JSON type that a schema wants; an enumeration without a type is one of strings.
func typeOf(s *openapi3.Schema) string {
	for _, part := range parts([]*openapi3.Schema{s}, nil) {
		if part.Type != nil && len(part.Type.Slice()) > 0 {
			return part.Type.Slice()[0]
		}
	}
	if declared, _ := members(parts([]*openapi3.Schema{s}, nil)); len(declared) > 0 {
		return "object"
	}
	return "string"
}

// sample is a value that a schema allows: its own example where it has one that is worth a call, else the least.
func sample(s *openapi3.Schema) any {
	for _, part := range parts([]*openapi3.Schema{s}, nil) {
		switch {
		case len(part.Enum) > 0:
			return part.Enum[0]
		case part.Items != nil:
			return []any{sample(part.Items.Value)}
		case part.Example != nil && typeOf(s) != "object":
			return part.Example
		case part.Default != nil:
			return part.Default
		}
	}
	switch typeOf(s) {
	case "integer", "number":
		if s.Min != nil {
			return *s.Min
		}
		return 1
	case "boolean":
		return true
	case "object":
		return sampleObject(s)
	}
	switch s.Format {
	case "date":
		return "2026-11-01"
	case "date-time":
		return "2026-11-01T12:00:00Z"
	case "url":
		return "https://example.com/webhook"
	}
	return "sample"
}

// sampleObject has the required members.
func sampleObject(s *openapi3.Schema) map[string]any {
	object := map[string]any{}
	all := parts([]*openapi3.Schema{s}, nil)
	declared, _ := members(all)
	for _, part := range all {
		for _, name := range part.Required {
			if declared[name] != nil {
				object[name] = sample(declared[name][0])
			}
		}
	}
	return object
}

// wrong are values of other types than the one that a schema wants.
func wrong(s *openapi3.Schema) []any {
	switch typeOf(s) {
	case "string":
		return []any{5, true, []any{"x"}, map[string]any{"x": "x"}}
	case "integer":
		return []any{"5", 1.5, true, []any{5}}
	case "number", "boolean":
		return []any{"x", []any{}, map[string]any{}}
	case "array":
		return []any{"x", 5, map[string]any{}}
	case "object":
		return []any{"x", 5, []any{}}
	}
	return nil
}

// put returns a copy of a request that has a value at a path; the objects on the way are there with their required members.
func put(t *testing.T, request map[string]any, schema *openapi3.Schema, path []string, value any) map[string]any {
	t.Helper()
	return putAny(clone(t, request), schema, path, value).(map[string]any)
}

func putAny(at any, schema *openapi3.Schema, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	all := parts([]*openapi3.Schema{schema}, nil)
	if path[0] == "[]" {
		list, ok := at.([]any)
		if !ok || len(list) == 0 {
			list = []any{nil}
		}
		for _, s := range all {
			if s.Items != nil {
				list[0] = putAny(list[0], s.Items.Value, path[1:], value)
			}
		}
		return list
	}
	object, ok := at.(map[string]any)
	if !ok {
		object = sampleObject(schema)
	}
	declared, _ := members(all)
	if next := declared[path[0]]; next != nil {
		object[path[0]] = putAny(object[path[0]], next[0], path[1:], value)
	}
	return object
}

// without returns a copy of a request that lacks the member at a path, and whether it had it.
func without(t *testing.T, request map[string]any, path []string) (map[string]any, bool) {
	t.Helper()
	copied := clone(t, request)
	at := copied
	for i, name := range path {
		if i == len(path)-1 {
			_, had := at[name]
			delete(at, name)
			return copied, had
		}
		next, ok := at[name].(map[string]any)
		if !ok {
			return copied, false
		}
		at = next
	}
	return copied, false
}

func clone(t *testing.T, request map[string]any) map[string]any {
	t.Helper()
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var copied map[string]any
	if err := json.Unmarshal(text, &copied); err != nil {
		t.Fatal(err)
	}
	return copied
}

// TestRequestTools: the helpers above are what many cases stand on.
func TestRequestTools(t *testing.T) {
	schema := published(t).Request("/sandbox/public_token/create")
	var names []string
	for _, f := range fieldsOf(schema) {
		names = append(names, f.String())
	}
	for _, want := range []string{"institution_id", "initial_products", "options", "options.webhook", "options.statements.end_date"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not among the fields %v", want, names)
		}
	}
	req := put(t, login{}.request(), schema, []string{"options", "statements", "start_date"}, "2026-01-01")
	want := `{"initial_products":["investments"],"institution_id":"ins_109508","options":{"statements":{"end_date":"2026-11-01","start_date":"2026-01-01"}}}`
	if got := string(bodyOf(t, req)); got != want {
		t.Errorf("put: %s\nwant %s", got, want)
	}
	less, had := without(t, req, []string{"options", "statements", "end_date"})
	if _, again := without(t, less, []string{"options", "statements", "end_date"}); !had || again {
		t.Errorf("without: %v, then %v", had, again)
	}
	if got := fmt.Sprint(put(t, map[string]any{}, schema, []string{"initial_products", "[]"}, "x")); got != "map[initial_products:[x]]" {
		t.Errorf("put into an array: %s", got)
	}
}
