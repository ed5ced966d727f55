// Package bench measures the reads of a running server beside what the machine gives without it:
//
//	make bench                                     all tables; takes an hour, and 13 GB of disk
//	go test -run Table -v ./bench                  in short: few Items, one short round
//
// The server and each limit are processes of their own, driven by the same client over raw connections, and take turns. Three
// limits stand beside each read: a bare net/http server that sends the same bytes; the same after it has decoded the body, hashed
// the token and looked it up in a map; and that with one point read of a ready document by the same driver. Only ratios travel to
// other machines.
package bench
