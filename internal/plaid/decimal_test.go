package plaid_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

// rat is the exact value of a decimal, by other code than its own.
func rat(t interface{ Fatalf(string, ...any) }, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is not a number for math/big", text)
	}
	return r
}

// drawNumber draws a decimal as it prints itself: no exponent, no needless zero in front, any zeros at the end.
func drawNumber(t *rapid.T, label string) string {
	return rapid.StringMatching(`(-?[1-9][0-9]{0,20}|0)(\.[0-9]{0,11}[1-9]0{0,3})?`).Draw(t, label)
}

// Text of money is kept digit for digit: 100.00 stays 100.00.
func TestDecimalKeepsItsDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawNumber(t, "text")
		d, err := plaid.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		if d.String() != text {
			t.Fatalf("%q became %q", text, d)
		}
	})
	for text, want := range map[string]string{
		"100.00": "100.00", "0.00": "0.00", "-47.74": "-47.74", "-0": "0", "-0.00": "0.00", "1e3": "1000", "1.50e1": "15.0", "12E-3": "0.012",
		"+5": "5", "007.10": "7.10", ".5": "0.5", "-.5": "-0.5", "5.": "5", "\u22125": "-5", // banks write the real minus sign, too
		"99999999999999999999999999999999.12345678901234567890":        "99999999999999999999999999999999.12345678901234567890",
		"123456789012345678901234567890123456789012345678901234567890": "123456789012345678901234567890123456789012345678901234567890",
	} {
		d, err := plaid.ParseDecimal(text)
		if err != nil || d.String() != want {
			t.Errorf("%q: got %q, %v; want %q", text, d, err, want)
		}
	}
}

func TestParseDecimalRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "1 ", " 1", "1 000", "NaN", "nan", "Inf", "-Inf", "+Inf", "Infinity", "infinity", "1e999999", "1e-999999", "1e99999999999999999999",
		strings.Repeat("1", 61), "0." + strings.Repeat("0", 59), "1e60", "-1e59", "1e-59", // these have more than 60 characters when they are written out
		`"1"`, `1"`, "0x10", "0x1p4", "0b1", "0o7", "1_000", "1_000_000_000_000_000_000_000", "1e1_0", "1,000.00", "1.2.3", "1e2e3", "1e", "e1", ".", "-", "+", "-.", "--1", "+-1", "1-", ".-5",
		"1e5.5", "null", "true", "{}", "[1]", "١٢", "１", "1\x00", "\xff", "1/2",
	} {
		if d, err := plaid.ParseDecimal(text); err == nil {
			t.Errorf("%q was read as %s", text, d)
		} else if len(err.Error()) > 200 {
			t.Errorf("%q: an error of %d characters", text, len(err.Error()))
		}
	}
}

func TestDecPanicsOnWhatIsNoNumber(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	plaid.Dec("one")
}

func TestDecimalArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := plaid.Dec(drawNumber(t, "a")), plaid.Dec(drawNumber(t, "b"))
		x, y := rat(t, a.String()), rat(t, b.String())
		places := rapid.Int32Range(0, 12).Draw(t, "places")
		check := func(name string, got plaid.Decimal, want *big.Rat) {
			if rat(t, got.String()).Cmp(want) != 0 {
				t.Fatalf("%s of %s and %s is %s, want %s", name, a, b, got, want)
			}
		}
		check("sum", a.Add(b), new(big.Rat).Add(x, y))
		check("difference", a.Sub(b), new(big.Rat).Sub(x, y))
		check("product", a.Mul(b), new(big.Rat).Mul(x, y))
		check("negation", a.Neg(), new(big.Rat).Neg(x))
		check("absolute value", a.Abs(), new(big.Rat).Abs(x))
		check("rounding", a.Round(places), rounded(x, places, true))
		check("cut", a.Trunc(places), rounded(x, places, false))
		if y.Sign() != 0 {
			check("quotient", a.Div(b, places), rounded(new(big.Rat).Quo(x, y), places, true))
		}
		if a.Cmp(b) != x.Cmp(y) || a.Equal(b) != (x.Cmp(y) == 0) || a.Sign() != x.Sign() || a.IsZero() != (x.Sign() == 0) {
			t.Fatalf("comparison of %s and %s: cmp %d, equal %v, sign %d, zero %v", a, b, a.Cmp(b), a.Equal(b), a.Sign(), a.IsZero())
		}
		if *a.Ptr() != a {
			t.Fatalf("the pointer to %s points to %s", a, a.Ptr())
		}
	})
}

