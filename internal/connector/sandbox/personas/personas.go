// Package personas holds the simulated people of the sandbox, one JSON file each. A file says by its "kind" who reads it:
// "books" is for package books, which derives the person's accounts from their orders.
package personas

import "embed"

// FS has the persona files in its root.
//
//go:embed *.json
var FS embed.FS
