// Package words cuts what banks write into words, and finds phrases in them.
package words
