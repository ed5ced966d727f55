package insight

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"weft/internal/plaid"
)

//go:embed rules/*.json
var ruleFiles embed.FS

//go:embed images/*.svg
var imageFiles embed.FS

// Images are the drawings of insights, by name.
func Images() fs.FS {
	images, err := fs.Sub(imageFiles, "images")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return images
}

// rules are what the data says. Amounts are of currencies whose unit is about a dollar; money.json scales them for others.
type rules struct {
	Texts         map[Kind]text
	Subscriptions subscriptionRules
	Charges       chargeRules
	Fees          feeRules
	Cash          cashRules
	Funds         fundRules
	Money         map[string]currency
}

type text struct{ Image, Recommendation, Text string }

// currency is one that has other places than two, or a unit that is worth far less than a dollar.
type currency struct {
	Places int32
	Scale  int64
}

// embedded are the rules, read at first use. The tests read them, so they are sound.
var embedded = sync.OnceValue(func() *rules {
	r, err := readRules(ruleFiles)
	if err != nil {
		panic(err)
	}
	return r
})

func readRules(files fs.FS) (*rules, error) {
	r := &rules{}
	for name, into := range map[string]any{"texts": &r.Texts, "subscriptions": &r.Subscriptions, "charges": &r.Charges, "fees": &r.Fees,
		"cash": &r.Cash, "funds": &r.Funds, "money": &r.Money} {
		content, err := fs.ReadFile(files, "rules/"+name+".json")
		if err != nil {
			return nil, err
		}
		d := json.NewDecoder(bytes.NewReader(content))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			return nil, fmt.Errorf("insight: rules/%s.json: %w", name, err)
		}
	}
	r.Funds.index()
	return r, nil
}

// scaled is an amount of the rules in a currency.
func (r *rules) scaled(amount plaid.Decimal, currency string) plaid.Decimal {
	if scale := r.Money[currency].Scale; scale > 1 {
		return amount.Mul(plaid.DecimalFromInt(scale))
	}
	return amount
}

// round is an amount with the places that its currency has at least.
func (r *rules) round(amount plaid.Decimal, currency string) plaid.Decimal {
	places := int32(2)
	if c, ok := r.Money[currency]; ok {
		places = c.Places
	}
	return amount.Round(places)
}

// money writes an amount: 1,234.50 USD.
func (r *rules) money(amount plaid.Decimal, currency string) string {
	if c, ok := r.Money[currency]; (!ok || c.Places == 2) && amount.Places() < 2 {
		amount = amount.Add(plaid.NewDecimal(0, -2))
	}
	whole, fraction, _ := strings.Cut(amount.String(), ".")
	sign := ""
	if digits, negative := strings.CutPrefix(whole, "-"); negative {
		sign, whole = "-", digits
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return strings.TrimSpace(sign + whole + " " + currency)
}

// among reports whether a category is one of a list, where an entry that ends in _ stands for all that begin with it.
func among(category string, list []string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		return category == entry || strings.HasSuffix(entry, "_") && strings.HasPrefix(category, entry)
	})
}
