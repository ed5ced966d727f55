package tables

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

// A decimal of Parquet is the number, whatever its digits.
func TestDecimalsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?`).Draw(t, "number")
		d, err := plaid.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		v, err := unscaled(d, 20)
		if err != nil {
			t.Fatal(err)
		}
		n := new(big.Int).SetBytes(v.ByteArray())
		if v.ByteArray()[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), 128))
		}
		got := new(big.Rat).SetFrac(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil))
		want, ok := new(big.Rat).SetString(text)
		if !ok || got.Cmp(want) != 0 {
			t.Fatalf("%s became %s", text, got.FloatString(20))
		}
	})
}

func TestDecimalsThatDoNotFitAreRefused(t *testing.T) {
	if _, err := unscaled(plaid.Dec("123456789012345678901234567890"), 10); err == nil {
		t.Error("40 digits are written")
	}
}

func TestFormulasAreText(t *testing.T) {
	for text, want := range map[string]string{"=1+1": "'=1+1", "@x": "'@x", "-x": "'-x", "x=": "x="} {
		if got := field(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := field(plaid.Dec("-5")); got != "-5" {
		t.Errorf("a number became %q", got)
	}
}
