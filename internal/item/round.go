package item

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/item/connections"
	"weft/internal/item/consent"
	"weft/internal/item/institutions"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Round is what became of a connection's Items when its bank was asked.
type Round struct{ Results []Result }

// Result is one Item after a round.
type Result struct {
	Item Item
	// New says that the round has made the Item; AccessToken is its token, which is shown this once.
	New         bool
	AccessToken string
	Report      Report
	// Err is why the Item was not brought up to date, a *plaid.Error where its bank has said so.
	Err error
}

// asking is what a round is for.
type asking struct {
	tenant     store.Tenant
	connection string
	// item is the Item whose refresh was asked for, and adding the product that it is to have; both may be empty.
	item, adding string
	// days is how much history of transactions is asked for with the product, 0 for none.
	days int
	// step is how far the history of transactions is to come.
	step state.Step
	// repair is the Item's new login, nil for none.
	repair *repair
	// balances: what is in the accounts is asked for, and nothing else.
	balances bool
	// waits: where another asks the bank already, its answer is waited for.
	waits bool
}

// RefreshConnection asks a connection's bank for the data of all of its Items, and applies the answers in one transaction.
// What the bank has of a new institution becomes an Item with an access token. Where another asks the bank already, that
// round is waited for.
func (s *Service) RefreshConnection(ctx context.Context, tenant store.Tenant, connectionID string) (Round, error) {
	return s.ask(ctx, asking{tenant: tenant, connection: connectionID, waits: true})
}

// RefreshDue is RefreshConnection for one that is due: it returns connections.ErrBusy where another asks the bank already.
func (s *Service) RefreshDue(ctx context.Context, ref connections.Ref) (Round, error) {
	return s.ask(ctx, asking{tenant: ref.Tenant, connection: ref.ID})
}

// mostRounds bounds how often the bank is asked again because the lease was lost to another.
const mostRounds = 3

func (s *Service) ask(ctx context.Context, a asking) (round Round, err error) {
	before, con, err := s.connection(ctx, a)
	if err != nil {
		return Round{}, err
	}
	if _, spans := con.(connector.Spanning); !spans && a.repair == nil {
		// The bank would refuse; only the user's new login helps, which for a connection to several banks happens elsewhere.
		if err := s.working(ctx, a); err != nil {
			if !a.waits {
				err = errors.Join(err, s.rest(ctx, a, before.Rounds))
			}
			return Round{}, err
		}
	}
	defer s.refreshing.Take(a.connection)()
	for range mostRounds {
		if round, err = s.round(ctx, a, a.rounds(before)); !errors.Is(err, connections.ErrLost) {
			return round, err
		}
	}
	return Round{}, err
}

// rest has a connection that only a new login helps asked no more by itself; the login's round makes it due again.
func (s *Service) rest(ctx context.Context, a asking, rounds int64) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		return connections.Rest(ctx, tx, a.tenant, a.connection, rounds)
	})
}

// rounds is how often a connection was asked for what this round is for.
func (a asking) rounds(c connections.Connection) int64 {
	if a.balances {
		return c.Rounds + c.BalanceRounds
	}
	return c.Rounds
}

// working is the error in which an Item of the connection is.
func (s *Service) working(ctx context.Context, a asking) error {
	items, err := s.OfConnection(ctx, s.DB, a.tenant, a.connection)
	for _, it := range items {
		err = errors.Join(err, it.Failed())
	}
	return err
}

// round asks the bank once, with the connection's lease held, unless another has asked it since so many rounds.
func (s *Service) round(ctx context.Context, a asking, rounds int64) (Round, error) {
	lease, err := s.leases().Wait(ctx, a.tenant, a.connection, a.waits)
	if err != nil {
		return Round{}, err
	}
	// What another has written is read with the lease held.
	conn, con, err := s.connection(ctx, a)
	if err != nil {
		return Round{}, err
	}
	items, err := s.OfConnection(ctx, s.DB, a.tenant, a.connection)
	if joined, ok := joined(a, items); err != nil || (a.rounds(conn) > rounds && ok && a.repair == nil) {
		return joined, errors.Join(err, s.leases().GiveBack(ctx, lease, conn))
	}
	_, spans := con.(connector.Spanning)
	want := s.wantOf(items, a, spans)
	want.Requested = a.item != "" && a.adding == "" && a.step == state.StepNone && a.repair == nil
	if a.repair != nil {
		conn.Credentials, want.Renewed = a.repair.opened.Credentials, true
	}
	held, stop := s.leases().Hold(ctx, lease)
	conn.Keep = func(ctx context.Context, memory json.RawMessage) error {
		return s.DB.Write(ctx, func(tx *store.Tx) error { return lease.Keep(ctx, tx, memory) })
	}
	answers, memory, err := s.bankFetcher().All(held, con, conn.Connection, want)
	lost := errors.Is(context.Cause(held), connections.ErrLost) || errors.Is(err, connections.ErrLost)
	stop()
	if lost {
		return Round{}, connections.ErrLost
	}
	// What the bank was asked for is kept even where nobody waits for it any more.
	applying, cancel := context.WithTimeout(context.WithoutCancel(ctx), applyTimeout)
	defer cancel()
	if err != nil {
		return Round{}, errors.Join(err, s.fell(applying, a, lease, conn, con, memory, err, ctx.Err() != nil))
	}
	var round Round
	err = s.DB.Write(applying, func(tx *store.Tx) error {
		if round, err = s.applyRound(applying, tx, a, con, want, answers); err != nil {
			return err
		}
		done := connections.Outcome{Memory: memory, Due: connections.NextDue(con, conn.Connection, want.Now, 0), Asked: true}
		if a.balances {
			done.Balances, done.Due, done.Failures = true, conn.Due, conn.Failures // the rest is due as before
		}
		return lease.End(applying, tx, done)
	})
	slices.SortFunc(round.Results, func(x, y Result) int { return cmp.Compare(x.Item.InstitutionID, y.Item.InstitutionID) })
	if err != nil && !errors.Is(err, connections.ErrLost) {
		err = errors.Join(err, s.leases().GiveBack(applying, lease, conn))
	}
	return round, err
}

