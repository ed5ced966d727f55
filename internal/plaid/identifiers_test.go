package plaid_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

func TestPublishedIdentifiersAreValid(t *testing.T) {
	for _, s := range []string{"037833100", "594918104", "02079K305", "02079K107", "17275R102", "68389X105", "912828U24"} {
		if d, ok := plaid.CUSIPDigit(s[:8]); !plaid.ValidCUSIP(s) || !ok || d != s[8] {
			t.Errorf("CUSIP %s: check digit %c, %v", s, d, ok)
		}
	}
	for _, s := range []string{
		"US0378331005", "US5949181045", "US02079K3059", "GB0002634946", "DE000BASF111", "AU0000XVGZA3", "FR0000120271", "CH0038863350", "JP3633400001",
	} {
		if d, ok := plaid.ISINDigit(s[:11]); !plaid.ValidISIN(s) || !ok || d != s[11] {
			t.Errorf("ISIN %s: check digit %c, %v", s, d, ok)
		}
	}
	for _, s := range []string{"", "03783310", "0378331000", "037833101", "03783310a", "02079k305", "0378 3100", "03783310\x00", "０37833", "037833-10"} {
		if plaid.ValidCUSIP(s) {
			t.Errorf("CUSIP %q is valid", s)
		}
	}
	for _, s := range []string{"", "US037833100", "US03783310055", "US0378331006", "us0378331005", "120378331005", "U10378331005", "US037833100A", "US 378331005"} {
		if plaid.ValidISIN(s) {
			t.Errorf("ISIN %q is valid", s)
		}
	}
	if _, ok := plaid.CUSIPDigit("0378331"); ok {
		t.Error("seven characters have a CUSIP's check digit")
	}
	if _, ok := plaid.ISINDigit("US03783310"); ok {
		t.Error("ten characters have an ISIN's check digit")
	}
}

// A digit that is mistyped is noticed.
func TestCheckDigitsNoticeAChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.StringMatching(`[0-9A-Z]{8}`).Draw(t, "base")
		digit, ok := plaid.CUSIPDigit(base)
		cusip := fmt.Sprintf("%s%c", base, digit)
		isinDigit, isinOK := plaid.ISINDigit("US" + cusip)
		isin := fmt.Sprintf("US%s%c", cusip, isinDigit)
		if !ok || !isinOK || !plaid.ValidCUSIP(cusip) || !plaid.ValidISIN(isin) {
			t.Fatalf("%s, %s", cusip, isin)
		}
		i := rapid.IntRange(0, 8).Draw(t, "place")
		if cusip[i] > '9' {
			return
		}
		other := byte('0' + (cusip[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10)
		if changed := cusip[:i] + string(other) + cusip[i+1:]; plaid.ValidCUSIP(changed) {
			t.Fatalf("CUSIP %s and %s are both valid", cusip, changed)
		}
		if changed := isin[:i+2] + string(other) + isin[i+3:]; plaid.ValidISIN(changed) {
			t.Fatalf("ISIN %s and %s are both valid", isin, changed)
		}
	})
}

func TestJSON(t *testing.T) {
	for want, v := range map[string]any{`{"a":"<&>","n":1.50}`: map[string]any{"a": "<&>", "n": plaid.Dec("1.50")}, `null`: nil, `"a\nb"`: "a\nb", `[]`: []int{}} {
		if got, err := plaid.JSON(v); err != nil || string(got) != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
	if b, err := plaid.JSON(func() {}); err == nil {
		t.Errorf("a function is %s", b)
	}
}
