package contract

import (
	"net/http"
	"strings"
	"testing"
)

// openPath needs no credentials.
const openPath = "/categories/get"

// testCredentials: no, half, and wrong credentials.
func testCredentials(t *testing.T, p *probe) {
	for _, path := range p.published() {
		request := p.example(t, path)
		if path == openPath {
			p.with("Plaid-Client-Id").with("Plaid-Secret").ok(t, path, request)
			continue
		}
		p.with("Plaid-Client-Id").refused(t, path, "INVALID_FIELD", request)
		p.with("Plaid-Secret").refused(t, path, "INVALID_FIELD", request)
		p.with("Plaid-Client-Id", "").with("Plaid-Secret", "").refused(t, path, "INVALID_FIELD", request)
		p.with("Plaid-Secret", "nobody's").refused(t, path, "INVALID_API_KEYS", request)
		p.with("Plaid-Client-Id", "000000000000000000000000").refused(t, path, "INVALID_API_KEYS", request)
		inBody := clone(t, request)
		inBody["secret"] = "nobody's"
		p.refused(t, path, "INVALID_API_KEYS", inBody)
		inBody["secret"] = 5
		p.refused(t, path, "INVALID_FIELD", inBody)
		p.with("Plaid-Secret", p.NewClient().Secret).refused(t, path, "INVALID_API_KEYS", request)
	}
}

// testBodies: what is no request at all.
func testBodies(t *testing.T, p *probe) {
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	for _, path := range p.published() {
		for _, body := range []string{
			``, ` `, `{`, `{"a"}`, `{"a": }`, `[]`, `"text"`, `5`, `{} {}`, `{}x`, "{\"a\": \"\xff\"}", `{"a": "\u0000"}`, `{'a': 1}`, `{"a": NaN}`,
			deep, `{"a": "` + strings.Repeat("x", 2<<20) + `"}`,
		} {
			p.refused(t, path, "INVALID_BODY", body)
		}
		text := string(bodyOf(t, p.example(t, path)))
		if path != openPath { // which has no member to send twice
			name, _, _ := strings.Cut(strings.TrimPrefix(text, `{"`), `"`)
			p.refused(t, path, "INVALID_FIELD", `{"`+name+`": null,`+text[1:])
		}
		p.with("Content-Type", "application/x-www-form-urlencoded").refused(t, path, "INVALID_HEADERS", text)
		p.with("Content-Type", "text/plain").refused(t, path, "INVALID_HEADERS", text)
		p.with("Content-Type", "application/json; charset=utf-8").ok(t, path, p.example(t, path))
	}
}

// testMissing: required members that are missing, null, or missing in an object that is there.
func testMissing(t *testing.T, p *probe) {
	for _, path := range p.published() {
		example := p.example(t, path)
		var names []string
		for _, f := range fieldsOf(p.spec.Request(path)) {
			if !f.required || strings.Contains(f.String(), "[") {
				continue
			}
			if len(f.path) == 1 {
				names = append(names, f.path[0])
			}
			request := put(t, example, p.spec.Request(path), f.path, sample(f.schema))
			less, _ := without(t, request, f.path)
			if a := p.refused(t, path, "MISSING_FIELDS", less); !strings.Contains(a.fault.Message, f.String()) {
				t.Errorf("%s without %s: the message does not name it: %s", path, f, a.fault.Message)
			}
			if null := put(t, example, p.spec.Request(path), f.path, nil); f.schema.Nullable && len(f.path) == 1 {
				p.ok(t, path, null)
			} else {
				p.refused(t, path, "MISSING_FIELDS", null)
			}
		}
		if names == nil {
			continue
		}
		for _, empty := range []string{`{}`, `null`} {
			a := p.refused(t, path, "MISSING_FIELDS", empty)
			for _, name := range names {
				if !strings.Contains(a.fault.Message, name) {
					t.Errorf("%s with %s: the message does not name %s: %s", path, empty, name, a.fault.Message)
				}
			}
		}
	}
}

