// Package architecture is the test of the project's rules of building: which folder may import which, how long functions,
// files, and packages may be, and what no code may do. It has no code of its own.
//
// The floors, each of which may import those below it:
//
//	8  cmd/weft
//	7  cli, wefttest
//	6  server
//	5  product/*, dialect/*, connector/*
//	4  product
//	3  webhook
//	2  item
//	1  httpapi, client, job, connector
//	0  plaid, store, seal, clock, ident, outbound, needs
package architecture
