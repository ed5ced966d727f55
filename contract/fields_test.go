package contract

import (
	"encoding/json"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"weft/internal/clock"
	"weft/internal/httpapi"
	"weft/internal/server"
	"weft/wefttest"
)

// ownFields are the request fields that the server knows and the published file does not have.
var ownFields = map[string]string{
	"/institutions/get options.country_codes":       "versions before 2020-09-14 have it there; refused in this one",
	"/institutions/get_by_id options.country_codes": "versions before 2020-09-14 have it there; refused in this one",
	"/institutions/search options.country_codes":    "versions before 2020-09-14 have it there; refused in this one",
	"/link/token/create account_filters.brokerage":  "versions until 2018-05-22 call investment so",

	"/link/token/create account_filters.credit.limited_purpose_types":     "one type for all filters; refused but under depository",
	"/link/token/create account_filters.loan.limited_purpose_types":       "one type for all filters; refused but under depository",
	"/link/token/create account_filters.investment.limited_purpose_types": "one type for all filters; refused but under depository",
	"/link/token/create account_filters.other.limited_purpose_types":      "one type for all filters; refused but under depository",
}

// TestRequestFields: the server's request types know the fields that the file declares, and no others.
func TestRequestFields(t *testing.T) {
	spec := published(t)
	used := map[string]bool{}
	for _, r := range routes(t) {
		if !spec.Has(r.Path) {
			continue
		}
		declared := map[string]bool{"client_id": true, "secret": true}
		for _, f := range fieldsOf(spec.Request(r.Path)) {
			declared[strings.Join(f.path, ".")] = true
		}
		known := map[string]bool{"client_id": true, "secret": true}
		if r.Token != "" {
			known[r.Token] = true
		}
		goFields(known, r.Request, "", declared)
		for _, name := range slices.Sorted(maps.Keys(known)) {
			if declared[name] {
				continue
			}
			if own := ownField(r.Path + " " + name); own != "" {
				used[own] = true
				continue
			}
			t.Errorf("%s: the server knows %s, the file does not", r.Path, name)
		}
		for _, name := range slices.Sorted(maps.Keys(declared)) {
			if !known[name] {
				t.Errorf("%s: the file declares %s, the server does not know it", r.Path, name)
			}
		}
	}
	for own := range ownFields {
		if !used[own] {
			t.Errorf("%s is listed as the server's own, but it does not have it", own)
		}
	}
}

// ownField is the listed field that a field is or is inside of, "" for none.
func ownField(field string) string {
	for own := range ownFields {
		if field == own || strings.HasPrefix(field, own+".") {
			return own
		}
	}
	return ""
}

// routes are the server's, with their types.
func routes(t *testing.T) []httpapi.Route {
	t.Helper()
	srv, err := server.New(t.Context(), server.Config{
		Storage: server.Storage{DataDir: t.TempDir(), Exclusive: true}, Listen: "127.0.0.1:0", Seed: "contract",
		Clock: clock.NewManual(wefttest.Start), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv.Routes
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// goFields are the JSON names of a request type, written like the file's: a.b, and a.[].b in arrays. A type that takes any
// JSON, or that reads itself, has all fields that are declared below it.
func goFields(known map[string]bool, t reflect.Type, path string, declared map[string]bool) {
	at := func(name string) string { return strings.TrimPrefix(path+"."+name, ".") }
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case path != "" && (t == reflect.TypeFor[json.RawMessage]() || t.Kind() == reflect.Interface || t.Kind() == reflect.Map ||
		reflect.PointerTo(t).Implements(unmarshaler)):
		for name := range declared {
			if strings.HasPrefix(name, path+".") {
				known[name] = true
			}
		}
	case t.Kind() == reflect.Slice:
		goFields(known, t.Elem(), at("[]"), declared)
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				goFields(known, f.Type, path, declared)
			case name != "" && name != "-" && f.IsExported():
				known[at(name)] = true
				goFields(known, f.Type, at(name), declared)
			}
		}
	}
}
