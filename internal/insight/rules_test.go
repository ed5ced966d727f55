package insight

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"weft/internal/enrich/taxonomy"
	"weft/internal/plaid"
)

// The rules name categories that there are.
func TestCategories(t *testing.T) {
	r := embedded()
	lists := [][]string{r.Subscriptions.Categories, r.Subscriptions.SeveralAtOnce, r.Subscriptions.Trial.Except, r.Charges.Duplicate.Except,
		r.Charges.Unusual.Categories, r.Cash.NotSpending, {r.Cash.InterestCategory}}
	for _, f := range r.Fees.Fees {
		lists = append(lists, f.Categories)
	}
	for _, list := range lists {
		for _, name := range list {
			primary := strings.TrimSuffix(name, "_")
			if _, ok := taxonomy.Find(name); !ok && (primary == name || !hasPrimary(primary)) {
				t.Errorf("there is no category %s", name)
			}
		}
	}
}

func hasPrimary(name string) bool {
	for _, category := range []string{"TRANSFER_OUT_SAVINGS", "LOAN_PAYMENTS_MORTGAGE_PAYMENT", "BANK_FEES_ATM_FEES", "INCOME_INTEREST_EARNED",
		"GOVERNMENT_AND_NON_PROFIT_DONATIONS", "MEDICAL_DENTAL_CARE", "RENT_AND_UTILITIES_RENT"} {
		if strings.HasPrefix(category, name+"_") {
			return true
		}
	}
	return false
}

// Each kind has its words and a drawing that loads nothing, and each drawing is of a kind.
func TestTextsAndImages(t *testing.T) {
	r, used := embedded(), map[string]bool{}
	for _, kind := range Kinds {
		text := r.Texts[kind]
		if text.Text == "" || text.Recommendation == "" {
			t.Errorf("%s has no words", kind)
		}
		drawing, err := fs.ReadFile(Images(), text.Image)
		if err != nil || !strings.HasPrefix(string(drawing), "<svg ") || regexp.MustCompile(`(?i)script|href|url\(|<image|on\w+=`).Match(drawing) {
			t.Errorf("%s: %q, %v", kind, drawing, err)
		}
		used[text.Image] = true
	}
	entries, err := fs.ReadDir(Images(), ".")
	if err != nil || len(entries) != len(used) || len(r.Texts) != len(Kinds) {
		t.Errorf("%d drawings of %d, %d texts, %v", len(entries), len(used), len(r.Texts), err)
	}
}

// Each fund is there once, under identifiers that can be, with a cost that is dated and has a source.
func TestFunds(t *testing.T) {
	seen := map[string]bool{}
	for _, family := range embedded().Funds.Families {
		if family.Index == "" || len(family.Funds) < 2 {
			t.Errorf("%+v", family)
		}
		if family.cheapest().Ticker == "" {
			t.Errorf("nobody can buy a fund of the %s", family.Index)
		}
		for _, f := range family.Funds {
			if seen[f.Ticker] || seen[f.ISIN] || f.ISIN != "" && !plaid.ValidISIN(f.ISIN) || f.ISIN == "" && family.Currency == "" {
				t.Errorf("%s has the ISIN %q", f.Ticker, f.ISIN)
			}
			if seen[f.Ticker] = true; f.ISIN != "" {
				seen[f.ISIN] = true
			}
			if f.Name == "" || f.Source == "" || f.AsOf < plaid.MustDate("2023-01-01") || f.Ratio.Sign() <= 0 || f.Ratio.Cmp(plaid.DecimalFromInt(1)) > 0 {
				t.Errorf("%+v", f)
			}
		}
	}
}

func TestMoneyIsWrittenExactly(t *testing.T) {
	for _, c := range [][3]string{{"1234567.5", "USD", "1,234,567.50 USD"}, {"-1000", "EUR", "-1,000.00 EUR"}, {"999", "JPY", "999 JPY"}, {"0.12345", "USD", "0.12345 USD"},
		{"12", "", "12.00"}, {"123456", "KRW", "123,456 KRW"}} {
		if got := embedded().money(plaid.Dec(c[0]), c[1]); got != c[2] {
			t.Errorf("%s %s is %q", c[0], c[1], got)
		}
	}
}
