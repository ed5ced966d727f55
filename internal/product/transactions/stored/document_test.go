package stored

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

// What is written by hand is what encoding/json writes, whatever fields there are.
func TestTransactionsAreWrittenAsJSON(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,12}`), rapid.SampledFrom([]string{"", "\u2028", "<&>", "\xff", "a\tb\x7f"}))
	number := rapid.Custom(func(t *rapid.T) plaid.Decimal {
		return plaid.NewDecimal(rapid.Int64().Draw(t, "value"), rapid.Int32Range(-20, 3).Draw(t, "exponent"))
	})
	day := rapid.Custom(func(t *rapid.T) plaid.Date { return plaid.Date(rapid.Int32Range(-20_000, 40_000).Draw(t, "day")) })
	transactions := rapid.MakeCustom[plaid.Transaction](rapid.MakeConfig{
		Types: map[reflect.Type]*rapid.Generator[any]{reflect.TypeFor[plaid.Decimal](): number.AsAny(), reflect.TypeFor[plaid.Date](): day.AsAny()},
		Kinds: map[reflect.Kind]*rapid.Generator[any]{reflect.String: text.AsAny()},
	})
	rapid.Check(t, func(t *rapid.T) {
		w := transactions.Draw(t, "transaction")
		want, err := plaid.JSON(w)
		if got := string(appendTransaction(nil, &w)); err != nil || got != string(want) {
			t.Fatalf("got\n%s\nwant\n%s\n%v", got, want, err)
		}
	})
}
