package flow

import (
	"context"
	"errors"
	"time"

	"weft/internal/item/event"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/product/link/flow/report"
	"weft/internal/product/link/session"
	"weft/internal/product/link/settings"
	"weft/internal/product/link/token"
	"weft/internal/store"
)

// end is the argument of the job that ends a session which was left alone, and that tells of its events afterwards.
type end struct {
	Session string `json:"session"`
}

// eventsAfter is how long after the end of a session its client is told of the events.
const eventsAfter = 5 * time.Minute

// tells reports whether the client of a session is told of it by webhook: of a hosted page, and of several Items in one session,
// whose results no page is given; of all sessions where the client has settled that.
func tells(ctx context.Context, q store.Querier, t token.Token) (bool, error) {
	if t.Request.HostedLink != nil || on(t.Request.EnableMultiItemLink) {
		return true, nil
	}
	set, err := settings.Read(ctx, q, t.Tenant)
	return set.SessionWebhooks, err
}

// end ends a session whose person has left it. Of one that has ended before, it tells the events.
func (s *Service) end(ctx context.Context, j job.Job[end]) error {
	r, err := s.load(ctx, s.Items.DB, j.Args.Session)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.FinishedAt != nil {
		return s.tellEvents(ctx, r)
	}
	m := s.machine(ctx, r)
	if w := r.State.Work; w != nil && r.State.Claimed != nil { // a token was spent for it, and cannot be spent again
		if _, err := s.finishWork(ctx, m, r, w); err != nil {
			return err
		}
		if r, err = s.load(ctx, s.Items.DB, r.ID); err != nil {
			return err
		}
	}
	m.Abandon(r.State)
	return s.saveAlone(ctx, m, r) // where a last step came between, the next attempt finds what it left
}

// ended does what the end of a session causes, in the transaction of its last step.
func (s *Service) ended(ctx context.Context, tx *store.Tx, m *session.Machine, r *row) error {
	t, err := token.OpenHash(ctx, tx, s.Items.Keys, r.TokenHash)
	var gone *plaid.Error
	if errors.As(err, &gone) { // it was deleted with its Item
		return nil
	}
	if err != nil {
		return err
	}
	f := r.State.Finished
	if r.State.Exhausted() || (f.Success != nil && t.Tenant.Environment != plaid.Sandbox) {
		if err := token.Close(ctx, tx, t); err != nil {
			return err
		}
	}
	if ok, err := tells(ctx, tx, t); err != nil || !ok {
		return err
	}
	if err := s.Items.Events.Tell(ctx, tx, target(t), event.Event{Type: linkType, Code: "SESSION_FINISHED", Members: finished(t, r)}); err != nil {
		return err
	}
	_, err = s.ends.Enqueue(ctx, tx, end{Session: r.ID}, job.Options{At: m.Now.Add(eventsAfter), Key: r.ID + " events"})
	return err
}

const linkType = "LINK"

func target(t token.Token) event.Target {
	return event.Target{Tenant: t.Tenant, Webhook: text(t.Request.Webhook), UserID: t.UserID}
}

// finishedMembers are the members of SESSION_FINISHED.
type finishedMembers struct {
	Status       string   `json:"status"`
	SessionID    string   `json:"link_session_id"`
	LinkToken    string   `json:"link_token"`
	PublicToken  string   `json:"public_token,omitempty"`
	PublicTokens []string `json:"public_tokens,omitempty"`
	UserID       string   `json:"user_id,omitempty"`
}

func finished(t token.Token, r *row) finishedMembers {
	out := finishedMembers{Status: "EXITED", SessionID: r.ID, LinkToken: t.Text, UserID: t.UserID}
	if r.State.Finished.Success != nil {
		out.Status = "SUCCESS"
	}
	for _, l := range r.State.Linked {
		if l.PublicToken != "" {
			out.PublicTokens = append(out.PublicTokens, l.PublicToken)
		}
	}
	if n := len(out.PublicTokens); n > 0 {
		out.PublicToken = out.PublicTokens[n-1]
	}
	return out
}

// addedMembers are the members of ITEM_ADD_RESULT.
type addedMembers struct {
	SessionID   string `json:"link_session_id"`
	LinkToken   string `json:"link_token"`
	PublicToken string `json:"public_token"`
}

// tellAdded tells the client of each Item that a session has made, in the Item's transaction.
func (s *Service) tellAdded(ctx context.Context, tx *store.Tx, r *row, linked []session.Linked) error {
	t, err := token.OpenHash(ctx, tx, s.Items.Keys, r.TokenHash)
	if err != nil {
		return err
	}
	if ok, err := tells(ctx, tx, t); err != nil || !ok {
		return err
	}
	for _, l := range linked {
		e := event.Event{Type: linkType, Code: "ITEM_ADD_RESULT", Members: addedMembers{SessionID: r.ID, LinkToken: t.Text, PublicToken: l.PublicToken}}
		if err := s.Items.Events.Tell(ctx, tx, target(t), e); err != nil {
			return err
		}
	}
	return nil
}

// eventsMembers are the members of EVENTS.
type eventsMembers struct {
	SessionID string         `json:"link_session_id"`
	LinkToken string         `json:"link_token"`
	Events    []report.Event `json:"events"`
}

func (s *Service) tellEvents(ctx context.Context, r *row) error {
	t, err := token.OpenHash(ctx, s.Items.DB, s.Items.Keys, r.TokenHash)
	var gone *plaid.Error
	if errors.As(err, &gone) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		e := event.Event{Type: linkType, Code: "EVENTS", Members: eventsMembers{SessionID: r.ID, LinkToken: t.Text, Events: report.Events(r.State)}}
		return s.Items.Events.Tell(ctx, tx, target(t), e)
	})
}
