// Package securities maps the security list of an OFX file onto Plaid's securities: which identifiers can be believed, what
// type an instrument really is, and in which unit it is counted.
package securities
