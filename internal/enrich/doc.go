// Package enrich says what banks' descriptions of transactions mean: who was paid and through whom, what for, how and where.
// It goes by rules that are text, asks nobody, and gives the same answer for the same words.
//
// # What is found
//
// A description is cut into words. What banks write in front of a merchant ("PURCHASE AUTHORIZED ON 09/16") and behind it
// (card numbers, references) is set aside. Who handles the payment for others ("SQ *", "PAYPAL *", "DOORDASH*") becomes a
// counterparty of its own; so does the merchant, by the longest alias that begins first. A name that the bank wrote without
// spaces or cut short at the end of a column is recognised, too, where only one merchant fits. The payee and the memo are
// looked at where the description names nobody.
//
// The category is, in this order: what the words of banks say (fees, interest, payroll, withdrawals), what the bank's own
// kind says, the merchant's, that of the card network's code, what other words say ("TAVERN", "DENTAL"), and what the
// account says: what arrives on a card or a loan pays it off. Each is found in version 2 of the personal finance categories,
// which is finer, and translated to version 1 and to the older hierarchy by [taxonomy].
//
// A city, a region, a store's number, a check's number and the parts of a transfer are given only where they clearly stand
// in the text. A city must be a large one, or begin right behind the merchant or at a column.
//
// # How sure it is
//
// VERY_HIGH is an alias of a merchant, or words that can mean nothing else; HIGH an alias that is short or stands among
// other words, and banks' words; MEDIUM a name that was cut short, or words that usually mean the category; LOW a name that
// only the statement knows, and the fallback.
//
// Where nothing tells, version 2 is OTHER_OTHER and version 1 GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE, as Plaid's own
// sandbox answers, at LOW confidence. Money that arrives elsewhere than on a card is TRANSFER_IN_OTHER_TRANSFER_IN then: an
// unknown deposit is no merchandise, and is not counted as income. The amount's sign and the account decide only where the
// words leave it open.
//
// A merchant's entity id is made of its name: it stays when its website, category or aliases are corrected. Logos are not
// hosted, so they are null.
//
// # How to add a merchant
//
// One line in a file of rules/data/merchants, in the section of its category:
//
//	Blue Bottle Coffee | bluebottlecoffee.com | blue bottle
//
// The name and the website are aliases, too, but for a name that rules/data/words.txt has as a common word. An alias that is
// a common word is written ^target: it counts only where the description begins with it. The tests refuse an alias that two
// merchants have. Words for categories are in keywords.txt, prefixes of banks in noise.txt, those of processors in
// processors.txt.
//
// testdata/labelled.txt is held out: it measures, and the data is not changed to fit it.
package enrich
