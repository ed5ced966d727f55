// Package server puts the house together: it opens the store, checks the keys, lists the products and connectors, and
// serves them until it is told to stop. What is added to Weft is added to one of its two lists, products.go and
// connectors.go.
package server
