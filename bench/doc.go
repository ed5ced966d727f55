// Package bench measures a running server beside what the machine gives without it:
//
//	make bench                                     all tables in full; takes two hours, and 13 GB of disk
//	WEFT_TEST_REQUIRE=1 go test -v ./bench         in short: few Items, one short round
//	go test -v -run Reads ./bench -full            one of them in full
//
// The server, each limit and a rival are processes of their own, driven by the same client over raw connections, and take turns. Reads
// stand beside a bare net/http server that sends the same bytes; the same after it has decoded the body, hashed the token and looked it
// up in a map; that with one point read of a ready document by the same driver; and Prism, a mock server on the published OpenAPI file,
// which is what a developer would otherwise take. First loads stand beside the same rows written into the same tables by nothing but the
// driver, and reads while they are written beside reads while nothing is. What the others stand beside is said with each. Only ratios
// travel to other machines.
package bench
