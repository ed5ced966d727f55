// Package household plays the money of ordinary people: salaries, rent, cards, shops. A person is a plan (package plan); [Run]
// plays it day by day against the accounts' balances and states the result as a bank would, today included: what people did by
// card in the last days is pending, and is posted on a later day under a new key.
//
// It is a pure function of the seed, the plan, and the two days. A day depends on nothing after it, so a later today adds
// rows, settles those that were pending, and changes no other. What is drawn depends on the date and the flow, not on the day
// of the connection: somebody who links twice sees the same purchases twice.
//
// The rules that the tests hold: what a deposit account has is its opening less all posted amounts, what is owed on a card
// or a loan is its opening plus them; available is what pending payments leave; a transfer has both legs.
package household
