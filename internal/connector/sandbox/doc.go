// Package sandbox is the connector of the simulated banks. Whoever logs in with one of the documented user names gets that
// person's data, the same every time and dated back from the day on which the connection was made: static figures (package
// fixed), a bank with books of investments (package books), accounts of ordinary people (package household) or accounts that
// a developer writes down (package custom). Nothing here asks a network or keeps state; a connection's credentials, and for
// user_transactions_dynamic its memory (package dynamic), say all that a fetch needs.
//
// A person is one JSON file in personas, households in their own folder there: a new file is a new user name.
//
// Passwords choose what happens instead of being checked: error_<CODE> fails with that code, mfa_... puts a challenge (package
// mfa), and the default user alone has a password to get right. Where nobody is there to answer, as in [Connector.Authenticate],
// the connection remembers the challenge that there would have been. Institutions that are linked by OAuth have a site, whose
// pages a product serves; what their visitors carry is package oauth.
package sandbox
