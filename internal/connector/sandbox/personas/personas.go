// Package personas holds the simulated people of the sandbox, one JSON file each. In the root a file says by its "kind" who
// reads it: "static" is for package fixed, which states what it says, and "books" for package books, which derives a person's
// accounts from their orders. The folder households is for package household; what its people have in common is in habits.
package personas

import "embed"

// FS has the persona files, in its root and in the two folders.
//
//go:embed *.json households/*.json habits/*.json
var FS embed.FS
