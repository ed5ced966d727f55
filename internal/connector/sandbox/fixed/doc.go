// Package fixed reads the sandbox's static personas: people whose accounts and holdings are written down figure by figure
// and never change. Their investment history is written as a few rules, each a row that recurs every so many days, and is
// dated back from the day on which the connection was made; later days add nothing to it.
package fixed
