// Package bench measures the reads of a running server beside what the machine gives without it:
//
//	make bench                                     the whole table; takes a quarter of an hour
//	go test -run Table -v ./bench                  in short: few Items, one short round
//
// The server and each limit are processes of their own, driven by the same client over raw connections, and take turns. Three
// limits stand beside each read: a bare net/http server that sends the same bytes; the same after it has decoded the body, hashed
// the token and looked it up in a map; and that with one point read of a ready document by the same driver. Only ratios travel to
// other machines.
//
// First loads stand beside the same rows written into the same tables by nothing but the driver (TestWrites), and reads while they are
// written beside reads while nothing is (TestReadsWhileLoading).
package bench
