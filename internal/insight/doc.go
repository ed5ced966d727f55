// Package insight finds what the rows of somebody's accounts show that may be worth money: subscriptions whose price rose or
// that are paid twice, trials that became paid, fees, cash that lies idle beside a card's interest, funds that cost more than
// another of the same index, charges that were made twice or are far from the usual. It asks nobody, goes by rules that are
// data (rules/*.json), and gives the same insights for the same rows in whatever order they come.
//
// # What is said
//
// An insight has the rows, accounts and securities that prove it, and a figure that is computed of them. Its text tells what
// the rows show and what the figure is; what to do about it is left to whoever reads it. Texts are in English, amounts are
// written with all their digits and the code of their currency. Amounts of different currencies are never compared or added.
//
// # The figure, by kind
//
//   - subscription_price_rise: what the rise costs in a year: new price less old price, times the payments of a year.
//   - subscription_doubled: what one of the two costs in a year.
//   - trial_became_paid: what was charged since the trial.
//   - avoidable_fee: the fees of one sort of one account within a year, less what came back.
//   - idle_cash_beside_card_interest: a year's interest, at the card's rate, on what could be paid off with the idle cash; where
//     the rate is not known and the cash would pay off all, the interest that was charged within the last year.
//   - cheaper_fund: what is held, times the difference of the two yearly ratios.
//   - duplicate_charge: the second of the two charges.
//   - unusual_charge: the charge less the highest before it.
//
// # What is left out
//
// Pending rows prove nothing: they settle under another id, perhaps at another amount. A payment that came back whole is left
// out with what it came back with. An account that is linked twice is one ([Account.Identity]). Usage-based bills never rise
// in price: their amounts are not the same from month to month. Trials that left no row cannot be seen.
package insight
