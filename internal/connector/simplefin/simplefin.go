package simplefin

import (
	"context"
	"net/http"
	"slices"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/budget"
	"weft/internal/connector/simplefin/span"
	"weft/internal/connector/simplefin/wire"
	"weft/internal/plaid"
)

var _ connector.Connector = (*Connector)(nil)

// Doer makes HTTP calls. It is expected to guard them: addresses come from users and servers. It must not follow a redirect
// of a request with credentials, and not repeat a POST.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Connector fetches from SimpleFIN servers. It is safe for concurrent use.
type Connector struct {
	doer  Doer
	daily int
	spent *budget.Ledgers
}

// Option changes what a Connector assumes of servers.
type Option func(*Connector)

// DailyRequests is how many requests a day the servers admit for an access URL; without it, 24.
func DailyRequests(n int) Option { return func(c *Connector) { c.daily = n } }

// New makes a Connector.
func New(doer Doer, options ...Option) *Connector {
	c := &Connector{doer: doer, daily: 24}
	for _, o := range options {
		o(c)
	}
	c.spent = budget.New(c.daily)
	return c
}

// Name is "simplefin".
func (*Connector) Name() string { return "simplefin" }

// Institution is one bank of an access URL.
type Institution struct {
	// ID is what a Connection names as its InstitutionID.
	ID   string
	Name string
	// URL is the bank's address, empty where it is not known.
	URL string
	// Error is set where the connection to the bank does not work.
	Error *plaid.Error
}

// Discover lists the banks of an access URL, sorted by id. It spends one request.
func (c *Connector) Discover(ctx context.Context, conn connector.Connection, want connector.Want) ([]Institution, error) {
	r, err := c.begin(conn, want)
	if err != nil {
		return nil, err
	}
	answer, err := r.ask(ctx, listing)
	if err != nil {
		return nil, r.failed(err)
	}
	list := []Institution{}
	for _, g := range groups(answer, r.memory) {
		list = append(list, Institution{ID: g.id, Name: g.name, URL: g.url, Error: g.broken()})
	}
	return list, nil
}

// Fetch asks for the data of the bank that conn.InstitutionID names. Its error, where it is a [Failure], has the memory to keep.
func (c *Connector) Fetch(ctx context.Context, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	batches, err := c.fetch(ctx, conn, want, conn.InstitutionID)
	if err != nil {
		return connector.Batch{}, err
	}
	return batches[conn.InstitutionID], nil
}

// FetchAll asks for the data of all banks of an access URL, with no more requests than one of them would take. The batches
// are by the institutions' ids, and all have the same memory. Where some banks failed, the batches of the others come with an
// error that is a *[Failures].
func (c *Connector) FetchAll(ctx context.Context, conn connector.Connection, want connector.Want) (map[string]connector.Batch, error) {
	return c.fetch(ctx, conn, want, "")
}

// fetch asks for one institution, or for all of them.
func (c *Connector) fetch(ctx context.Context, conn connector.Connection, want connector.Want, only string) (map[string]connector.Batch, error) {
	r, err := c.begin(conn, want)
	if err != nil {
		return nil, err
	}
	r.only = only
	if err := r.run(ctx); err != nil {
		return nil, r.failed(err)
	}
	batches, failures := map[string]connector.Batch{}, r.gone()
	for _, g := range r.found {
		if e := g.broken(); e != nil {
			failures[g.id] = e
			continue
		}
		batches[g.id] = r.batch(g)
	}
	memory := r.memory.encode()
	for id, b := range batches {
		b.Memory = memory
		batches[id] = b
	}
	if len(batches)+len(failures) == 0 {
		return nil, &Failure{Err: plaid.Err("NO_ACCOUNTS"), Memory: memory}
	}
	if only != "" && failures[only] != nil {
		return nil, &Failure{Err: failures[only], Memory: memory}
	}
	if len(failures) > 0 {
		return batches, &Failures{ByInstitution: failures, Memory: memory}
	}
	return batches, nil
}

// run is one fetch under way.
type run struct {
	connector   *Connector
	credentials credentials
	want        connector.Want
	memory      *memory
	only        string // the institution that is asked for; empty for all

	answers []wire.Answer // the newest window's first
	fetched []span.Span   // the windows of the answers
	found   []*group      // the institutions that are asked for
}

func (c *Connector) begin(conn connector.Connection, want connector.Want) (*run, error) {
	creds, err := readCredentials(conn.Credentials)
	if err != nil {
		return nil, err
	}
	return &run{connector: c, credentials: creds, want: want, memory: readMemory(conn.Memory)}, nil
}

// run asks for the newest window, sees which institutions there are, and goes on to the older windows that they lack.
func (r *run) run(ctx context.Context) error {
	first := r.newest()
	if err := r.window(ctx, first); err != nil {
		return err
	}
	r.memory.Notes = nil
	all := groups(r.answers[0], r.memory)
	if err := r.choose(all); err != nil {
		return err
	}
	if r.movements() {
		if err := r.older(ctx); err != nil {
			return err
		}
		r.cover()
	}
	r.note(all)
	return nil
}

// choose picks the institutions that are asked for.
func (r *run) choose(all []*group) error {
	if r.only == "" {
		r.found = all
		return nil
	}
	g := pick(all, r.only)
	if g == nil {
		return absent(r.answers[0], r.only)
	}
	g.id = r.only
	r.found = []*group{g}
	return nil
}

// gone are the institutions that were known and that the answer for all of them does not have. Of one that the user has
// disconnected at the server this is told once.
func (r *run) gone() map[string]*plaid.Error {
	failures := map[string]*plaid.Error{}
	for id := range r.memory.Institutions {
		if r.only == "" && pick(r.found, id) == nil {
			failures[id] = absent(r.answers[0], id)
			if failures[id].Code == "USER_PERMISSION_REVOKED" {
				delete(r.memory.Institutions, id)
			}
		}
	}
	return failures
}

// older asks for the windows that the institutions lack, newest first. An error ends that, and what has come stays: the
// next fetch goes on.
func (r *run) older(ctx context.Context) error {
	for _, w := range r.missing() {
		if !r.connector.spent.Spare(r.credentials.digest(), &r.memory.Spending, r.want.Now) {
			return nil
		}
		if err := r.window(ctx, w); err != nil {
			if ctx.Err() != nil && !isDeadline(ctx) {
				return err
			}
			r.memory.note(Note{Code: "weft.window", Message: "the days " + w.String() + " could not be asked for: " + reason(err)})
			return nil
		}
	}
	return nil
}

// window asks for one window.
func (r *run) window(ctx context.Context, w span.Span) error {
	answer, err := r.ask(ctx, func(q query) query { return q.window(w) })
	if err != nil {
		return err
	}
	if e := wholeFailure(answer); e != nil {
		return e
	}
	r.answers, r.fetched = append(r.answers, answer), append(r.fetched, w)
	return nil
}

// transactionProducts are the products that are made of the movements of bank accounts.
var transactionProducts = []string{"transactions", "recurring_transactions", "transactions_refresh", "assets", "signal", "cra_base_report", "statements"}

func (r *run) transactions() bool { return slices.ContainsFunc(transactionProducts, r.want.Has) }

func (r *run) investments() bool {
	return r.want.Has("investments") || r.want.Has("investments_auth")
}

func (r *run) movements() bool { return r.transactions() || r.investments() }

// kinds are the kinds of movement that are wanted: days count as fetched for these alone.
func (r *run) kinds() []string {
	kinds := []string{}
	if r.investments() {
		kinds = append(kinds, "investments")
	}
	if r.transactions() {
		kinds = append(kinds, "transactions")
	}
	return kinds
}