func (s *Service) leases() connections.Leases {
	return connections.Leases{DB: s.DB, IDs: cmp.Or(s.LeaseIDs, s.IDs)}
}

// applyTimeout bounds the writing of what was fetched.
const applyTimeout = time.Minute

func (s *Service) connection(ctx context.Context, a asking) (connections.Connection, connector.Connector, error) {
	conn, err := connections.Read(ctx, s.DB, s.Keys, a.tenant, a.connection)
	if err != nil {
		return conn, nil, err
	}
	con, err := s.Connectors.Find(a.tenant.Environment, conn.Connector)
	return conn, con, err
}

// OfConnection are the Items of a connection, oldest first.
func (s *Service) OfConnection(ctx context.Context, q store.Querier, tenant store.Tenant, id string) ([]Item, error) {
	return rows.OfConnection(ctx, q, tenant, id)
}

// joined is the round of another, where it has brought what is wanted. No other's brings a step of a history: a job that was content
// with one would be done, and the history would never come.
func joined(a asking, items []Item) (round Round, ok bool) {
	if a.step != state.StepNone {
		return Round{}, false
	}
	for _, it := range items {
		if it.ID == a.item && a.adding != "" && !it.Has(a.adding) {
			return Round{}, false
		}
		round.Results = append(round.Results, Result{Item: it, Err: it.Failed()})
	}
	return round, true
}

// wantOf is what is asked for: the products of the Items, or, of a connection to several banks, whose Items may not be there
// yet, all that people bring of their banks.
func (s *Service) wantOf(items []Item, a asking, spans bool) connector.Want {
	var products []string
	for _, it := range items {
		products = append(products, it.Products...)
	}
	if spans {
		products = []string{"investments", "transactions"}
	}
	if a.balances {
		products = slices.DeleteFunc(products, func(p string) bool { return p != "investments" && p != "investments_auth" })
	}
	want := s.want(products, a.adding)
	want.Balances = a.balances
	return want
}

// applyRound writes the answers to the connection's Items, which are locked in their order and before the connection.
func (s *Service) applyRound(ctx context.Context, tx *store.Tx, a asking, con connector.Connector, want connector.Want, answers []connector.Answer) (Round, error) {
	var round Round
	items, err := s.OfConnection(ctx, tx, a.tenant, a.connection)
	if err != nil {
		return round, err
	}
	_, spans := con.(connector.Spanning)
	taken := make([]bool, len(answers))
	for _, it := range items {
		at := slices.IndexFunc(answers, func(an connector.Answer) bool { return an.Institution.InstitutionID == it.InstitutionID })
		if at < 0 {
			continue
		}
		taken[at] = true
		if it, err = rows.Lock(ctx, tx, a.tenant, it.ID); err != nil {
			return round, err
		}
		result, err := s.applyAnswer(ctx, tx, it, a, want, answers[at], spans)
		if err != nil {
			return round, err
		}
		round.Results = append(round.Results, result)
	}
	if err := a.repair.refused(round, a.item); err != nil || !spans || a.balances { // a new institution's Item begins with all that the bank has
		return round, err
	}
	declined, err := connections.Declined(ctx, tx, a.tenant, a.connection)
	if err != nil {
		return round, err
	}
	for i, answer := range answers {
		if taken[i] || answer.Err != nil || len(answer.Batch.Accounts) == 0 || plaid.Known(declined, answer.Institution.InstitutionID) {
			continue
		}
		result, err := s.newResult(ctx, tx, a, want, answer)
		if err != nil {
			return round, err
		}
		round.Results = append(round.Results, result)
	}
	return round, nil
}

