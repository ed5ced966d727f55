package httpapi_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"weft/internal/httpapi"
)

const (
	invalid   = "INVALID_FIELD: "
	unknown   = "UNKNOWN_FIELDS: the following fields are not recognized by this endpoint: "
	missing   = "MISSING_FIELDS: the following required fields are missing: "
	notParsed = "INVALID_BODY: body could not be parsed as JSON"
	notObject = "INVALID_BODY: body must be a JSON object"
	trailing  = "INVALID_BODY: body must be one JSON object with nothing after it"
	notUTF8   = "INVALID_BODY: body is not valid UTF-8"
	hasNull   = `INVALID_BODY: body must not contain the character \u0000`
	tooDeep   = "INVALID_BODY: body is nested deeper than 32 levels"
	tooLarge  = "INVALID_BODY: body is larger than 1048576 bytes"
	isEmpty   = "INVALID_BODY: body must be a JSON object; it is empty"
	noDate    = " must be a date of the form YYYY-MM-DD"
)

// nested is a value of n arrays in each other.
func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func TestDecodeRefuses(t *testing.T) {
	for body, want := range map[string]string{
		// Fields that are not there, and fields that must be.
		`{` + good + `,"x":1,"y":{"z":[]},"Account_id":"A"}`: unknown + "x, y, Account_id",
		`{"x":1}`:                                                   unknown + "x", // unknown ones are told first
		`{` + good + `,"access_token":"t"}`:                         unknown + "access_token",
		`{` + good + `,"request_id":"r"}`:                           unknown + "request_id",
		`{` + good + `,"":1}`:                                       unknown,
		`{` + good + `,"options":{"nope":1}}`:                       unknown + "options.nope",
		`{` + good + `,"options":{"Offset":1}}`:                     unknown + "options.Offset",
		`{` + good + `,"options":{"inner":{"account_id":"a"}}}`:     unknown + "options.inner.account_id",
		`{` + good + `,"options":{"list":[{"id":"a"},{"ID":"b"}]}}`: unknown + "options.list[1].ID",
		`{}`:                    missing + "account_id, count, when",
		`null`:                  missing + "account_id, count, when",
		`{"when":"2026-01-02"}`: missing + "account_id, count",
		`{"when":"2026-01-02","count":1,"account_id":null}`: missing + "account_id",
		`{"account_id":"a","count":null,"when":null}`:       missing + "count, when",
		// Types.
		`{"account_id":7}`:                    invalid + "account_id must be a string",
		`{"account_id":["a"]}`:                invalid + "account_id must be a string",
		`{"account_id":{"a":"b"}}`:            invalid + "account_id must be a string",
		`{"account_id":true}`:                 invalid + "account_id must be a string",
		`{"count":"1"}`:                       invalid + "count must be an integer",
		`{"count":1.5}`:                       invalid + "count must be an integer",
		`{"count":1.0}`:                       invalid + "count must be an integer",
		`{"count":1e2}`:                       invalid + "count must be an integer",
		`{"count":9223372036854775808}`:       invalid + "count must be an integer",
		`{"count":-9223372036854775809}`:      invalid + "count must be an integer",
		`{"count":` + nines(400) + `}`:        invalid + "count must be an integer",
		`{"small":2147483648}`:                invalid + "small must be an integer",
		`{"count":[]}`:                        invalid + "count must be an integer",
		`{"when":20260102}`:                   invalid + "when" + noDate,
		`{"when":{}}`:                         invalid + "when" + noDate,
		`{"when":"2026-1-2"}`:                 invalid + "when" + noDate,
		`{"when":""}`:                         invalid + "when" + noDate,
		`{"until":"2026-02-30"}`:              invalid + "until" + noDate,
		`{"until":5}`:                         invalid + "until" + noDate,
		`{"amount":"5"}`:                      invalid + "amount must be a number",
		`{"amount":true}`:                     invalid + "amount must be a number",
		`{"amount":[1]}`:                      invalid + "amount must be a number",
		`{"amount":1e999999}`:                 invalid + "amount must be a number",
		`{"price":` + nines(61) + `}`:         invalid + "price must be a number",
		`{"flag":"yes"}`:                      invalid + "flag must be a boolean",
		`{"flag":1}`:                          invalid + "flag must be a boolean",
		`{"tags":"a"}`:                        invalid + "tags must be an array",
		`{"tags":{}}`:                         invalid + "tags must be an array",
		`{"tags":["a",5]}`:                    invalid + "tags[1] must be a string",
		`{"names":[]}`:                        invalid + "names must be an object",
		`{"names":{"a":1}}`:                   invalid + "names.a must be a string",
		`{"options":[]}`:                      invalid + "options must be an object",
		`{"options":"x"}`:                     invalid + "options must be an object",
		`{"options":{"account_ids":["a",5]}}`: invalid + "options.account_ids[1] must be a string",
		`{"options":{"offset":"0"}}`:          invalid + "options.offset must be an integer",
		`{"options":{"inner":{"deep":1}}}`:    invalid + "options.inner.deep must be a boolean",
		`{"options":{"list":[{"id":1}]}}`:     invalid + "options.list[0].id must be a string",
		`{"client_id":7}`:                     invalid + "client_id must be a string",
		`{"secret":{}}`:                       invalid + "secret must be a string",
		// A name twice: which of the two is meant?
		`{` + good + `,"count":2}`:                                invalid + "count is given twice",
		`{` + good + `,"c\u006funt":2}`:                           invalid + "count is given twice",
		`{` + good + `,"options":{"offset":1,"offset":2}}`:        invalid + "options.offset is given twice",
		`{` + good + `,"options":{"list":[{"id":"a","id":"b"}]}}`: invalid + "options.list[0].id is given twice",
		`{` + good + `,"names":{"a":"1","a":"2"}}`:                invalid + "names.a is given twice",
		`{` + good + `,"secret":"wrong","secret":"right"}`:        invalid + "secret is given twice",
		`{` + good + `,"x":1,"x":2}`:                              invalid + "x is given twice",
		`{` + good + `,"x":{"y":{"z":1,"z":2}}}`:                  invalid + "x.y.z is given twice",
		// What is no JSON object.
		``: isEmpty, " \t\r\n ": isEmpty, `[]`: notObject, `[{}]`: notObject, `"{}"`: notObject, `1`: notObject, `true`: notObject, `[`: notObject,
		`nul`: notParsed, `{`: notParsed, `}`: notParsed, `{"count"}`: notParsed, `{"count":}`: notParsed, `{"count":1,}`: notParsed, `{,}`: notParsed,
		`{count:1}`: notParsed, `{'count':1}`: notParsed, `{"count":01}`: notParsed, `{"count":+1}`: notParsed, `{"count":.5}`: notParsed,
		`{"count":0x1}`: notParsed, `{"count":NaN}`: notParsed, `{"amount":Infinity}`: notParsed, `{"count":1 "when":2}`: notParsed,
		`{"x":tru}`: notParsed, "{\"x\":\"a\nb\"}": notParsed, `{"x":"\q"}`: notParsed, `{"x":"\u12"}`: notParsed, "\ufeff{}": notParsed,
		"{\"x\":\"\x00\"}": notParsed, `// comment` + "\n{}": notParsed, `{1:2}`: notParsed,
		`{` + good + `}x`: trailing, `{` + good + `}{}`: trailing, `{` + good + `},`: trailing, `{` + good + `}]`: trailing, `null null`: trailing,
		`{` + good + `}` + "\x00": trailing,
		// Characters.
		"{\"account_id\":\"\xff\"}": notUTF8, "{\"\xc3\":1}": notUTF8, "{\"account_id\":\"\xed\xa0\x80\"}": notUTF8, "\xff\xfe{\x00}\x00": notUTF8,
		"{\"account_id\":\"\xc0\x80\"}":         notUTF8,
		`{"account_id":"a\u0000b"}`:             hasNull,
		`{"account_id":"\\\u0000"}`:             hasNull,
		`{"a\u0000":1}`:                         hasNull,
		`{` + good + `,"tags":["\"\u0000"]}`:    hasNull,
		`{"account_id":"\ud800"}`:               notParsed,
		`{"account_id":"\udc00\ud800"}`:         notParsed,
		`{"account_id":"\ud800x"}`:              notParsed,
		`{"account_id":"\ud800\ud800"}`:         notParsed,
		`{"\udfff":1}`:                          notParsed,
		`{` + good + `,"x":` + nested(32) + `}`: tooDeep,
		`{"x":` + strings.Repeat(`{"x":`, 32) + `1` + strings.Repeat(`}`, 33): tooDeep,
		strings.Repeat("[", 1<<20):                    tooDeep,
		`{` + good + strings.Repeat(" ", 1<<20) + `}`: tooLarge,
		strings.Repeat(" ", 1<<20) + `{`:              tooLarge,
	} {
		r := newRig()
		got := problem(t, r.post("/order/place", body))
		if got != want && !(strings.HasSuffix(want, noDate) && strings.HasPrefix(got, want+": ")) {
			t.Errorf("%.90q:\n got %.200s\nwant %.200s", body, got, want)
		}
		if len(r.placed) != 0 {
			t.Errorf("%.90q: the endpoint was called", body)
		}
	}
}

