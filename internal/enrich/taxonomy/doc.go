// Package taxonomy knows Plaid's ways of sorting transactions: the personal finance categories in their versions 1 and 2,
// and the older hierarchy that /categories/get answers with.
//
// The lists are the text files beside the code, one line a category. Their names and ids are Plaid's published facts; the
// descriptions are our own. Version 1 has 16 primary and 104 detailed categories, version 2 has 18 and 127. A category
// that only one version knows names its counterpart in the other, so whoever finds a category of one version can answer
// in both. Version 2's detailed categories come from several public programs that agree; Plaid's own table of it was not
// at hand, so its two *_FROM_APPS names are as those programs read them from answers: TRANSFER_IN_TRANSFER_IN_FROM_APPS.
//
// The hierarchy has no category of each group for every personal finance category: a detailed category is mapped to the
// nearest, in the direction of Plaid's published migration table where that gives one.
package taxonomy
