// Package rows reads the stored transactions of an Item as the API answers them: a page of a range of days, or the changes
// after a sequence number.
package rows

import (
	"slices"

	"weft/internal/plaid"
)

// MostDays is the longest history.
const MostDays = 730

// versions of the taxonomy of personal finance categories.
var versions = []string{"v1", "v2"}

// Variants are what a request decides of each transaction.
type Variants struct {
	IncludeOriginalDescription     *bool   `json:"include_original_description"`
	PersonalFinanceCategoryVersion *string `json:"personal_finance_category_version"`
	// These two are of the time when the category and the counterparties had to be asked for: they are always there now.
	IncludePersonalFinanceCategory *bool `json:"include_personal_finance_category"`
	IncludeLogoAndCounterpartyBeta *bool `json:"include_logo_and_counterparty_beta"`
	// DaysRequested is how far back the history goes where this call is the one that begins it.
	DaysRequested *int `json:"days_requested"`
}

// Validate checks the fields by themselves.
func (v Variants) Validate() error {
	if v.PersonalFinanceCategoryVersion != nil && !slices.Contains(versions, *v.PersonalFinanceCategoryVersion) {
		return plaid.InvalidField("options.personal_finance_category_version", "must be v1 or v2")
	}
	if v.DaysRequested != nil && (*v.DaysRequested < 1 || *v.DaysRequested > MostDays) {
		return plaid.InvalidField("options.days_requested", "must be between 1 and 730")
	}
	return nil
}

// Version is the version of the taxonomy.
func (v Variants) Version() string {
	if v.PersonalFinanceCategoryVersion == nil {
		return "v1"
	}
	return *v.PersonalFinanceCategoryVersion
}

func (v Variants) original() bool {
	return v.IncludeOriginalDescription != nil && *v.IncludeOriginalDescription
}

// Key names the variant in the cache.
func (v Variants) Key() string {
	if v.original() {
		return v.Version() + "o"
	}
	return v.Version()
}

// document is what a query selects for a transaction's document: the engine puts its pieces together, so that each row has
// one value to read. The table has the document without its closing brace, and the members that depend on the request.
func (v Variants) document() string {
	original := `null}'`
	if v.original() {
		original = `' || t.original || '}'`
	}
	return `t.document || ',"personal_finance_category":' || t.category_` + v.Version() + ` || ',"original_description":` + original
}
