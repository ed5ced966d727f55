package taxlots

import (
	"os"
	"strings"
	"testing"

	"weft/internal/connector/ofx"
	"weft/internal/lots"
	"weft/internal/needs"
)

// Files that brokers have written: what was bought within them has lots, what was bought before has none.
func TestLotsOfRealFiles(t *testing.T) {
	before := string(lots.Before)
	for file, want := range map[string]map[string]string{
		"ofxparse/tests/fixtures/fidelity.ofx": {
			"SEADRILL LTD USD2":       "2012-07-27 128 for 5049.99", // 128 at 39.3909, and 7.95
			"COLLECTORS UNIVERSE INC": "2012-07-31 69 for 1006.37; 2012-08-31 1.573 for 22.43",
			"HILLENBRAND INC COM":     "2012-07-27 115 for 1991.7",
			"INTEL CORP":              "2012-07-20 100 for 2571.45; 2012-09-01 0.911 for 22.5",
			"RED HAT INC":             before,
			"XINYUAN REAL ESTATE ADR EACH REPR 2 ORD SHS": "2012-07-31 386 for 1007.19; 2012-08-20 4.909 for 14.47",
		},
		"ofxparse/tests/fixtures/td_ameritrade.ofx":   {"Amazon.com, Inc. - Common Stock": before, "US Treasury 2047": before},
		"ofxparse/tests/fixtures/vanguard.ofx":        {"Name of the security": before},
		"ofxparse/tests/fixtures/vanguard401k.ofx":    {"Target Retirement 2050 Trust Plus": before},
		"ofxparse/tests/fixtures/investment_401k.ofx": {"BAR Index Fund": before, "Baz Fund": string(unexplained), "Foo Index Fund": before},
		"ofxtools/tests/data/invstmtrs.ofx":           {"Acme Development, Inc.": before, "Lucky Airlines Jan 97 Put": before},
		"ofxtools-generated/inv_all_types_v220.ofx":   {"Acme Development, Inc.": string(inFraction)},
	} {
		content, err := os.ReadFile(needs.Shared(t, "fixtures/"+file))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := ofx.Parse(content)
		if err != nil {
			t.Fatal(err)
		}
		b := parsed.Imports()[0].Batch
		securities := securitiesOf(b)
		for _, account := range b.Accounts {
			list, holdings, _ := ofAccount(b, account.Key)
			for security, f := range Account(list, holdings, securities, lots.FIFO) {
				s := securities[security]
				if s.cash() {
					continue
				}
				got := strings.ReplaceAll(written(wire(f.Lots, holdings[0].InstitutionValue), costOf(f.Lots) != nil), "\n", "; ")
				if !f.Explained {
					got = string(f.Why[0])
				}
				if want[s.Name] != got {
					t.Errorf("%s: %s: got %q, want %q", file, s.Name, got, want[s.Name])
				}
			}
		}
	}
}