// testTypes: each declared member with values of other types, and each object with a member that is not declared.
func testTypes(t *testing.T, p *probe) {
	for _, path := range p.published() {
		example, schema := p.example(t, path), p.spec.Request(path)
		for _, f := range fieldsOf(schema) {
			for _, value := range wrong(f.schema) {
				a := p.refused(t, path, "INVALID_FIELD", put(t, example, schema, f.path, value))
				if !strings.Contains(a.fault.Message, f.String()) {
					t.Errorf("%s with a wrong %s: the message does not name it: %s", path, f, a.fault.Message)
				}
			}
			if !isObject(f.schema) {
				continue
			}
			object := sampleObject(f.schema)
			object["surprise"] = 1
			a := p.refused(t, path, "UNKNOWN_FIELDS", put(t, example, schema, f.path, object))
			if want := f.String() + ".surprise"; !strings.Contains(a.fault.Message, want) {
				t.Errorf("%s: the message does not name %s: %s", path, want, a.fault.Message)
			}
		}
		example["surprise"], example["another"] = 1, nil
		if a := p.refused(t, path, "UNKNOWN_FIELDS", example); !strings.Contains(a.fault.Message, "surprise") || !strings.Contains(a.fault.Message, "another") {
			t.Errorf("%s: the message does not name both unknown fields: %s", path, a.fault.Message)
		}
	}
}

// testDeclared: each declared member, with a value that the file allows, is understood.
func testDeclared(t *testing.T, p *probe) {
	for _, path := range p.published() {
		schema := p.spec.Request(path)
		for _, f := range fieldsOf(schema) {
			values := []any{sample(f.schema)}
			if f.schema.Nullable {
				values = append(values, nil)
			}
			for _, value := range values {
				request := put(t, p.example(t, path), schema, f.path, value)
				a := p.ask(t, path, request)
				if a.fault.Code == "UNKNOWN_FIELDS" || a.status >= http.StatusInternalServerError {
					t.Errorf("%s with %s: %d %s %s\n\trequest %.600s", path, f, a.status, a.fault.Code, a.fault.Message, bodyOf(t, request))
				}
				if value == nil && a.fault.Code == "INVALID_FIELD" && strings.Contains(a.fault.Message, "must be a") {
					t.Errorf("%s with %s: null, which the file allows, is refused: %s", path, f, a.fault.Message)
				}
			}
		}
	}
}

const noUUID = "00000000-0000-0000-0000-000000000000"

// testTokens: access tokens that are none, are not for here, or are not any more.
func testTokens(t *testing.T, p *probe) {
	const nobodys = "access-sandbox-" + noUUID
	removed := p.link(t, login{products: []string{"auth"}})
	p.ok(t, "/item/remove", about(removed))
	replaced := p.link(t, login{products: []string{"auth"}})
	p.ok(t, "/item/access_token/invalidate", about(replaced))
	live := p.link(t, login{products: everyInvestment})
	for _, path := range p.published() {
		example := p.example(t, path)
		if _, has := example["access_token"]; !has {
			continue
		}
		try := func(p *probe, token, code string) {
			t.Helper()
			example["access_token"] = token
			p.refused(t, path, code, example)
		}
		try(p, "", "INVALID_FIELD")
		for _, token := range []string{
			"x", "access-sandbox-", "public" + nobodys[6:], nobodys, nobodys + "0", strings.ToUpper(nobodys),
			"access-production" + nobodys[14:], "access-development" + nobodys[14:], live + " ", "\u2028", strings.Repeat("x", 10000),
		} {
			try(p, token, "INVALID_ACCESS_TOKEN")
		}
		try(p, replaced, "INVALID_ACCESS_TOKEN")
		try(p, removed, "ITEM_NOT_FOUND")
		try(p.as(p.NewClient()), live, "INVALID_ACCESS_TOKEN")
		try(p.with("Plaid-Secret", "wefttest-production-secret"), live, "INVALID_ACCESS_TOKEN")
		try(p.as(p.NewClient()), removed, "INVALID_ACCESS_TOKEN")
	}
}
