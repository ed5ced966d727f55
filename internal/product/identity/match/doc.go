// Package match scores how well what a client knows of a person matches what a bank knows of an account's owner: names, phone
// numbers, email addresses and postal addresses, each from 0 to 100. Scores do not depend on which side is which. The rules are
// explained in docs/identity.md.
package match
