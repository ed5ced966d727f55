// Package limit counts requests, by Item and by client, and refuses those that are beyond a minute's limit: of a limit of N, in
// each minute N are let through and not one more, on however many servers.
//
// A request must not wait for the database. A server that is alone with its database counts in memory. When it ends it
// writes its counts down, and every second those that have come to a half of their limit: a crash forgets the others, and what the
// last second has let through. Servers that share one take shares of a minute's limit, half of what is left at once, and let requests
// through without asking until they have none. Where one has run out while another may hold unused shares, it has them given
// back, and from then on each takes what it has requests for and no more: nothing lies unused where somebody is refused. Taking does not
// wait for the database's disk: a crash of PostgreSQL itself forgets what was taken in its last second.
//
// What is asked of the database for one limit is asked for all that wait, in the same few statements: when a minute begins, servers
// take shares of it for every Item that is in use.
package limit
