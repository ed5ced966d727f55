// Package openapi describes routes as an OpenAPI document, from their list and the types of their requests and answers. What an
// answer takes from stored documents has no type here, and is described as any JSON.
package openapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"weft/internal/httpapi"
	"weft/internal/plaid"
)

// object is a JSON object.
type object = map[string]any

// Document describes routes that are reached at a base URL.
func Document(routes []httpapi.Route, baseURL string) ([]byte, error) {
	paths := object{}
	for _, r := range routes {
		paths[r.Path] = object{"post": operation(r)}
	}
	return plaid.JSON(object{
		"openapi": "3.0.3",
		"info":    object{"title": "Weft", "version": "2020-09-14", "description": "A Plaid-compatible API, and its dialects."},
		"servers": []object{{"url": baseURL}},
		"paths":   paths,
		"components": object{
			"schemas":         object{"Error": schemaOf(reflect.TypeFor[failure](), nil)},
			"securitySchemes": object{"clientId": header("PLAID-CLIENT-ID"), "secret": header("PLAID-SECRET"), "bearer": object{"type": "http", "scheme": "bearer"}},
		},
	})
}

// Page serves the document of routes, which is made when it is first asked for.
func Page(routes []httpapi.Route, baseURL string) http.Handler {
	document := sync.OnceValues(func() ([]byte, error) { return Document(routes, baseURL) })
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		text, err := document()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(text) // the reader may have gone
	})
}

// failure is the answer to what fails.
type failure struct {
	ErrorType        string  `json:"error_type"`
	ErrorCode        string  `json:"error_code"`
	ErrorMessage     string  `json:"error_message"`
	DisplayMessage   *string `json:"display_message"`
	DocumentationURL string  `json:"documentation_url"`
	SuggestedAction  *string `json:"suggested_action"`
	RequestID        string  `json:"request_id"`
}

func header(name string) object { return object{"type": "apiKey", "in": "header", "name": name} }

func operation(r httpapi.Route) object {
	op := object{
		"operationId": strings.ReplaceAll(strings.Trim(r.Path, "/"), "/", "_"),
		"summary":     r.Summary,
		"requestBody": object{"required": !r.Foreign, "content": object{media(r): object{"schema": request(r)}}},
		"responses": object{
			"200":     object{"description": "What was asked for.", "content": answer(r.Response)},
			"default": object{"description": "An error.", "content": object{"application/json": object{"schema": object{"$ref": "#/components/schemas/Error"}}}},
		},
	}
	client := object{"clientId": []string{}, "secret": []string{}}
	switch {
	case r.Open:
	case r.Foreign:
		op["security"] = []object{client, {"bearer": []string{}}, {}}
	default: // the empty one stands for credentials in the body
		op["security"] = []object{client, {}}
	}
	return op
}

func media(r httpapi.Route) string {
	if r.TakesFiles() {
		return "multipart/form-data"
	}
	return "application/json"
}

// request is the body of a route: its own members, those of the endpoint that stands behind it, and the credentials.
func request(r httpapi.Route) object {
	s := schemaOf(r.Request, nil)
	properties, ok := s["properties"].(object)
	if !ok {
		return s
	}
	if r.Behind != nil {
		for name, schema := range schemaOf(r.Behind, nil)["properties"].(object) {
			properties[name] = schema
		}
	}
	if !r.Open {
		properties["client_id"], properties["secret"] = object{"type": "string"}, object{"type": "string"}
	}
	if r.Token != "" {
		properties[r.Token] = object{"type": "string"}
	}
	if r.Foreign {
		properties["access_token"] = object{"type": "string", "nullable": true}
	}
	return s
}

// answer is what a route answers by its media type, with its request_id where it is an object. All files are PDF.
func answer(t reflect.Type) object {
	if t == reflect.TypeFor[httpapi.File]() {
		return object{"application/pdf": object{"schema": object{"type": "string", "format": "binary"}}}
	}
	s := schemaOf(t, nil)
	if properties, ok := s["properties"].(object); ok {
		properties["request_id"] = object{"type": "string"}
	} else {
		s = object{"type": "object"}
	}
	return object{"application/json": object{"schema": s}}
}

var (
	anything = []reflect.Type{reflect.TypeFor[json.RawMessage](), reflect.TypeFor[httpapi.Raw](), reflect.TypeFor[httpapi.File](), reflect.TypeFor[httpapi.Upload]()}
	reads    = reflect.TypeFor[json.Unmarshaler]()
)

// schemaOf describes a type as JSON has it. Within are the types around it, of which one that holds itself is not described again.
func schemaOf(t reflect.Type, within []reflect.Type) object {
	if t == nil {
		return object{}
	}
	if t.Kind() == reflect.Pointer {
		s := schemaOf(t.Elem(), within)
		if len(s) > 0 {
			s["nullable"] = true
		}
		return s
	}
	for _, other := range append(anything, within...) {
		if t == other {
			return object{}
		}
	}
	switch t {
	case reflect.TypeFor[plaid.Date]():
		return object{"type": "string", "format": "date"}
	case reflect.TypeFor[plaid.Decimal]():
		return object{"type": "number"}
	}
	if reflect.PointerTo(t).Implements(reads) {
		return object{}
	}
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "nullable": true, "items": schemaOf(t.Elem(), within)}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": schemaOf(t.Elem(), within)}
	case reflect.Struct:
		properties, required := object{}, []string{}
		members(t, append(within, t), properties, &required)
		s := object{"type": "object", "properties": properties}
		if len(required) > 0 {
			s["required"] = required
		}
		return s
	}
	return object{}
}

// members describes the members of a struct, those of embedded ones among its own.
func members(t reflect.Type, within []reflect.Type, properties object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			members(inner, within, properties, required)
			continue
		}
		if !f.IsExported() || name == "" || name == "-" {
			continue
		}
		properties[name] = schemaOf(f.Type, within)
		if rule, _, _ := strings.Cut(f.Tag.Get("weft"), " "); rule == "required" || rule == "nullable" {
			*required = append(*required, name)
		}
	}
}
