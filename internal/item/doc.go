// Package item keeps Items: the logins of end users at institutions, with their accounts, tokens and state.
//
// [Service.Refresh] and [Service.Import] are the only writers of bank data. A refresh asks the connector with no transaction
// open, an import is given what a person brings; either applies the whole answer in one transaction: accounts here,
// everything else by the appliers that the products hand in. The API's answers are made then, once: what a bank states as a
// whole is kept as one JSON document per Item and kind, and a read joins documents instead of making them.
//
// [Service.Authorize] finds token, Item, tenant and state in one point read, with the documents of which the endpoint answers; an
// [Endpoint] is a function that is given the Item so found. Every change of an Item raises its version, and package cache keeps what
// was read or joined under (item, version, kind), so that a stale entry cannot be served.
package item
