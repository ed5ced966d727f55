// Package simplefin lets programs that speak SimpleFIN, versions 1 and 2 of the protocol, read Items.
//
// A tenant makes an access to some of its Items and gets a setup token, which a program claims once for an access URL; that
// URL's user name and password read the Items until the access is removed. An access is a row of simplefin_access, of its
// setup token and password the store has hashes ([Accesses]). An Item is a connection of version 2 and an organisation of
// version 1; ids of accounts and transactions are those of the API.
//
// # What is told otherwise than by the API
//
// Signs: SimpleFIN counts what comes in as positive, and what is owed as a negative balance. Days: a day is told as 10:00
// UTC of it (see [moment]). Amounts have two decimal places at least, since some programs read the digits without the
// point. Investment transactions are plain movements of cash; what was traded stands in the memo, in words.
//
// Any range of days is served, and all there is where none is asked for.
package simplefin
