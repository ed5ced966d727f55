package enrich

import (
	"strings"

	"weft/internal/enrich/rules"
	"weft/internal/enrich/taxonomy"
	"weft/internal/enrich/words"
	"weft/internal/plaid"
)

// Input is what a bank says of a transaction. Only the description is needed.
type Input struct {
	// Description is the bank's line, OFX's NAME. Payee and Memo are what the bank states beside it.
	Description, Payee, Memo string
	// Amount has Plaid's sign: positive is money out.
	Amount                      plaid.Decimal
	AccountType, AccountSubtype string
	// Kind is the bank's kind of the transaction in OFX's words, such as ATM, POS, CHECK, INT.
	Kind        string
	CheckNumber string
	// MCC is the code that card networks give the merchant, of four digits.
	MCC string
}

// The payment channels.
const (
	Online  = rules.Online
	InStore = rules.InStore
	Other   = rules.Other
)

// CounterpartyType is what a counterparty is.
type CounterpartyType = rules.CounterpartyType

// Confidence says how sure a finding is: VERY_HIGH to LOW.
type Confidence = rules.Confidence

// Counterparty takes part in a transaction. Empty texts are null in an answer.
type Counterparty struct {
	Name, EntityID, Website, LogoURL, PhoneNumber string
	Type                                          CounterpartyType
	Confidence                                    Confidence
}

// Category is a personal finance category.
type Category struct {
	Primary, Detailed string
	Confidence        Confidence
}

// Location is what a description says of a place. Empty texts are null.
type Location struct{ Address, City, Region, PostalCode, Country, StoreNumber string }

// PaymentMeta is what a description says of a transfer between banks. Empty texts are null.
type PaymentMeta struct {
	ReferenceNumber, PPDID, Payee, Payer, ByOrderOf, PaymentMethod, PaymentProcessor, Reason string
}

// Result is what is found. Empty texts are null in an answer.
type Result struct {
	// Name is the description without what banks put round it.
	Name string
	// The merchant's name, entity id and website are those of the main counterparty. We host no logos.
	MerchantName, EntityID, Website, LogoURL, PhoneNumber string
	// Counterparties name who handled the payment before who was paid.
	Counterparties []Counterparty
	PaymentChannel string
	// V1 and V2 are the personal finance category in either version.
	V1, V2 Category
	// LegacyCategoryID and LegacyCategory are the older category.
	LegacyCategoryID string
	LegacyCategory   []string
	Location         Location
	CheckNumber      string
	PaymentMeta      PaymentMeta
}

// Category is the category in a version.
func (r Result) Category(v taxonomy.Version) Category {
	if v == taxonomy.V1 {
		return r.V1
	}
	return r.V2
}

// Enricher finds what descriptions mean. It may be used by several goroutines, and gives the same for the same.
type Enricher struct{ rules *rules.Rules }

// New is an Enricher of the embedded data, which is read at first use, in a few hundredths of a second.
func New() *Enricher { return &Enricher{rules.Embedded()} }

// Merchants is the number of merchants that are known.
func (e *Enricher) Merchants() int { return e.rules.Merchants }

// Enrich finds what the bank's words mean.
func (e *Enricher) Enrich(in Input) Result {
	var texts [3]reading
	n := 0
	for _, text := range []string{in.Description, in.Payee, in.Memo} {
		if text = words.Bounded(text); text != "" && (n == 0 || !strings.EqualFold(text, texts[0].line)) {
			texts[n] = e.read(text)
			n++
		}
	}
	read := texts[:n]
	f := finding{in: in, direction: "out"}
	if in.Amount.Sign() < 0 {
		f.direction = "in"
	}
	for i := range read {
		who := e.identify(&read[i])
		if who.Merchant == nil && (who.through == nil || f.who.through != nil) {
			continue
		}
		f.who, f.at = who, i
		if who.Merchant != nil {
			break
		}
	}
	e.categorise(&f, read)
	return f.result(read)
}
