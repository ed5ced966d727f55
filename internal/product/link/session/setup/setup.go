// Package setup is what a session of Link is for.
package setup

// Setup is what a session is for, as its link token says. It does not change.
type Setup struct {
	SessionID, ClientName, Environment string
	Language, Theme                    string
	// Countries and Products are what an institution must have.
	Countries, Products []string
	// Scopes are the kinds of data that the person is asked for.
	Scopes, UseCases []string
	// InstitutionID is the institution that the session begins with, empty for none.
	InstitutionID string
	// Matched is the institution that has RoutingNumber, which the client has from the person; both empty for none.
	Matched, RoutingNumber string
	// Repairs are the Items of update mode, one after the other; none for a new Item.
	Repairs []Repair
	// SelectAccounts: update mode asks again which accounts are shared.
	SelectAccounts bool
	// Multi: several institutions may be linked, and their tokens are given elsewhere.
	Multi bool
	// AsksPhone: a phone number may be given, with Phone in its field.
	AsksPhone bool
	Phone     string
	// Redirect: banks are reached by leaving the page, which comes back to the client's redirect_uri.
	Redirect    bool
	RedirectURI string
	// AuthTypeSelect: the person chooses between a login and account numbers.
	AuthTypeSelect, Manual bool
	// Methods are those by which typed account numbers may be verified. Reroute says what happens where they are those of a bank at
	// which people can log in: OFF (nothing), OPTIONAL (it is offered), FORCED (it is the only way).
	Methods []string
	Reroute string
	// Files are the extensions of statement files that can be brought, Tokens says that tokens of other services can.
	Files  []string
	Tokens bool
	// Single: exactly one account is shared. Unchecked: none is chosen at first.
	Single, Unchecked bool
	// Hidden are institutions that are not listed.
	Hidden []string
	// Embedded: the person chooses the institution first, on the client's own page.
	Embedded bool
	// CompletionURI is where a hosted page goes at the end.
	CompletionURI string
}

// Repair is an Item of update mode.
type Repair struct {
	ItemID        string `json:"item_id"`
	InstitutionID string `json:"institution_id"`
	Name          string `json:"name,omitempty"`
	// Source is where its data comes from: [SourceFile], [SourceToken], or empty for a bank at which people log in.
	Source string `json:"source,omitempty"`
	// Verification is how far typed numbers are verified of an Item without a login, and Mask their end.
	Verification string `json:"verification,omitempty"`
	Mask         string `json:"mask,omitempty"`
}

// Where an Item's data comes from that no bank's login gives.
const (
	SourceFile  = "file"
	SourceToken = "token"
)
