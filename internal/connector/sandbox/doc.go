// Package sandbox is the connector of the simulated banks. Whoever logs in with one of the documented user names gets that
// person's data, the same every time and dated back from the day on which the connection was made: static figures (package
// fixed), a bank with books (package books) or accounts that a developer writes down (package custom). Nothing here asks a
// network or keeps state; a connection's credentials say all that a fetch needs.
//
// A person is one JSON file in personas: a new file is a new user name. Users that the contract documents for products
// which are not simulated yet (see pendingUsers) have user_good's data until they get a file of their own.
//
// Passwords choose what happens instead of being checked: error_<CODE> fails with that code, mfa_... opens a connection that
// remembers its challenge, and the default user alone has a password to get right.
package sandbox