// rounded is a number to some decimal places: half away from zero, or cut.
func rounded(x *big.Rat, places int32, half bool) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	n := new(big.Int).Mul(x.Num(), scale)
	den := new(big.Int).Set(x.Denom())
	if half { // n/d + 1/2, cut, for either sign
		n.Mul(n, big.NewInt(2))
		n.Add(n, new(big.Int).Mul(den, big.NewInt(int64(x.Sign()))))
		den.Mul(den, big.NewInt(2))
	}
	return new(big.Rat).SetFrac(new(big.Int).Quo(n, den), scale)
}

// Rounding to places writes exactly that many, so that amounts line up.
func TestDecimalPlaces(t *testing.T) {
	for _, c := range []struct {
		got  plaid.Decimal
		want string
	}{
		{plaid.Dec("5").Round(2), "5.00"},
		{plaid.Dec("2.345").Round(2), "2.35"},
		{plaid.Dec("-2.345").Round(2), "-2.35"},
		{plaid.Dec("-2.344").Round(2), "-2.34"},
		{plaid.Dec("2.349").Trunc(2), "2.34"},
		{plaid.Dec("-2.349").Trunc(2), "-2.34"},
		{plaid.Dec("2").Div(plaid.Dec("3"), 4), "0.6667"},
		{plaid.Dec("-1").Div(plaid.Dec("3"), 2), "-0.33"},
		{plaid.Dec("1.10").Add(plaid.Dec("2.2")), "3.30"},
		{plaid.NewDecimal(1234, -2), "12.34"},
		{plaid.NewDecimal(12, 3), "12000"},
		{plaid.DecimalFromInt(-7), "-7"},
		{plaid.Decimal{}, "0"},
	} {
		if c.got.String() != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestDecimalJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawNumber(t, "text")
		in := map[string]*plaid.Decimal{"n": plaid.Dec(text).Ptr(), "none": nil}
		b, err := json.Marshal(in)
		if want := `{"n":` + text + `,"none":null}`; err != nil || string(b) != want {
			t.Fatalf("got %s, %v; want %s", b, err, want)
		}
		var out map[string]*plaid.Decimal
		if err := json.Unmarshal(b, &out); err != nil || out["n"].String() != text || out["none"] != nil {
			t.Fatalf("%s was read as %v, %v", b, out, err)
		}
		if v, err := plaid.Dec(text).Value(); err != nil || v != text {
			t.Fatalf("stored as %v, %v; want %s", v, err, text)
		}
	})
	for _, text := range []string{`"1.5"`, `""`, `true`, `{}`, `[1]`, `1e999999`, strings.Repeat("9", 61)} {
		d := plaid.Dec("3")
		if err := json.Unmarshal([]byte(text), &d); err == nil {
			t.Errorf("%s was read as %s", text, d)
		}
		if d.String() != "3" {
			t.Errorf("a refused %s has changed the number to %s", text, d)
		}
	}
}

// decimalGrammar is what ParseDecimal reads: ASCII digits, with a sign, a point and an exponent.
var decimalGrammar = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0", "-47.74", "100.00", "1e3", "1E-5", ".5", "5.", "+1", "1e60", "NaN", "0x1", "1_0", "-0.0", "1e59", "\u22121", "9e-58"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := plaid.ParseDecimal(s)
		if err != nil {
			return
		}
		text := d.String()
		if len(text) > 60 {
			t.Fatalf("%q is written with %d characters", s, len(text))
		}
		ascii := strings.ReplaceAll(s, "\u2212", "-")
		if !decimalGrammar.MatchString(ascii) {
			t.Fatalf("%q is no number, but was read as %s", s, text)
		}
		if rat(t, ascii).Cmp(rat(t, text)) != 0 {
			t.Fatalf("%q was read as %s", s, text)
		}
		if !json.Valid([]byte(text)) || strings.ContainsAny(text, "eE") {
			t.Fatalf("%q is written as %s", s, text)
		}
		again, err := plaid.ParseDecimal(text)
		if err != nil || again.String() != text || !again.Equal(d) {
			t.Fatalf("%q is written as %s, and that is read as %s, %v", s, text, again, err)
		}
	})
}

func ExampleDecimal() {
	price, quantity := plaid.Dec("100.10"), plaid.Dec("3")
	fmt.Println(price.Mul(quantity))
	// Output: 300.30
}

// A number that is appended to JSON is the one that String writes.
func TestDecimalAppends(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := plaid.NewDecimal(rapid.OneOf(rapid.Int64(), rapid.Int64Range(-200, 200)).Draw(t, "value"), rapid.OneOf(rapid.Just(int32(-2)), rapid.Int32Range(-20, 3)).Draw(t, "exponent"))
		if got := string(d.Append([]byte("x"))); got != "x"+d.String() {
			t.Fatalf("%s is appended as %s", d, got)
		}
	})
}