func nines(n int) string { return strings.Repeat("9", n) }

// Where a good body is cut, it is refused.
func TestCutBodiesAreRefused(t *testing.T) {
	body := `{` + good + `,"amount":12.50,"tags":["ä","b\n"],"options":{"inner":{"deep":true},"list":[{"id":"x"}]}}`
	r := newRig()
	for n := range len(body) {
		if got := problem(t, r.post("/order/place", body[:n])); !strings.HasPrefix(got, "INVALID_BODY: ") {
			t.Errorf("%q: got %s", body[:n], got)
		}
	}
	succeeds(t, "the whole", r.post("/order/place", body))
}

func TestDecodeAccepts(t *testing.T) {
	for _, c := range []struct {
		body  string
		check func(o order) bool
	}{
		{`{` + good + `}`, func(o order) bool {
			return o.AccountID == "a" && o.Count == 1 && o.When.String() == "2026-01-02" && o.Until == nil && o.Amount == nil && o.Options == nil && o.Flag == nil
		}},
		{" \r\n\t{" + good + "} \n", func(o order) bool { return o.Count == 1 }},
		{`{` + good + `,"until":null,"amount":null,"flag":null,"tags":null,"options":null,"small":null,"names":null}`, func(o order) bool {
			return o.Until == nil && o.Amount == nil && o.Flag == nil && o.Tags == nil && o.Options == nil && o.Small == 0 && o.Names == nil
		}},
		{`{` + good + `,"until":"2026-03-04","amount":100.00,"price":-1e3,"flag":false,"small":-2147483648,"tags":[],"names":{"a":"b"}}`, func(o order) bool {
			return o.Until.String() == "2026-03-04" && o.Amount.String() == "100.00" && o.Price.String() == "-1000" && !*o.Flag && o.Small == -1<<31 &&
				o.Tags != nil && len(o.Tags) == 0 && o.Names["a"] == "b"
		}},
		{`{` + good + `,"options":{"account_ids":["x","y"],"offset":9223372036854775807,"inner":{"deep":true},"list":[{"id":"1"},{}]}}`, func(o order) bool {
			return strings.Join(o.Options.AccountIDs, " ") == "x y" && o.Options.Offset == 1<<63-1 && *o.Options.Inner.Deep && len(o.Options.List) == 2
		}},
		{`{` + good + `,"options":{}}`, func(o order) bool { return o.Options != nil }},
		{`{"count":0,"when":"0001-01-01","account_id":""}`, func(o order) bool { return o.AccountID == "" && o.Count == 0 }},
		{`{"count":1,"when":"2026-01-02","account\u005fid":"b"}`, func(o order) bool { return o.AccountID == "b" }},
		{`{"count":1,"when":"2026-01-02","account_id":"\\u0000 \\\\u0000 \"\u00e9\ud83d\ude00 <&>"}`, func(o order) bool {
			return o.AccountID == `\u0000 \\u0000 "é😀 <&>`
		}},
		{`{` + good + `,"tags":["` + strings.Repeat("[{", 100) + `"]}`, func(o order) bool { return len(o.Tags[0]) == 200 }},
		{`{` + good + strings.Repeat(" ", 1<<20-len(good)-2) + `}`, func(o order) bool { return o.Count == 1 }}, // 1 MiB
	} {
		r := newRig()
		succeeds(t, c.body[:min(len(c.body), 90)], r.post("/order/place", c.body))
		if len(r.placed) != 1 || !c.check(r.placed[0]) {
			t.Errorf("%.90q was read as %+v", c.body, r.placed)
		}
	}
	// 32 levels are read, and then told to be unknown.
	if got := problem(t, newRig().post("/order/place", `{`+good+`,"x":`+nested(31)+`}`)); got != unknown+"x" {
		t.Errorf("32 levels: got %s", got)
	}
}

