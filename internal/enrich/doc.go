// Package enrich says what banks' descriptions of transactions mean.
package enrich
