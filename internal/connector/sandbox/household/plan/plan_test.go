package plan

import (
	"strings"
	"testing"
	"testing/fstest"

	"weft/internal/connector/sandbox/personas"
)

func TestHabits(t *testing.T) {
	habits, err := Habits(personas.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"groceries", "streaming", "custom checking", "custom savings", "custom card"} {
		if len(habits[name]) == 0 {
			t.Errorf("there is no habit %q", name)
		}
	}
	for text, want := range map[string]string{`{"a": [{"colour": 1}]}`: "colour", `[`: "unexpected"} {
		if _, err := Habits(fstest.MapFS{"habits/x.json": {Data: []byte(text)}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	twice := fstest.MapFS{"habits/x.json": {Data: []byte(`{"a": []}`)}, "habits/y.json": {Data: []byte(`{"a": []}`)}}
	if _, err := Habits(twice); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("a habit twice: %v", err)
	}
}

func TestHabitsAreTakenOver(t *testing.T) {
	habits, err := Habits(fstest.MapFS{"habits/x.json": {Data: []byte(`{"tea": [{"id": "cup", "names": ["TEA"], "a_month": 3, "least": 2.00, "most": 4.00}]}`)}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse([]byte(`{"kind": "household", "name": "x", "days": 30, "accounts": [{"key": "a", "name": "A", "type": "depository", "subtype": "checking"}],
		"habits": [{"set": "tea", "account": "a", "percent": 50}]}`), habits)
	if err != nil || len(p.Flows) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	if f := p.Flows[0]; f.ID != "tea.cup" || f.Account != "a" || f.Least.String() != "1.00" || f.Most.String() != "2.00" {
		t.Errorf("%+v", f)
	}
	if habits["tea"][0].Least.String() != "2.00" {
		t.Error("the habit itself has changed")
	}
}

func TestRead(t *testing.T) {
	files := fstest.MapFS{"households/x.json": {Data: []byte(`{"kind": "household", "name": "y", "days": 1, "accounts": [{"key": "a", "name": "A", "type": "loan", "subtype": "auto"}]}`)}}
	if names, err := Names(files); err != nil || len(names) != 1 || names[0] != "x" {
		t.Errorf("%v, %v", names, err)
	}
	if _, err := Read(files, "x", nil); err == nil || !strings.Contains(err.Error(), `x: the person's name is "y"`) {
		t.Errorf("a person under another name: %v", err)
	}
	if _, err := Read(files, "z", nil); err == nil {
		t.Error("nobody's plan was read")
	}
}

func TestFaults(t *testing.T) {
	flow := func(text string) string {
		return `{"kind": "household", "name": "x", "days": 9, "accounts": [{"key": "a", "name": "A", "type": "depository", "subtype": "checking"},
			{"key": "c", "name": "C", "type": "credit", "subtype": "credit card", "limit": 1, "closes": 3}], "flows": [{"id": "f", "account": "a", "names": ["F"], ` + text + `}]}`
	}
	const daily = `"every": "month", "on": 1, `
	for text, want := range map[string]string{
		`{"kind": "household", "name": "x", "days": 9, "accounts": [], "colour": 1}`:                                                                                  "colour",
		`{"kind": "books", "name": "x", "days": 9, "accounts": []}`:                                                                                                   "kind",
		`{"kind": "household", "name": "x", "days": 9, "accounts": [{"key": "a", "name": "A", "type": "investment", "subtype": "ira"}]}`:                              "investment account",
		`{"kind": "household", "name": "x", "days": 9, "accounts": [{"key": "a", "name": "A", "type": "loan", "subtype": "checking"}]}`:                               "is no type",
		`{"kind": "household", "name": "x", "days": 9, "accounts": [{"key": "a", "name": "A", "type": "credit", "subtype": "credit card"}]}`:                          "a limit",
		`{"kind": "household", "name": "x", "days": 9, "accounts": [{"key": "a", "name": "A", "type": "loan", "subtype": "auto", "owners": ["b"]}]}`:                  `no owner "b"`,
		`{"kind": "household", "name": "x", "days": 9, "accounts": [{"key": "a", "name": "A", "type": "loan", "subtype": "auto"}], "habits": [{"set": "b"}]}`:         `no habit "b"`,
		`{"kind": "household", "name": "x", "days": 9, "accounts": [{"key": "a", "name": "A", "type": "loan", "subtype": "auto"}], "investments": {"kind": "books"}}`: "investments",
		flow(daily + `"amount": [1]}, {"id": "f", "account": "a", "names": ["F"], "every": "month", "on": 1, "amount": [1]`):                                          "used twice",
		flow(daily + `"amount": [1], "to": "b", "to_names": ["T"]`):                                                                                                   `no other account "b"`,
		flow(daily + `"amount": [1], "to": "a", "to_names": ["T"]`):                                                                                                   `no other account "a"`,
		flow(daily + `"amount": [1], "to": "c"`):                     "those of the other account",
		flow(daily + `"amount": [1], "least": 1, "most": 2`):         "one of amount",
		flow(daily + `"least": 2, "most": 1`):                        "one of amount",
		flow(daily + `"pays": "half", "to": "c", "to_names": ["T"]`): "in full or the minimum",
		flow(daily + `"amount": [1], "below": 1`):                    "the other account",
		flow(daily + `"amount": [1], "days": "mondays"`):             "workdays or weekends",
		flow(daily + `"amount": [1], "book": "late"`):                "before or after",
		flow(daily + `"amount": [1], "posts": [3, 2]`):               "a few days",
		flow(daily + `"amount": [1], "a_month": 2`):                  "by chance",
		flow(daily + `"amount": [1], "months": [13]`):                "no month 13",
		flow(`"every": "fortnight", "on": 1, "amount": [1]`):         "unknown period",
		flow(`"every": "week", "on": 8, "amount": [1]`):              "a weekday",
		flow(`"every": "month", "amount": [1]`):                      "a day of the month",
	} {
		if _, err := Parse([]byte(text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
