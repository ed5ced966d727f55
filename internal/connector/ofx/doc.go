// Package ofx reads OFX and QFX statement files onto Plaid's model. [Parse] gives what a file states, statement by
// statement, with what could not be read; [File.Imports] gives it by institution, as connector batches.
//
// # Whose numbers are believed
//
// Of a bank transaction the sign is believed and turned round: Plaid counts what leaves. Of a trade it is not: Vanguard
// sends sales with positive units and purchases with positive totals, so the element says what happened (BUYSTOCK adds
// units and costs money) and the numbers say how much. Only INCOME, INVEXPENSE, RETOFCAP, and TRANSFER without TFERACTION
// keep the file's sign. What a memo calls a reversal is turned round. The day of a date is the one that is written.
//
// # Identity
//
// A bank's FITID is a hint, not a key: banks give several rows the same, give new ones with each download, or none. A
// transaction's key is made of its FITID, date, amount, security and element, and of the number of times that all of them
// occurred before in its statement. So nothing in a file is lost, and two files that overlap agree. Keys of accounts and
// transactions are digests, because account and card numbers are in what they are made of. [Facts] has, beside each key,
// the FITID and a fingerprint of the content, for an importer that finds that a bank's FITIDs are unstable.
//
// # What an importer must know
//
// A file states some of an institution's accounts, not all: accounts, holdings and the window of a batch speak of the
// file's accounts alone, and an importer that keeps more accounts in the Item must merge and must clear the window. A
// balance that the file does not state is 0 in the batch and listed in [Import.Unbalanced].
package ofx
