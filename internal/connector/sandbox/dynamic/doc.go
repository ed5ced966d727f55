// Package dynamic is the bank of user_transactions_dynamic, which has news whenever a client asks for them: the purchases that
// were pending are posted, others are pending, and one posted amount has grown by 1.00. Beside that, clients may have it state
// transactions of their own.
//
// What happened is a function of the connection and of its [Memory]: the days on which it was asked, and what clients stated.
// Nothing happens by itself.
package dynamic
