// Package items is the product of Items themselves: exchanging a public token, reading an Item's state, changing its
// webhook, rotating its access token, importing and removing it.
package items
