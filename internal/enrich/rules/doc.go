// Package rules reads the data that enrichment goes by: merchants with their aliases, words that tell a category, what banks
// write round a merchant's name, who handles payments for others, and the large cities. It is text under data/, one line a
// merchant or a few phrases; each file says at its head how it is written.
package rules
