package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"weft/internal/clock"
	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/seal"
	"weft/internal/store"
)

// row is a session as it is stored.
type row struct {
	ID, TokenHash, KeyHash string
	Tenant                 store.Tenant
	Version                int64
	WorkingUntil           *time.Time
	StartedAt              time.Time
	FinishedAt             *time.Time
	// OAuthState is under which the bank answers, empty for none.
	OAuthState string
	Setup      session.Setup
	State      *session.State
	// Told are how many events the page had been told when it was shown a step.
	Told map[int64]int
}

// record is what is sealed of a row.
type record struct {
	Setup      session.Setup  `json:"setup"`
	State      *session.State `json:"state"`
	OAuthState string         `json:"oauth_state,omitempty"`
	Told       map[int64]int  `json:"told"`
}

func place(tenant store.Tenant, id string) seal.Place {
	return seal.Place{Tenant: tenant.Client + "/" + tenant.Environment, Table: "link_sessions", Column: "state", Row: id}
}

// errStale says that another step was written meanwhile.
var errStale = errors.New("link: the session has gone on meanwhile")

// toldSteps is how many of the last steps a page may lag behind.
const toldSteps = 8

// sealed is the row's record, with what the page will have been told.
func (s *Service) sealed(r *row) (text string, oauthHash *string, err error) {
	if r.Told == nil {
		r.Told = map[int64]int{}
	}
	r.Told[r.State.Step] = len(r.State.Events)
	delete(r.Told, r.State.Step-toldSteps)
	if r.OAuthState != "" {
		h := s.Items.Keys.Hash(oauthKind, r.OAuthState)
		oauthHash = &h
	}
	plain, err := plaid.JSON(record{Setup: r.Setup, State: r.State, OAuthState: r.OAuthState, Told: r.Told})
	if err != nil {
		return "", nil, err
	}
	text, err = s.Items.Keys.Seal(plain, place(r.Tenant, r.ID))
	return text, oauthHash, err
}

func (s *Service) insert(ctx context.Context, tx *store.Tx, r *row) error {
	text, _, err := s.sealed(r)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from link_sessions where forget_at <= $1`, tx.Now.UnixMilli()); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into link_sessions (session_id, token_hash, client_id, environment, key_hash, state, version, started_at, forget_at)
		values ($1, $2, $3, $4, $5, $6, 0, $7, $8)`, r.ID, r.TokenHash, r.Tenant.Client, r.Tenant.Environment, r.KeyHash, text,
		tx.Now.UnixMilli(), tx.Now.Add(session.Life+readable).UnixMilli())
	return err
}

// save writes a step on top of the one that it was made of, and what the end causes where it is one.
func (s *Service) save(ctx context.Context, tx *store.Tx, m *session.Machine, r *row) error {
	text, oauthHash, err := s.sealed(r)
	if err != nil {
		return err
	}
	ended, finishedAt := r.State.Finished != nil && r.FinishedAt == nil, r.FinishedAt
	if ended {
		finishedAt = &tx.Now
	}
	n, err := tx.Exec(ctx, `update link_sessions set state = $1, key_hash = $2, oauth_hash = $3, finished_at = $4, working_until = $5, version = version + 1
		where session_id = $6 and client_id = $7 and environment = $8 and version = $9`, text, r.KeyHash, oauthHash, millis(finishedAt), millis(r.WorkingUntil),
		r.ID, r.Tenant.Client, r.Tenant.Environment, r.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return errStale
	}
	if ended {
		outcome := "exit"
		if r.State.Finished.Success != nil {
			outcome = "success"
		}
		tx.OnCommit(func() { s.Items.Metrics.Session(outcome) })
		return s.ended(ctx, tx, m, r)
	}
	return nil
}

// saveAlone writes a step in a transaction of its own. That may be tried more than once, so the row knows of it afterwards.
func (s *Service) saveAlone(ctx context.Context, m *session.Machine, r *row) error {
	err := s.Items.DB.Write(ctx, func(tx *store.Tx) error { return s.save(ctx, tx, m, r) })
	if err == nil {
		r.Version++
	}
	return err
}

// clone is a copy that shares nothing which a step changes.
func (r *row) clone() (*row, error) {
	out := *r
	out.State, out.Told = &session.State{}, maps.Clone(r.Told)
	text, err := json.Marshal(r.State)
	if err == nil {
		err = json.Unmarshal(text, out.State)
	}
	return &out, err
}

func millis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

const sessionColumns = `session_id, token_hash, client_id, environment, key_hash, state, version, working_until, started_at, finished_at`

// loadByKey is the session of a key. Who has the key is the person.
func (s *Service) loadByKey(ctx context.Context, key string) (*row, error) {
	r, err := s.scan(s.Items.DB.QueryRow(ctx, `select `+sessionColumns+` from link_sessions where key_hash = $1`, s.Items.Keys.Hash(keyKind, key)))
	return r, notFound(err, unknownSession)
}

// loadByState is the session under whose state a bank answers.
func (s *Service) loadByState(ctx context.Context, state string) (*row, error) {
	r, err := s.scan(s.Items.DB.QueryRow(ctx, `select `+sessionColumns+` from link_sessions where oauth_hash = $1`, s.Items.Keys.Hash(oauthKind, state)))
	return r, notFound(err, plaid.Err("OAUTH_STATE_ID_NOT_FOUND"))
}

func (s *Service) load(ctx context.Context, q store.Querier, id string) (*row, error) {
	return s.scan(q.QueryRow(ctx, `select `+sessionColumns+` from link_sessions where session_id = $1`, id))
}

// ofToken are the sessions of a tenant's token, oldest first.
func (s *Service) ofToken(ctx context.Context, tenant store.Tenant, tokenHash string) ([]*row, error) {
	rows, err := s.Items.DB.Query(ctx, `select `+sessionColumns+` from link_sessions
		where token_hash = $1 and client_id = $2 and environment = $3 order by started_at, session_id`, tokenHash, tenant.Client, tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*row
	for rows.Next() {
		r, err := s.scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

func (s *Service) scan(from store.Row) (*row, error) {
	r := &row{}
	var text string
	var working, finished *int64
	var started int64
	if err := from.Scan(&r.ID, &r.TokenHash, &r.Tenant.Client, &r.Tenant.Environment, &r.KeyHash, &text, &r.Version, &working, &started, &finished); err != nil {
		return nil, err
	}
	plain, err := s.Items.Keys.Open(text, place(r.Tenant, r.ID))
	if err != nil {
		return nil, err
	}
	var rec record
	if err := json.Unmarshal(plain, &rec); err != nil {
		return nil, fmt.Errorf("link: stored session: %w", err)
	}
	r.Setup, r.State, r.OAuthState, r.Told = rec.Setup, rec.State, rec.OAuthState, rec.Told
	r.StartedAt, r.FinishedAt, r.WorkingUntil = time.UnixMilli(started).UTC(), clock.Moment(finished), clock.Moment(working)
	return r, nil
}
