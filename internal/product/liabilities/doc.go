// Package liabilities is the product of debts: what is owed on credit cards, mortgages and student loans.
//
// What a bank states of them is one document of the Item, in the shape of the API's answer; the client is told by webhook
// which accounts have a debt that is new, and which members of the others have changed.
package liabilities
