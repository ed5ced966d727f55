// Package value reads the amounts and dates of OFX as banks really write them.
package value
