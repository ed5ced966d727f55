// Package identity is what a client tells of a person: its wire forms, the present one and the older one of consumer reports,
// what is valid in them, and the one normal form in which it is kept.
package identity
