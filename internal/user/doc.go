// Package user keeps users: the end users of a client, to whom Items may belong.
//
// There are two generations, as at Plaid. A user of today is named by its user_id, usr_…; making it again answers the same one,
// and after its removal it can be made anew. A user of the older kind is named by its user_token, which is shown when it is
// made; it is made once, and its client_user_id is spent for the older kind for ever. Where a request of today's kind names a
// user of the older one, its token stands in the place of the user_id.
//
// What is known of the person is sealed at rest, and so is the token, of which a hash serves to find it.
package user
