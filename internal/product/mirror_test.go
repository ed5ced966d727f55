package product

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
)

// told is a joined answer as a processor of an Item is told it, with its request_id left out.
func told(t testing.TB, res any, shapes ...Shape) string {
	t.Helper()
	var it item.Item
	it.InstitutionID = "ins_1"
	got, err := tellOfAccount(res, it, shapes)
	if err != nil {
		t.Fatal(err)
	}
	raw, ok := got.(httpapi.Raw)
	if !ok {
		return fmt.Sprintf("%+v", got)
	}
	return string(bytes.Join(raw, nil)) + "}"
}

// joined is an answer as the endpoints of products join it, in several pieces.
func joined(text string) httpapi.Raw {
	text = strings.TrimSuffix(text, "}")
	half := len(text) / 2
	return httpapi.Raw{[]byte(text[:half]), []byte(text[half:])}
}

// TestAnswersOfProcessors: the answers of every product that processors read, as the published file has both.
func TestAnswersOfProcessors(t *testing.T) {
	const accounts, it = `"accounts":[{"account_id":"a","balances":{"current":1.50}}]`, `"item":{"item_id":"i","institution_id":"ins_1"}`
	const account = `"account":{"account_id":"a","balances":{"current":1.50}}`
	for _, c := range []struct {
		name, direct string
		shapes       []Shape
		want         string
	}{
		{"account", `{` + accounts + `,` + it + `}`, []Shape{WithInstitution}, `{` + account + `,"institution_id":"ins_1"}`},
		{"balance", `{` + accounts + `,` + it + `}`, nil, `{` + account + `}`},
		{"identity", `{"accounts":[{"account_id":"a","owners":[{"names":["A"]}]}],` + it + `}`, nil, `{"account":{"account_id":"a","owners":[{"names":["A"]}]}}`},
		{"identity match", `{"accounts":[{"account_id":"a","legal_name":{"score":90}}],` + it + `}`, nil, `{"account":{"account_id":"a","legal_name":{"score":90}}}`},
		{"liabilities", `{` + accounts + `,` + it + `,"liabilities":{"credit":[{"account_id":"a"}],"mortgage":null,"student":null}}`, nil,
			`{` + account + `,"liabilities":{"credit":[{"account_id":"a"}],"mortgage":null,"student":null}}`},
		{"auth", `{` + accounts + `,"numbers":{"ach":[{"account":"1","account_id":"a"}],"eft":[],"international":[],"bacs":[{"account":"2"}]},` + it + `}`, []Shape{SingleNumbers},
			`{` + account + `,"numbers":{"ach":{"account":"1","account_id":"a"},"eft":null,"international":null,"bacs":{"account":"2"}}}`},
		{"a member that only looks like the Item", `{` + accounts + `,"transactions":[{"item":1,"accounts":[2]}],"total":1}`, nil, `{` + account + `,"transactions":[{"item":1,"accounts":[2]}],"total":1}`},
		{"no account", `{"accounts":[],"added":[]}`, nil, `{"account":null,"added":[]}`},
		{"no accounts at all", `{"inflow_streams":[]}`, nil, `{"inflow_streams":[]}`},
	} {
		if got := told(t, joined(c.direct), c.shapes...); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
	if got := told(t, httpapi.None{}); got != "{}" {
		t.Errorf("nothing is told as %s", got)
	}
	type answer struct {
		Accounts []string `json:"accounts"`
		Item     string   `json:"item"`
		More     bool     `json:"more"`
	}
	if got, want := told(t, answer{[]string{"a", "b"}, "i", true}), `{"account":"a","more":true}`; got != want {
		t.Errorf("a struct is told as %s, want %s", got, want)
	}
}

func TestShapesRefuseOtherAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		shapes []Shape
	}{
		"no object":          {`5`, nil},
		"a broken value":     {`{"accounts":[{]`, nil},
		"a broken name":      {`{accounts:1`, nil},
		"accounts of a kind": {`{"accounts":5`, nil},
		"no numbers":         {`{"accounts":[]`, []Shape{SingleNumbers}},
		"numbers of a kind":  {`{"numbers":{"ach":5}`, []Shape{SingleNumbers}},
	} {
		if got, err := tellOfAccount(httpapi.Raw{[]byte(c.answer)}, item.Item{}, c.shapes); err == nil {
			t.Errorf("%s is told as %s", name, got)
		}
	}
}

// Whatever an answer has, its members stay as they are, to the byte and in their order, but for the Item and the accounts.
func TestAnswersKeepTheirMembers(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z_]{1,8}`), 0, 6, rapid.ID).Draw(rt, "names")
		var direct, want []string
		for _, name := range names {
			value := rapid.SampledFrom([]string{`1.50`, `"x\"y"`, `null`, `{"item":{},"accounts":[]}`, `[1, 2.0]`, `true`}).Draw(rt, "value")
			direct = append(direct, fmt.Sprintf("%q:%s", name, value))
			if name != "item" && name != "accounts" {
				want = append(want, fmt.Sprintf("%q:%s", name, value))
			}
		}
		if rapid.Bool().Draw(rt, "an Item") {
			direct = append(direct, `"item":{"item_id":"i"}`)
		}
		want = append(want, `"account":{"account_id":"a"}`)
		direct = append(direct, `"accounts":[{"account_id":"a"}]`)
		if got := told(t, joined("{"+strings.Join(direct, ",")+"}")); got != "{"+strings.Join(want, ",")+"}" {
			rt.Fatalf("%v is told as %s, want %v", direct, got, want)
		}
	})
}

func TestOnlyAccount(t *testing.T) {
	for _, asked := range [][]string{nil, {}, {"a"}, {"a", "a"}} {
		if ids, err := OnlyAccount(asked, "a"); err != nil || len(ids) != 1 || ids[0] != "a" {
			t.Errorf("%q is %q, %v", asked, ids, err)
		}
	}
	for _, asked := range [][]string{{"b"}, {"a", "b"}, {""}} {
		ids, err := OnlyAccount(asked, "a")
		if pe, ok := err.(*plaid.Error); !ok || pe.Code != "INVALID_ACCOUNT_ID" {
			t.Errorf("%q is %q, %v", asked, ids, err)
		}
	}
}

// BenchmarkTellOfAccount is what a mirror costs beside the endpoint, for a page of 500 transactions.
func BenchmarkTellOfAccount(b *testing.B) {
	row, err := json.Marshal(map[string]any{"account_id": strings.Repeat("a", 37), "name": strings.Repeat("n", 600), "amount": 1})
	if err != nil {
		b.Fatal(err)
	}
	text := `{"accounts":[{"account_id":"a"}],"transactions":[` + strings.TrimSuffix(strings.Repeat(string(row)+",", 500), ",") + `],"item":{}`
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := tellOfAccount(httpapi.Raw{[]byte(text)}, item.Item{}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
