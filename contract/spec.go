package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Spec is the published file, ready to hold answers against.
type Spec struct {
	doc   *openapi3.T
	fault *openapi3.SchemaRef
}

// faultSchema is the schema of every answer that is not a success.
const faultSchema = "PlaidError"

// Load reads the published file. Its examples are not looked at: one of them does not fit its own schema.
func Load(path string) (*Spec, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, err
	}
	fault := doc.Components.Schemas[faultSchema]
	if fault == nil {
		return nil, fmt.Errorf("%s has no schema %s", path, faultSchema)
	}
	return &Spec{doc: doc, fault: fault}, nil
}

// Has reports whether the file has an operation.
func (s *Spec) Has(operation string) bool { return s.operation(operation) != nil }

func (s *Spec) operation(operation string) *openapi3.Operation {
	if item := s.doc.Paths.Value(operation); item != nil {
		return item.Post
	}
	return nil
}

// Request is the schema of an operation's request, nil if it has none.
func (s *Spec) Request(operation string) *openapi3.Schema {
	op := s.operation(operation)
	if op == nil || op.RequestBody == nil || op.RequestBody.Value == nil {
		return nil
	}
	return jsonSchema(op.RequestBody.Value.Content)
}

// success reports whether a status is that of a success. The contract has an error whose status is 208.
func success(status int) bool { return status == http.StatusOK || status == http.StatusCreated }

// response is the schema of an operation's success with a status.
func (s *Spec) response(operation string, status int) *openapi3.Schema {
	op := s.operation(operation)
	if op == nil {
		return nil
	}
	if r := op.Responses.Value(strconv.Itoa(status)); r != nil && r.Value != nil {
		return jsonSchema(r.Value.Content)
	}
	return nil
}

// AnswersWith reports whether an operation may answer with a kind of content that is no JSON.
func (s *Spec) AnswersWith(operation string, status int, media string) bool {
	op := s.operation(operation)
	if op == nil {
		return false
	}
	r := op.Responses.Value(strconv.Itoa(status))
	return r != nil && r.Value != nil && r.Value.Content.Get(media) != nil
}

func jsonSchema(content openapi3.Content) *openapi3.Schema {
	if m := content.Get("application/json"); m != nil && m.Schema != nil {
		return m.Schema.Value
	}
	return nil
}

// Kinds of violations. Others are named after the keyword of the schema that is not met: "type", "enum", "format".
const (
	Undeclared = "undeclared" // a member that the schema does not have
	Missing    = "missing"    // a required member that is not there
	Null       = "null"       // null where the schema does not allow it
	Malformed  = "malformed"  // not one JSON object
	Unknown    = "unknown"    // the file does not have the operation
)

// Violation is a place in an answer that the published file does not allow.
type Violation struct {
	// Path leads to the place: $.accounts[0].balances.limit.
	Path, Kind, Reason string
}

func (v Violation) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s: %s %s", v.Path, v.Kind, v.Reason))
}

// Check holds an answer against the file and returns what it does not allow, in the order of the paths. A success is held
// against the operation's schema, everything else against the schema of errors, where the request_id is required too.
func (s *Spec) Check(operation string, status int, body []byte) []Violation {
	schema := s.fault.Value
	if success(status) {
		if schema = s.response(operation, status); schema == nil {
			return []Violation{{"$", Unknown, fmt.Sprintf("the file has no answer %d of %s", status, operation)}}
		}
	}
	value, err := decode(body)
	if err != nil {
		return []Violation{{"$", Malformed, err.Error()}}
	}
	object, ok := value.(map[string]any)
	if !ok {
		return []Violation{{"$", Malformed, "is not an object"}}
	}
	found := validate(schema, value)
	w := walker{}
	w.walk("$", []*openapi3.Schema{schema}, value)
	found = append(found, w.found...)
	if !success(status) {
		if id, _ := object["request_id"].(string); id == "" {
			found = append(found, Violation{"$.request_id", Missing, "an error names its request"})
		}
	}
	return tidy(found)
}

// validate is what the library finds: types, enumerations, formats, bounds, required members.
func validate(schema *openapi3.Schema, value any) []Violation {
	err := schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse(), openapi3.EnableFormatValidation())
	return flatten(err, nil)
}

// flatten lists the errors at the leaves. The error of an allOf only leads to those of its parts.
func flatten(err error, into []Violation) []Violation {
	if err == nil {
		return into
	}
	if many, ok := err.(openapi3.MultiError); ok { // by its own type: it matches any error that holds one
		for _, e := range many {
			into = flatten(e, into)
		}
		return into
	}
	var schemaErr *openapi3.SchemaError
	if !errors.As(err, &schemaErr) {
		return append(into, Violation{"$", "schema", err.Error()})
	}
	if composed := openapi3.MultiError(nil); schemaErr.Origin != nil && errors.As(schemaErr.Origin, &composed) {
		return flatten(composed, into)
	}
	kind := schemaErr.SchemaField
	switch kind {
	case "required":
		kind = Missing
	case "nullable":
		kind = Null
	}
	return append(into, Violation{pathOf(schemaErr.JSONPointer()), kind, schemaErr.Reason})
}

func pathOf(pointer []string) string {
	path := "$"
	for _, p := range pointer {
		if strings.Trim(p, "0123456789") == "" && p != "" {
			path += "[" + p + "]"
			continue
		}
		path += "." + p
	}
	return path
}

// tidy sorts violations and drops those that both the library and the walker have found.
func tidy(found []Violation) []Violation {
	sort.SliceStable(found, func(i, j int) bool {
		if found[i].Path != found[j].Path {
			return found[i].Path < found[j].Path
		}
		return found[i].Kind < found[j].Kind
	})
	return slices.CompactFunc(found, func(a, b Violation) bool { return a.Path == b.Path && a.Kind == b.Kind })
}

// CheckWebhook holds a webhook's body against a schema of the file and returns what that does not allow.
func (s *Spec) CheckWebhook(schema string, body []byte) []Violation {
	ref := s.doc.Components.Schemas[schema]
	if ref == nil {
		return []Violation{{"$", Unknown, "the file has no schema " + schema}}
	}
	value, err := decode(body)
	if err != nil {
		return []Violation{{"$", Malformed, err.Error()}}
	}
	found := validate(ref.Value, value)
	w := walker{}
	w.walk("$", []*openapi3.Schema{ref.Value}, value)
	return tidy(append(found, w.found...))
}
