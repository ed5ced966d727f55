// Package client keeps the API's clients, which are its tenants, and their keys. A client has one client_id, one public_key
// that is no secret, and secrets of its own for each environment; the secret of a call decides the environment. Only
// keyed hashes of secrets are stored. A rotation makes a second secret and lets the first one live for an overlap.
package client