// applyAnswer writes an institution's answer to its locked Item.
func (s *Service) applyAnswer(ctx context.Context, tx *store.Tx, it Item, a asking, want connector.Want, answer connector.Answer, spans bool) (Result, error) {
	if answer.Err != nil {
		if err := s.failed(ctx, tx, &it, answer.Err, a.balances); err != nil {
			return Result{}, err
		}
		return Result{Item: it, Err: answer.Err}, nil
	}
	if it.Unlinked && a.repair == nil {
		return Result{Item: it, Err: it.Failed()}, nil
	}
	changed, repaired, before := false, a.repair != nil && it.ID == a.item, it
	if spans {
		a.step = state.StepWhole
		changed = it.Add(answer.Batch.Products())
		if it.Error != "" && !repaired { // it was repaired at the server
			it.Error, changed = "", true
			if err := s.Events.Tell(ctx, tx, it.Target(), state.Repaired); err != nil {
				return Result{}, err
			}
		}
		if err := institutions.Put(ctx, tx, a.tenant, answer.Institution); err != nil {
			return Result{}, err
		}
	}
	if repaired {
		changed = true
		if err := a.repair.renew(ctx, tx, &it, answer.Batch, spans); err != nil {
			return Result{}, err
		}
	}
	if it.ID == a.item && a.adding != "" {
		if a.days > 0 && !it.Has(a.adding) && !it.History.All {
			it.History = History{Days: a.days}
		}
		changed, a.step = it.Add([]string{a.adding}) || changed, max(a.step, s.first())
	}
	r, err := s.apply(ctx, tx, it, want, answer.Batch, a.step, changed)
	if err == nil {
		err = consent.NoteChange(ctx, tx, before, r.Item, repaired)
	}
	if err != nil {
		return Result{}, err
	}
	if repaired {
		if err := connections.SetCredentials(ctx, tx, s.Keys, a.tenant, a.connection, a.repair.opened.Credentials); err != nil {
			return Result{}, err
		}
		if a.repair.linked, err = s.finish(ctx, tx, r, a.repair.then); err != nil {
			return Result{}, err
		}
	}
	return Result{Item: r.Item, Report: r.Report}, nil
}

// newResult makes an Item of an institution that the connection has not had.
func (s *Service) newResult(ctx context.Context, tx *store.Tx, a asking, want connector.Want, answer connector.Answer) (Result, error) {
	it := s.ownItem(a.tenant, a.connection, answer.Institution, want.Now)
	if err := rows.Insert(ctx, tx, it); err != nil {
		return Result{}, err
	}
	result, err := s.applyAnswer(ctx, tx, it, a, want, answer, true)
	if err == nil {
		err = consent.Note(ctx, tx, result.Item, consent.Created)
	}
	if err == nil && a.waits && a.repair == nil { // a person waits for it; of others weft items token makes one
		result.AccessToken, err = s.Tokens().Access(ctx, tx, a.tenant, it.ID)
	}
	result.New = true
	return result, err
}

// fell notes a round that has brought nothing, on all Items and on the connection.
func (s *Service) fell(ctx context.Context, a asking, lease connections.Lease, conn connections.Connection, con connector.Connector, memory json.RawMessage, cause error, cancelled bool) error {
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		var pe *plaid.Error
		switch {
		case cancelled || a.repair != nil: // it was not the bank that failed, or it refuses a login that is not the Item's yet
			return lease.End(ctx, tx, connections.Outcome{Memory: memory, Due: conn.Due, Failures: conn.Failures})
		case errors.As(cause, &pe) && pe.Code == "INSTITUTION_RATE_LIMIT": // nor that it was asked too often
			return lease.End(ctx, tx, connections.Outcome{Memory: memory, Due: connections.NextDue(con, conn.Connection, s.Clock.Now(), 0), Failures: conn.Failures})
		}
		items, err := s.OfConnection(ctx, tx, a.tenant, a.connection)
		if err != nil {
			return err
		}
		for _, it := range items {
			if it, err = rows.Lock(ctx, tx, a.tenant, it.ID); err == nil {
				err = s.failed(ctx, tx, &it, cause, a.balances)
			}
			if err != nil {
				return err
			}
		}
		if a.balances {
			return lease.End(ctx, tx, connections.Outcome{Memory: memory, Due: conn.Due, Failures: conn.Failures})
		}
		return lease.End(ctx, tx, connections.Outcome{Memory: memory, Due: connections.NextDue(con, conn.Connection, s.Clock.Now(), conn.Failures+1), Failures: conn.Failures + 1})
	})
	if errors.Is(err, connections.ErrLost) { // whoever has it now tells how it stands
		return nil
	}
	return err
}
