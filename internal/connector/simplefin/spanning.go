package simplefin

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// FetchAll asks for the data of all banks of an access URL but those that are declined, with no more requests than one of them
// would take. Of a bank that the user has disconnected at the server it tells once.
func (c *Connector) FetchAll(ctx context.Context, conn connector.Connection, want connector.Want) (connector.Span, error) {
	r, err := c.begin(conn, want)
	r.decline(conn.Declined)
	if err == nil {
		err = r.run(ctx)
	}
	if err != nil {
		return connector.Span{Memory: r.memory.encode()}, err
	}
	answers := r.tell()
	if len(answers) == 0 && len(r.groups[0]) == 0 { // with declined banks alone, nothing is missing
		err = plaid.Err("NO_ACCOUNTS")
	}
	return connector.Span{Answers: answers, Memory: r.memory.encode()}, err
}

// decline forgets what is not wanted: when it is wanted again, its whole history is asked for.
func (r *run) decline(ids []string) {
	r.declined = ids
	for _, id := range ids {
		delete(r.memory.Institutions, id)
	}
	r.memory.Notes = slices.DeleteFunc(r.memory.Notes, func(n note) bool { return slices.Contains(ids, n.InstitutionID) })
}

// tell is what each institution answers: those of the answer, and those that were known and that it does not have.
func (r *run) tell() []connector.Answer {
	var list []connector.Answer
	for id, e := range r.gone() {
		list = append(list, connector.Answer{Institution: institution(id, "", ""), Err: e})
	}
	for _, g := range r.found {
		a := connector.Answer{Institution: institution(g.id, g.name, g.url), Err: g.broken()}
		if a.Err == nil {
			a.Batch = r.batch(g)
		}
		list = append(list, a)
	}
	slices.SortFunc(list, func(x, y connector.Answer) int {
		return cmp.Compare(x.Institution.InstitutionID, y.Institution.InstitutionID)
	})
	return list
}

// gone are the institutions that were known and that the answer does not have. One that the user has disconnected at the
// server is forgotten.
func (r *run) gone() map[string]*plaid.Error {
	failures := map[string]*plaid.Error{}
	for id := range r.memory.Institutions {
		if pick(r.groups[0], id) == nil {
			failures[id] = absent(r.answers[0], id)
			if failures[id].Code == "USER_PERMISSION_REVOKED" {
				delete(r.memory.Institutions, id)
			}
		}
	}
	return failures
}

// institution is a bank as the contract describes one. SimpleFIN knows neither its country nor its routing numbers.
func institution(id, name, address string) connector.Institution {
	in := connector.Institution{Supported: true, Institution: plaid.Institution{
		InstitutionID: id, Name: name, Products: plaid.Ordered(plaid.Products, []string{"transactions", "investments"}),
		CountryCodes: []string{}, RoutingNumbers: []string{}, DTCNumbers: []string{},
	}}
	u, err := url.Parse(address) // a server may write anything here, and it is shown as a link
	if err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http") {
		in.URL = &address
	}
	return in
}
