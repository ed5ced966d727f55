// Package rules holds what SimpleFIN does not say and must be inferred, as tables: the type of an account from its name, the
// kind of a movement of an investment account from its text, the kind of a security from its symbol and name, and which
// currency codes are official.
package rules
