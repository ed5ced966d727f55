// Package simplefin is the connector for SimpleFIN servers, of versions 1 and 2 of the protocol, such as the SimpleFIN Bridge.
//
// # Connections and institutions
//
// A user makes a setup token at the server and hands it over; [Connector.Claim] turns it, once, into an access URL, which is
// the connection's credentials. One access URL spans all banks that the user has connected at the server, and an Item is one
// bank. The id of each is
//
//	sfin_c_<conn_id>   a connection of version 2
//	sfin_o_<org>       an organisation of version 1: its domain, or where there is none its id or its name
//
// (sfin_ch_ and sfin_oh_ with a digest where the key has characters that an id should not have). It names the user's
// connection to the bank and not the bank as such, because two logins at one bank are two Items. An id of version 1 goes on
// to be understood when its server has moved to version 2.
//
// [Connector.Fetch] answers for one bank, [Connector.FetchAll] for all of them from the same requests: whoever has several
// Items of one access URL should call that, hand each Item its batch, and keep one memory for all of them. The memory of
// answers says which days need not be asked for again, so it must not be kept where they could not be; that of an error says
// nothing of the kind.
//
// # Budget and windows
//
// A server admits 24 requests a day for an access URL, and answers at most 90 days with one. A fetch asks for the newest
// window first and then for older ones as far as the budget allows, but leaves some requests for the rest of the day; what is
// still missing is asked for by the next fetch. Which days are there, and when requests were spent, is in the connection's
// memory. An error comes with a memory too, because failed requests are spent: in the span, or in [Failure]. Beside it a
// Connector remembers, as long as it lives, what each access URL has spent, so that Items that keep their memories apart do
// not overspend together.
//
// # What is inferred
//
// SimpleFIN has no account types, no investment transactions and no kinds of security. Package rules infers them, the
// memory holds on to an account's first type, and [Connector.Correct] corrects it. A loan's balance is taken for what is owed,
// whatever its sign; a card's is negated. [Connector.Notes] tells what the server said and what could not be read.
package simplefin
