package flow

import (
	"context"
	"errors"
	"net/url"
	"time"

	"weft/internal/plaid"
	"weft/internal/product/link/flow/phones"
	"weft/internal/product/link/session"
	"weft/internal/store"
)

// Act does one action of a person. An action on a step that has passed does nothing and answers the present one.
func (s *Service) Act(ctx context.Context, key string, a session.Action) (session.Answer, error) {
	r, err := s.loadByKey(ctx, key)
	if err != nil {
		return session.Answer{}, err
	}
	m := s.machine(ctx, r)
	from, written := r.told(a.Step), false
	switch {
	case a.Name == session.ActSearch:
		m.Search(r.State, a.Value("query"))
		err = s.saveAlone(ctx, m, r)
	case a.Name == session.ActContinue && r.State.Pane == session.PaneLoading:
		written, err = s.proceed(ctx, m, r)
	case a.Step == r.State.Step || a.Name == session.ActForce || a.Name == session.ActWaitOAuth:
		written, err = s.step(ctx, m, r, a)
	}
	if written || errors.Is(err, errStale) { // with Items, or of two at once by the other
		if r, err = s.loadByKey(ctx, key); err == nil {
			m = s.machine(ctx, r)
		}
	}
	if err != nil {
		return session.Answer{}, err
	}
	return s.answer(m, r, from), nil
}

// told is how many events the page knows that was shown a step.
func (r *row) told(step int64) int {
	if n, ok := r.Told[step]; ok {
		return n
	}
	return len(r.State.Events)
}

// step does an action, and the work that is not put off.
func (s *Service) step(ctx context.Context, m *session.Machine, r *row, a session.Action) (written bool, err error) {
	before, events := r.State.Step, len(r.State.Events)
	w := m.Act(r.State, a)
	if w == nil && r.State.Step == before && len(r.State.Events) == events {
		return false, nil // nothing has happened, such as no answer of a bank yet
	}
	return s.finishWork(ctx, m, r, w)
}

// finishWork does work until there is none left that is not put off, and writes the step. written says that it was written with
// Items, so that the row is an older one.
func (s *Service) finishWork(ctx context.Context, m *session.Machine, r *row, w *session.Work) (written bool, err error) {
	for w != nil {
		var result session.Result
		if result, written, err = s.perform(ctx, m, r, *w); err != nil || written {
			return written, err
		}
		w = m.Done(r.State, *w, result)
	}
	r.WorkingUntil = nil
	return false, s.saveAlone(ctx, m, r)
}

// workFor is how long somebody may work for a step: who takes longer has died.
const workFor = 2 * time.Minute

// proceed does the work that the loading pane waits for. Of two pages that ask for it, one does it.
func (s *Service) proceed(ctx context.Context, m *session.Machine, r *row) (written bool, err error) {
	w := r.State.Work
	if w == nil || (r.WorkingUntil != nil && m.Now.Before(*r.WorkingUntil)) {
		return false, nil
	}
	until := m.Now.Add(workFor)
	r.WorkingUntil = &until
	if err := s.saveAlone(ctx, m, r); err != nil {
		return false, err
	}
	// The bank has been asked on the person's behalf: what comes of it is kept even if the page has gone.
	working, cancel := context.WithTimeout(context.WithoutCancel(ctx), workFor)
	defer cancel()
	return s.finishWork(working, m, r, w)
}

// Return takes a bank's answer to an authorization, and says where the page goes then: empty where its window is to be closed.
func (s *Service) Return(ctx context.Context, query url.Values) (location string, err error) {
	state := query.Get("state")
	r, err := s.loadByState(ctx, state)
	if err != nil {
		return "", err
	}
	way := r.State.OAuth
	if r.State.Finished != nil || way == nil || way.Callback != nil {
		return "", plaid.Err("OAUTH_STATE_ID_ALREADY_PROCESSED")
	}
	way.Callback = query
	m := s.machine(ctx, r)
	if err := s.saveAlone(ctx, m, r); err != nil {
		return "", err
	}
	if !r.Setup.Redirect {
		return "", nil
	}
	u, err := url.Parse(r.Setup.RedirectURI)
	if err != nil {
		return "", err
	}
	u.RawQuery = url.Values{"oauth_state_id": {state}}.Encode()
	return u.String(), nil
}

// inTransaction writes what Items are made with: the step, its end and the Items are written together, or not at all. The
// transaction may be tried more than once, so each time the step is made anew; the row is as it was before.
func (s *Service) inTransaction(ctx context.Context, tx *store.Tx, m *session.Machine, before *row, w session.Work, linked []session.Linked) error {
	return s.writeStep(ctx, tx, m, before, w, session.Result{Linked: linked})
}

// writeStep is inTransaction for any result.
func (s *Service) writeStep(ctx context.Context, tx *store.Tx, m *session.Machine, before *row, w session.Work, result session.Result) error {
	r, err := before.clone()
	if err != nil {
		return err
	}
	next := m.Done(r.State, w, result)
	r.WorkingUntil = nil
	if err := s.tellAdded(ctx, tx, r, result.Linked); err != nil {
		return err
	}
	if r.State.Remembers() {
		for _, l := range result.Linked {
			if err := phones.Remember(ctx, tx, s.Items.Keys, r.Tenant, r.State.Phone, l.ItemID); err != nil {
				return err
			}
		}
	}
	if next != nil { // the way to the next bank of update mode is found when the page asks
		next.Now = false
		m.Put(r.State, next)
	}
	return s.save(ctx, tx, m, r)
}
