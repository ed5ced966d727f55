package numbers

import (
	"testing"

	"weft/internal/plaid"
)

func TestIBANCheckDigits(t *testing.T) {
	// Examples of the IBAN registry prove the arithmetic.
	for _, iban := range []string{"GB29NWBK60161331926819", "IE29AIBK93115212345678", "DE89370400440532013000"} {
		if got := withCheckDigits(iban[:2], iban[4:]); got != iban {
			t.Errorf("check digits of %s: %s", iban, got)
		}
	}
	lengths := map[string]int{"ES": 24, "NL": 18, "FR": 27, "IE": 22, "DE": 22, "IT": 27, "PL": 28, "DK": 18, "NO": 15,
		"SE": 24, "EE": 20, "LT": 20, "LV": 21, "PT": 25, "BE": 16, "AT": 20, "FI": 18, "GB": 22}
	for _, country := range plaid.CountryCodes {
		want, european := lengths[country]
		if !european {
			continue
		}
		seen := map[string]bool{}
		for _, mask := range []string{"0000", "1111", "9002", "AB12", ""} {
			iban := IBAN(country, Account(mask))
			if len(iban) != want {
				t.Errorf("%s: %s has %d characters, want %d", country, iban, len(iban), want)
			}
			if mod97(iban[4:]+iban[:4]) != 1 {
				t.Errorf("%s: check digits of %s are wrong", country, iban)
			}
			if seen[iban] {
				t.Errorf("%s: two masks give %s", country, iban)
			}
			seen[iban] = true
		}
	}
}

func TestDefault(t *testing.T) {
	us := Default("US", "depository", "checking", "0000")
	if us.ACH == nil || us.ACH.Account != "1111222233330000" || us.ACH.Routing != "011401533" || us.ACH.WireRouting != "021000021" {
		t.Errorf("US checking: %+v", us.ACH)
	}
	if ca := Default("CA", "depository", "savings", "1111"); ca.EFT == nil || ca.ACH != nil {
		t.Errorf("Canada: %+v", ca)
	}
	if gb := Default("GB", "depository", "checking", "0000"); gb.BACS == nil || gb.BACS.Account != "33330000" || gb.International == nil {
		t.Errorf("Britain: %+v", gb)
	}
	if de := Default("DE", "depository", "checking", "0000"); de.International == nil || de.ACH != nil {
		t.Errorf("Germany: %+v", de)
	}
	if n := Default("US", "investment", "401k", "6666"); n.Retirement401k == nil || n.ACATS != nil {
		t.Errorf("401k: %+v", n)
	}
	if n := Default("US", "investment", "ira", "5555"); n.ACATS == nil || n.ACATS.Account != "1111222233335555" {
		t.Errorf("IRA: %+v", n)
	}
	if n := Default("CA", "investment", "rrsp", "5555"); n.ATON == nil {
		t.Errorf("RRSP: %+v", n)
	}
	for _, none := range [][2]string{{"credit", "credit card"}, {"loan", "student"}, {"depository", "cd"}, {"investment", "crypto exchange"}} {
		if n := Default("US", none[0], none[1], "1234"); n.ACH != nil || n.ACATS != nil {
			t.Errorf("%v has numbers: %+v", none, n)
		}
	}
}
