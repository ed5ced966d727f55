// Package webhook tells clients what has happened to their Items: it writes webhooks into an outbox, in the transaction of what
// has happened, and delivers them, signed as Plaid signs its own.
//
// What is in the outbox is delivered at least once. A webhook is sent again only where the server was killed between the
// receiver's answer and the record of it.
//
// A receiver is a client's host in one environment. It is sent one webhook after another, in the order in which they were
// written; while it fails, its oldest is tried again after growing waits and the others stand behind that one, so that a dead
// receiver costs one attempt each time, and delays no other receiver. A webhook that a receiver refuses while it takes the
// next one is set aside, and tried by itself.
//
// What a transaction tells is written at its end, and what receivers have taken is recorded together with what others have taken
// meanwhile. Whoever has been sent all is waited for a little, since more often follows. Receivers that have failed have a part of the
// workers to themselves, so that however many of them hang, the others are sent theirs.
//
// Beside receivers there are those who listen ([Service.Listen]): while one does, all of its client's webhooks are kept for it
// in one order, also those of Items that have no address. Who has come as far as a position asks for what is behind it.
package webhook
