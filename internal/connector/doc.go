// Package connector says what any bank connection can give. A source of bank data (the simulated banks, statement files,
// SimpleFIN) implements [Connector] and those of the small optional interfaces that it has the power for; callers find a
// power by a type assertion. A connector sees this package and package plaid, and never the store, an Item or a product.
//
// Results carry the bank's own keys, not public ids: minting account_id, security_id and transaction ids from them, and
// keeping them the same from one fetch to the next, is the work of package item. A key must therefore name the same thing
// in every fetch of a connection.
package connector
