// Package contract holds a running server against Plaid's published OpenAPI file: every answer, right or wrong, must be
// one that the file allows, and every request that the file declares must be understood. It also drives the server with
// Plaid's own client for Node, in the folder node. It is a module of its own, so that what it needs stays out of the
// server's go.mod.
//
// The file is not part of the project. Tests look for it beside the project (see package needs) and are skipped without it.
//
// [Spec.Check] is what all rests on: the schemas of the file let additional members pass, so a walker beside the library
// refuses what is not declared. A test breaks answers on purpose, so that the check itself cannot be blind.
//
// A new route needs an example, in examples_test.go. With it come the cases that hold for every route: credentials, bodies,
// missing members, wrong types, unknown members, tokens. What is particular to a product has a test of its own, listed in
// groups.
package contract
