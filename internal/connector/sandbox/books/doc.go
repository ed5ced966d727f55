// Package books keeps the books of the sandbox's investment bank. A persona is a JSON file: accounts, and what their owner
// orders on which day. [Run] plays the orders against the simulated market, day by day from the first account's opening,
// and states the result as a bank would: balances, holdings with tax lots, and the log of investment transactions. It is a
// pure function; a later day appends to the log and changes nothing in it, but for trades that were broken over night.
//
// A day has a fixed order. Cancellations of broken trades come first, then corporate actions, to what was held over night; then
// payments that fell due; then the orders, in the order of the file, and what is still open of limit orders; then vesting, the
// expiry of options, at the month's end interest, and last the trades that will be broken. Whoever
// first acquires a security puts all its future corporate actions on the agenda, so that a day on which nothing happens
// costs nothing.
//
// The rules that the tests hold: a position is the sum of its transactions' quantities, cash is minus the sum of their
// amounts, a trade's amount is quantity x price plus fees, tax lots add up to their holding, and every pair of type and
// subtype is one that Plaid documents.
//
// Shares are sold first in, first out. What tax law attaches to a price is in the lots, not in the transactions: the
// premium of an exercised option, the cash of a merger, the value of shares on the day that they vest.
package books
