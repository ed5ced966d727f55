package token

import (
	"fmt"

	"weft/internal/httpapi"
	"weft/internal/plaid"
)

// limitedPurpose is the subtype whose accounts take only payments of certain types.
const limitedPurpose = "limited purpose checking"

// byType is the filters under their account types, with nil for those that are not given.
func (f *AccountFilters) byType() map[string]*AccountFilter {
	return map[string]*AccountFilter{
		plaid.TypeDepository: f.Depository, plaid.TypeCredit: f.Credit, plaid.TypeLoan: f.Loan,
		plaid.TypeInvestment: f.Investment, plaid.TypeOther: f.Other,
	}
}

// checkAccountFilters checks that each filter names subtypes of its type.
func (r *Request) checkAccountFilters() error {
	if r.AccountFilters == nil {
		return nil
	}
	filters, given := r.AccountFilters.byType(), false
	for _, accountType := range plaid.AccountTypes {
		filter := filters[accountType]
		if filter == nil {
			continue
		}
		given = true
		if err := filter.check("account_filters."+accountType, accountType); err != nil {
			return err
		}
	}
	if !given {
		return plaid.InvalidField("account_filters", "must name at least one account type")
	}
	return nil
}

func (f *AccountFilter) check(path, accountType string) error {
	for i, subtype := range f.AccountSubtypes {
		if subtype != "all" && !plaid.Known(plaid.SubtypesOf(accountType), subtype) {
			return plaid.InvalidField(fmt.Sprintf("%s.account_subtypes[%d]", path, i), fmt.Sprintf("must be a subtype of %s or \"all\", not %q", accountType, subtype))
		}
	}
	if accountType != plaid.TypeDepository && f.LimitedPurposeTypes != nil {
		return plaid.UnknownFields(path + ".limited_purpose_types")
	}
	limited := plaid.Known(f.AccountSubtypes, limitedPurpose)
	switch {
	case limited && len(f.LimitedPurposeTypes) == 0:
		return plaid.MissingFields(path + ".limited_purpose_types")
	case len(f.LimitedPurposeTypes) > 0 && !limited && !plaid.Known(f.AccountSubtypes, "all"):
		return plaid.InvalidField(path+".limited_purpose_types", fmt.Sprintf("is for the account subtype %q, which is not requested", limitedPurpose))
	}
	return nil
}

// nameInvestments reads the filter of investment accounts under the name of the request's version: brokerage until
// 2018-05-22, investment since.
func (r *Request) nameInvestments(v httpapi.Version) error {
	f := r.AccountFilters
	switch {
	case f == nil:
	case v > httpapi.Version20180522 && f.Brokerage != nil:
		return plaid.UnknownFields("account_filters.brokerage")
	case v <= httpapi.Version20180522 && f.Investment != nil:
		return plaid.UnknownFields("account_filters.investment")
	case f.Brokerage != nil:
		f.Investment, f.Brokerage = f.Brokerage, nil
	}
	return nil
}

// forVersion is the filters with the names of a version.
func (f *AccountFilters) forVersion(v httpapi.Version) *AccountFilters {
	if f == nil || v > httpapi.Version20180522 {
		return f
	}
	old := *f
	old.Investment, old.Brokerage = nil, f.Investment
	return &old
}

// Allows reports whether an account of a type and subtype may be linked.
func (f *AccountFilters) Allows(accountType, subtype string) bool {
	filter, ok := map[string]*AccountFilter{
		plaid.TypeDepository: f.Depository, plaid.TypeCredit: f.Credit, plaid.TypeLoan: f.Loan, plaid.TypeInvestment: f.Investment, plaid.TypeOther: f.Other,
	}[accountType]
	return ok && filter != nil && (plaid.Known(filter.AccountSubtypes, "all") || plaid.Known(filter.AccountSubtypes, subtype))
}
