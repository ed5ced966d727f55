// Package flow leads people through Link: it keeps their sessions (package session), and does what these ask for: it logs in
// at banks, makes Items and repairs them, and tells the client. Whoever has a session's key acts in it; a step is written only
// on top of the one that it was made of, so that of two at once one is done.
package flow

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/settings"
	"weft/internal/product/link/token"
	"weft/internal/store"
)

// Finder finds institutions for a tenant: the best for a query, or those that come first for an empty one.
type Finder func(ctx context.Context, tenant store.Tenant, query string, countries, products []string) ([]connector.Institution, error)

// Service leads people through Link.
type Service struct {
	Items *item.Service
	Find  Finder
	// BaseURL is where people reach the server.
	BaseURL string
	Log     *slog.Logger

	ends *job.Kind[end]
}

// New is a service whose sessions end by jobs of a queue.
func New(s Service, queue *job.Queue) *Service {
	out := &s
	out.ends = job.Register(queue, job.Spec{Name: "link-session-end"}, out.end)
	return out
}

// keyKind and oauthKind keep the hashes of a session's secrets apart.
const (
	keyKind   = "link-session"
	oauthKind = "oauth-state"
)

// Open begins a session, or resumes the one whose bank has answered. The key is shown this once.
func (s *Service) Open(ctx context.Context, o session.Opening) (key string, a session.Answer, err error) {
	t, err := s.tokenOf(ctx, o)
	if err != nil {
		return "", a, err
	}
	if t.Closed || t.Expired(s.Items.Clock.Now()) {
		return "", a, plaid.Err("INVALID_LINK_TOKEN")
	}
	if o.RedirectURI != "" {
		return s.resume(ctx, t, o.RedirectURI)
	}
	set, err := settings.Read(ctx, s.Items.DB, t.Tenant)
	if err != nil {
		return "", a, err
	}
	if o.Origin != "" && !set.AllowsOrigin(o.Origin) {
		return "", a, plaid.Errf("INVALID_CONFIGURATION", "pages of %s may not open Link: add the origin to the client's allowed_origins with /weft/link/settings/update", o.Origin)
	}
	setup, err := s.setup(ctx, t, o, set)
	if err != nil {
		return "", a, err
	}
	r := &row{ID: setup.SessionID, TokenHash: t.Hash, Tenant: t.Tenant, StartedAt: s.Items.Clock.Now(), Setup: setup}
	m := s.machine(ctx, r)
	r.State = m.Begin()
	// What was wrong in earlier sessions of the token counts: to open Link anew gives no new guesses.
	earlier, err := s.ofToken(ctx, t.Tenant, t.Hash)
	if err != nil {
		return "", a, err
	}
	for _, e := range earlier {
		r.State.Wrong = max(r.State.Wrong, e.State.Wrong)
	}
	key = s.newKey(r)
	err = s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		if err := s.insert(ctx, tx, r); err != nil {
			return err
		}
		args := end{Session: r.ID}
		_, err := s.ends.Enqueue(ctx, tx, args, job.Options{At: tx.Now.Add(session.Life), Key: r.ID})
		return err
	})
	return key, s.answer(m, r, 0), err
}

func (s *Service) newKey(r *row) string {
	key := s.Items.IDs.Token("session", r.Tenant.Environment)
	r.KeyHash = s.Items.Keys.Hash(keyKind, key)
	return key
}

func (s *Service) tokenOf(ctx context.Context, o session.Opening) (token.Token, error) {
	switch {
	case o.HostedID != "":
		return token.OpenHosted(ctx, s.Items.DB, s.Items.Keys, o.HostedID)
	case o.LinkToken == "" && o.Legacy != nil:
		return s.legacyToken(ctx, o.Legacy)
	}
	return token.Open(ctx, s.Items.DB, s.Items.Keys, o.LinkToken)
}

// resume goes on where a bank has led the person back to the client's page.
func (s *Service) resume(ctx context.Context, t token.Token, redirectURI string) (key string, a session.Answer, err error) {
	u, err := url.Parse(redirectURI)
	if err != nil || u.Query().Get("oauth_state_id") == "" {
		return "", a, plaid.Err("OAUTH_STATE_ID_NOT_FOUND")
	}
	r, err := s.loadByState(ctx, u.Query().Get("oauth_state_id"))
	if err != nil {
		return "", a, err
	}
	if r.TokenHash != t.Hash {
		return "", a, plaid.Err("INCORRECT_LINK_TOKEN")
	}
	if r.State.Finished != nil {
		return "", a, plaid.Err("OAUTH_STATE_ID_ALREADY_PROCESSED")
	}
	m := s.machine(ctx, r)
	known := len(r.State.Events)
	m.Resume(r.State)
	key = s.newKey(r)
	if err := s.saveAlone(ctx, m, r); err != nil {
		return "", a, err
	}
	return key, s.answer(m, r, known), nil
}

// machine is the machine of a session as of now.
func (s *Service) machine(ctx context.Context, r *row) *session.Machine {
	return &session.Machine{
		Setup: r.Setup, Now: s.Items.Clock.Now(), NewID: s.Items.IDs.UUID, RequestID: httpapi.CallOf(ctx).RequestID,
		Directory: &directory{ctx: ctx, s: s, tenant: r.Tenant, setup: r.Setup},
	}
}

// answer is what the page is told: the events from the given one on.
func (s *Service) answer(m *session.Machine, r *row, from int) session.Answer {
	a := session.Answer{View: m.View(r.State), Events: r.State.Events[min(max(from, 0), len(r.State.Events)):], Finished: r.State.Finished}
	return a
}

// Logo is an institution's logo as a PNG.
func (s *Service) Logo(_ context.Context, environment, institutionID string) (png []byte, found bool) {
	for _, con := range s.Items.Connectors[environment] {
		if logos, ok := con.(connector.Logos); ok {
			if text, found := logos.Logo(institutionID); found {
				png, err := base64.StdEncoding.DecodeString(text)
				return png, err == nil
			}
		}
	}
	return nil, false
}

// unknownSession is the answer to a key that opens nothing: the page has been left for too long, or is not ours.
var unknownSession = plaid.Errf("INVALID_LINK_TOKEN", "the Link session has ended; open Link again with a new link_token")

// notFound turns a missing row into what its person is told.
func notFound(err error, answer *plaid.Error) error {
	if errors.Is(err, store.ErrNotFound) {
		return answer
	}
	return err
}

// readable is how long after its end a session can be read.
const readable = 6 * time.Hour
