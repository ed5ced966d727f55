package connectortest

import (
	"weft/internal/connector"
	"weft/internal/plaid"
)

// liabilities: each is of an account of its kind, which has no other.
func (c *checker) liabilities(b connector.Batch, want connector.Want) {
	if len(b.Liabilities) > 0 && !want.Has("liabilities") {
		c.about = "batch"
		c.fail("liabilities that nobody wanted")
	}
	types := map[string]string{}
	for _, a := range b.Accounts {
		types[a.Key] = a.Type
	}
	for _, l := range b.Liabilities {
		c.about = "liability of " + l.AccountKey
		kind, known := types[l.AccountKey]
		kinds := 0
		for _, set := range []bool{l.Credit != nil, l.Mortgage != nil, l.Student != nil} {
			if set {
				kinds++
			}
		}
		switch {
		case !known:
			c.fail("there is no such account, or it has another liability")
		case kinds != 1:
			c.fail("it is of %d kinds", kinds)
		case (kind == plaid.TypeCredit) != (l.Credit != nil), kind != plaid.TypeCredit && kind != plaid.TypeLoan:
			c.fail("an account of the type %s", kind)
		}
		delete(types, l.AccountKey)
	}
}
