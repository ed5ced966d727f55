// Package seal keeps secrets: it encrypts what must be read again (account numbers, bank credentials) and hashes what must
// only be recognised (tokens, client secrets).
//
// Encryption is Tink's envelope scheme: each value has a fresh AES-256-GCM key, wrapped by the keyset of the key file. A
// sealed value is bound to its place (tenant, table, column, row), so that it cannot be moved to another row and opened
// there. Hashes are HMAC-SHA-256 under a key of the same file, so that the database alone confirms no guess.
package seal
