// Package taxlots gives lots and costs to holdings whose bank states none, out of the account's transactions.
//
// What the bank itself says of lots and of cost stands and is never replaced. A holding gets lots only where the stored
// transactions explain it whole: from nothing held to the quantity that is held now. Within that a cost or a day may still be
// unknown, and then it is null; docs/lots.md says when.
//
// Lots are made when an answer of the bank is written, of the accounts whose transactions or holdings it has changed, and kept
// in a document of the Item beside the holdings, so that what is Weft's can be told from what is the bank's.
package taxlots