// A body that comes in pieces, of which nobody tells the length, has the same limit.
func TestBodyOfUnknownLength(t *testing.T) {
	for _, c := range []struct{ size, status int }{{1 << 20, 200}, {1<<20 + 1, 400}, {5 << 20, 400}} {
		r := newRig()
		req := request("/order/place", "{"+good+strings.Repeat(" ", c.size-len(good)-2)+"}")
		req.ContentLength = -1
		if got := r.do(req); got.status != c.status {
			t.Errorf("%d bytes: status %d", c.size, got.status)
		}
	}
	for _, length := range []int64{-1, 10} {
		r := newRig()
		req := request("/order/place", "")
		req.Body, req.ContentLength = broken{}, length
		if got := problem(t, r.do(req)); got != "INVALID_BODY: body could not be read" {
			t.Errorf("a connection that breaks, length %d: got %s", length, got)
		}
		if strings.Contains(string(r.do(req).body), "wire") {
			t.Error("the cause is told")
		}
	}
}

// A request type that the adapter cannot read is found when the routes are made, not when a client calls.
func TestRequestTypesAreCheckedAtOnce(t *testing.T) {
	for name, make := range map[string]func(){
		"no struct": func() { endpointOf[string]() },
		"no name":   func() { endpointOf[struct{ Name string }]() },
		"hidden":    func() { endpointOf[struct{ name string }]() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			make()
		}()
	}
	e := endpointOf[order]()
	if e.Request != reflect.TypeFor[order]() || e.Response != reflect.TypeFor[httpapi.None]() || e.Token != "" {
		t.Errorf("got %+v", e)
	}
}

