package rows_test

import (
	"testing"

	"weft/internal/item/rows"
	"weft/internal/store"
)

// Documents that were read with an Item are its own while it is of the version that they were read with; whoever reads in a
// transaction asks the database.
func TestDocumentsReadWithAnItem(t *testing.T) {
	asked := []string{"a", "b"}
	read := rows.Item{Version: 3}.With(map[string][]byte{"a": []byte("[1]")}, asked)
	changed := read
	changed.Version++
	for name, c := range map[string]struct {
		item  rows.Item
		q     store.Querier
		kinds []string
		want  bool
	}{
		"one":               {read, &store.DB{}, []string{"a"}, true},
		"one that is not":   {read, &store.DB{}, []string{"b", "a"}, true},
		"another kind":      {read, &store.DB{}, []string{"a", "c"}, false},
		"in a transaction":  {read, &store.Tx{}, []string{"a"}, false},
		"changed since":     {changed, &store.DB{}, []string{"a"}, false},
		"none were read":    {rows.Item{Version: 3}.With(nil, asked), &store.DB{}, []string{"a"}, false},
		"found in a memory": {rows.Item{Version: 3}, &store.DB{}, []string{"a"}, false},
	} {
		docs, ok := c.item.Documents(c.q, c.kinds)
		if ok != c.want || ok && (docs.Version != 3 || string(docs.ByKind["a"]) != "[1]" || docs.ByKind["b"] != nil) {
			t.Errorf("%s: %v, %+v", name, ok, docs)
		}
	}
}
