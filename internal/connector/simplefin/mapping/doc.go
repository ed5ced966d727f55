// Package mapping puts what a SimpleFIN server says into the contract's words: accounts with the contract's signs, movements of
// bank accounts and of investment accounts, positions with their securities. It keeps every amount digit for digit, except
// for a price, which is divided.
package mapping
