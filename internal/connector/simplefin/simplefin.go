package simplefin

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/access"
	"weft/internal/connector/simplefin/budget"
	"weft/internal/connector/simplefin/span"
	"weft/internal/connector/simplefin/wire"
	"weft/internal/plaid"
)

var (
	_ connector.Connector   = (*Connector)(nil)
	_ connector.Tokens      = (*Connector)(nil)
	_ connector.Spanning    = (*Connector)(nil)
	_ connector.Periodic    = (*Connector)(nil)
	_ connector.Correctable = (*Connector)(nil)
	_ connector.Noting      = (*Connector)(nil)
	_ connector.Renewing    = (*Connector)(nil)
	_ connector.Balances    = (*Connector)(nil)
)

// Doer makes HTTP calls. It is expected to guard them: addresses come from users and servers. It must not follow a redirect
// of a request with credentials, and not repeat a POST.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Connector fetches from SimpleFIN servers. It is safe for concurrent use.
type Connector struct {
	doer      Doer
	daily     int
	allowHTTP bool
	spent     *budget.Ledgers
}

// Option changes what a Connector assumes of servers.
type Option func(*Connector)

// DailyRequests is how many requests a day the servers admit for an access URL; without it, 24.
func DailyRequests(n int) Option { return func(c *Connector) { c.daily = n } }

// AllowHTTP lets setup tokens and access URLs be plain http, for servers on the operator's own network. Which addresses may be
// called is the Doer's to judge, as ever. Without it they are https.
func AllowHTTP() Option { return func(c *Connector) { c.allowHTTP = true } }

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

// RefreshEvery is six hours: servers ask their banks about once a day, and this spends 4 of the 24 requests that they admit.
func (*Connector) RefreshEvery() time.Duration { return 6 * time.Hour }

// Dated is false: a server tells of when its balances are, and clients may say how old they may be, but need not.
func (*Connector) Dated(string, string) bool { return false }

// Correct changes the type and subtype (empty for none) of one account. The next fetch asks for the institution's whole history
// again, since an account's movements are told differently for another type.
func (c *Connector) Correct(stored json.RawMessage, institutionID, accountKey, accountType, subtype string) (json.RawMessage, error) {
	creds, err := access.Read(stored, c.allowHTTP)
	if err == nil {
		err = creds.Correct(institutionID, accountKey, accountType, subtype)
	}
	if err != nil {
		return nil, err
	}
	return plaid.JSON(creds)
}

// Renew gives a new access URL the corrections of the old one.
func (c *Connector) Renew(old, claimed json.RawMessage) (json.RawMessage, error) {
	before, err := access.Read(old, c.allowHTTP)
	if err != nil {
		return nil, err
	}
	creds, err := access.Read(claimed, c.allowHTTP)
	if err != nil {
		return nil, err
	}
	creds.Overrides = before.Overrides
	return plaid.JSON(creds)
}

// Fetch asks for the data of the bank that conn.InstitutionID names. Its error is a [Failure], which has the memory to keep.
func (c *Connector) Fetch(ctx context.Context, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	r, err := c.begin(conn, want)
	r.only = conn.InstitutionID
	if err == nil && !isInstitutionID(r.only) {
		err = plaid.Err("INVALID_INSTITUTION")
	}
	if err == nil {
		err = r.run(ctx)
	}
	if err != nil {
		return connector.Batch{}, r.failed(err)
	}
	if e := r.found[0].broken(); e != nil {
		return connector.Batch{}, r.failed(e)
	}
	batch := r.batch(r.found[0])
	batch.Memory = r.memory.encode()
	return batch, nil
}

// run is one fetch under way.
type run struct {
	connector   *Connector
	credentials access.Credentials
	want        connector.Want
	memory      *memory
	keep        func(context.Context, json.RawMessage) error // writes the memory down; may be nil
	only        string                                       // the institution that is asked for; empty for all
	declined    []string                                     // those of all that are not wanted

	answers []wire.Answer // the newest window's first
	groups  [][]*group    // the institutions of each answer
	fetched []span.Span   // the windows of the answers
	found   []*group      // the institutions that are asked for, of the newest window
}

// begin is a run with what the memory has, also where the credentials cannot be read.
func (c *Connector) begin(conn connector.Connection, want connector.Want) (*run, error) {
	r := &run{connector: c, want: want, memory: readMemory(conn.Memory), keep: conn.Keep}
	var err error
	r.credentials, err = access.Read(conn.Credentials, c.allowHTTP)
	return r, err
}

// run asks for the newest window, sees which institutions there are, and goes on to the older windows that they lack.
func (r *run) run(ctx context.Context) error {
	if err := r.window(ctx, r.newest()); err != nil {
		return err
	}
	r.memory.Notes = nil
	if err := r.choose(); err != nil {
		return err
	}
	if r.movements() {
		if err := r.older(ctx); err != nil {
			return err
		}
		r.cover()
	}
	r.note()
	return nil
}

// choose picks the institutions that are asked for.
func (r *run) choose() error {
	if r.only != "" {
		g := pick(r.groups[0], r.only)
		if g == nil {
			return absent(r.answers[0], r.only)
		}
		r.found = []*group{g}
		return nil
	}
	for _, g := range r.groups[0] {
		if !slices.Contains(r.declined, g.id) {
			r.found = append(r.found, g)
		}
	}
	return nil
}

// ids are the ids that institutions go on under, whatever the answer calls them.
func (r *run) ids() []string {
	if r.only != "" {
		return []string{r.only}
	}
	ids := slices.AppendSeq(slices.Clone(r.declined), maps.Keys(r.memory.Institutions))
	slices.Sort(ids)
	return ids
}

// older asks for the windows that the institutions lack, newest first. An error ends that, and what has come stays: the
// next fetch goes on.
func (r *run) older(ctx context.Context) error {
	for _, w := range r.missing() {
		if !r.connector.spent.Spare(r.credentials.Digest(), &r.memory.Spending, r.want.Now) {
			return nil
		}
		if err := r.window(ctx, w); err != nil {
			if ctx.Err() != nil && !isDeadline(ctx) {
				return err
			}
			r.memory.note(note{Code: "weft.window", Message: "the days " + w.String() + " could not be asked for: " + reason(err)})
			return nil
		}
	}
	return nil
}

// window asks for one window.
func (r *run) window(ctx context.Context, w span.Span) error {
	answer, err := r.ask(ctx, w)
	if err != nil {
		return err
	}
	if e := wholeFailure(answer); e != nil {
		return e
	}
	r.answers, r.fetched = append(r.answers, answer), append(r.fetched, w)
	r.groups = append(r.groups, groups(answer, r.memory, r.ids()))
	return nil
}

// transactionProducts are the products that are made of the movements of bank accounts.
var transactionProducts = []string{"transactions", "recurring_transactions", "transactions_refresh", "assets", "signal", "cra_base_report", "statements"}

func (r *run) transactions() bool { return slices.ContainsFunc(transactionProducts, r.want.Has) }

func (r *run) investments() bool {
	return r.want.Has("investments") || r.want.Has("investments_auth")
}

func (r *run) movements() bool { return !r.want.Balances && (r.transactions() || r.investments()) }

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
