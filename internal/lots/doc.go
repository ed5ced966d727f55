// Package lots says what of an account's holdings was bought when and for how much. Events go into a [Book] in the order of
// time; out come the lots that are open, those that were closed with what was gained by them, and the reason where a cost or a
// day cannot be known. It knows no bank and no database, and rounds no money: what is divided is divided so that the parts add
// up to the whole.
//
// A cost that is not known is nil and stays nil in everything that is made of it. A lot is never given a likely cost. Where
// the events take more than they have brought, the rest is an unknown lot of the other sign, so that the lots always add up to
// the units.
//
// The rules are those of public guidance of the United States: shares whose day is unknown go first, then the oldest, unless
// another method was chosen (26 CFR 1.6045-1(d)(2)); a holding period begins the day after the purchase and is long beyond one
// year (IRS Publication 550). Wash sales are left out on purpose: whether a loss counts depends on all accounts of a person and
// of their spouse, of which an account knows nothing. So are constructive sales, straddles and the election between the
// methods, which is the person's.
package lots