// FuzzDecode: any body has an answer, and what is accepted means to every other parser what it means to this one.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{` + good + `}`, `{` + good + `,"amount":1.50,"price":1e3,"options":{"account_ids":["x"],"offset":1,"inner":{"deep":true},"list":[{"id":"q"}]}}`,
		`null`, `{}`, `[`, `{"account_id":"\ud800"}`, `{"x":{"x":1,"x":2}}`, `{` + good + `,"names":{"\u0061":"b","A":"c"},"tags":["a",null],"flag":null}`,
		`{` + good + `,"client_id":"c","secret":null,"small":-0}`, "{\"x\":\"\xff\"}", nested(40), `{` + good + `,"Count":5}`, `{"when":"2026-02-30"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := newRig()
		a := r.post("/order/place", string(body))
		if a.status != 200 {
			problem(t, a)
			if a.status < 400 || a.status > 499 || len(r.placed) != 0 {
				t.Fatalf("%q: status %d, %s", body, a.status, a.body)
			}
			return
		}
		var want order
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatalf("%q was accepted; encoding/json says %v", body, err)
		}
		if got := r.placed[0]; !reflect.DeepEqual(plain(t, got), plain(t, want)) {
			t.Fatalf("%q was read as %+v; encoding/json reads %+v", body, got, want)
		}
		var members map[string]any
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatal(err)
		}
		for name := range members {
			if _, ok := reflect.TypeFor[order]().FieldByNameFunc(func(field string) bool { return jsonName(field) == name }); !ok && name != "client_id" && name != "secret" {
				t.Fatalf("%q was accepted with the member %q", body, name)
			}
		}
	})
}

func jsonName(field string) string {
	f, _ := reflect.TypeFor[order]().FieldByName(field)
	return f.Tag.Get("json")
}

// plain is a request as JSON: two that are equal there have the same values.
func plain(t *testing.T, o order) string {
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
