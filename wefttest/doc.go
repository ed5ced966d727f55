// Package wefttest runs a whole Weft server inside a test: on a free port of the loopback interface, with a database of
// its own, a fixed seed, and a clock that the test moves. A program that speaks Plaid's API is tested against it by giving
// it the server's URL, client id and secret; the Must… methods make and read Items without a client library.
//
//	weft := wefttest.NewServer(t)
//	item := weft.MustLink("ins_109508", "investments")
//	holdings := item.MustHoldings()
//
// The same calls give the same ids and figures in every run. Scenarios, requests and answers written as text files, are run
// by [Server.RunScenario].
package wefttest
