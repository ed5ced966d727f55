package flow

import (
	"context"
	"encoding/json"
	"time"

	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/token"
)

// endedSession is a session as /link/token/get tells it.
type endedSession struct {
	SessionID  string      `json:"link_session_id"`
	StartedAt  string      `json:"started_at"`
	FinishedAt *string     `json:"finished_at,omitempty"`
	OnSuccess  *onSuccess  `json:"on_success,omitempty"`
	OnExit     *onExit     `json:"on_exit,omitempty"`
	Exit       *exit       `json:"exit,omitempty"`
	Events     []WireEvent `json:"events"`
	Results    *results    `json:"results,omitempty"`
}

type onSuccess struct {
	PublicToken string    `json:"public_token"`
	Metadata    *metadata `json:"metadata"`
}

type metadata struct {
	Institution *session.Named   `json:"institution"`
	Accounts    []session.Shared `json:"accounts"`
	SessionID   string           `json:"link_session_id"`
	Transfer    *string          `json:"transfer_status"`
}

type onExit struct {
	Error    *session.ExitError `json:"error"`
	Metadata *session.Exit      `json:"metadata"`
}

type exit struct {
	Error    *session.ExitError `json:"error"`
	Metadata *session.Exit      `json:"metadata"`
}

// results are the Items that a session has made. The other lists are of products that are not here.
type results struct {
	ItemAdds       []itemAdd `json:"item_add_results"`
	CRAAdds        []string  `json:"cra_item_add_results"`
	CRAUpdates     []string  `json:"cra_update_results"`
	BankIncome     []string  `json:"bank_income_results"`
	PayrollIncome  []string  `json:"payroll_income_results"`
	DocumentIncome *string   `json:"document_income_results"`
}

type itemAdd struct {
	PublicToken string           `json:"public_token"`
	Accounts    []session.Shared `json:"accounts"`
	Institution *session.Named   `json:"institution"`
}

// WireEvent is an event as it is told when a session is over.
type WireEvent struct {
	ID       string         `json:"event_id"`
	Name     string         `json:"event_name"`
	Metadata map[string]any `json:"event_metadata"`
	At       string         `json:"timestamp"`
}

// Sessions are the sessions of a token that have ended and can be read still, oldest first. One that goes on is not told of.
func (s *Service) Sessions(ctx context.Context, t token.Token) ([]json.RawMessage, error) {
	rows, err := s.ofToken(ctx, t.Tenant, t.Hash)
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	for _, r := range rows {
		if r.FinishedAt != nil && s.Items.Clock.Now().Before(r.FinishedAt.Add(readable)) {
			text, err := plaid.JSON(reported(r))
			if err != nil {
				return nil, err
			}
			list = append(list, text)
		}
	}
	return list, nil
}

func reported(r *row) endedSession {
	finishedAt := r.FinishedAt.UTC().Format(time.RFC3339Nano)
	out := endedSession{SessionID: r.ID, StartedAt: plaid.Timestamp(r.StartedAt), FinishedAt: &finishedAt, Events: wireEvents(r)}
	f := r.State.Finished
	if f.Exit != nil {
		out.Exit = &exit{Error: f.Error, Metadata: f.Exit}
		out.OnExit = &onExit{Error: f.Error, Metadata: f.Exit}
	}
	if f.Success != nil {
		out.Results = &results{ItemAdds: []itemAdd{}, CRAAdds: []string{}, CRAUpdates: []string{}, BankIncome: []string{}, PayrollIncome: []string{}}
		for _, l := range r.State.Linked {
			out.Results.ItemAdds = append(out.Results.ItemAdds, itemAdd{PublicToken: l.PublicToken, Accounts: l.Accounts, Institution: l.Institution})
		}
		if f.PublicToken != "" {
			out.OnSuccess = &onSuccess{PublicToken: f.PublicToken, Metadata: &metadata{Institution: f.Success.Institution, Accounts: f.Success.Accounts, SessionID: r.ID}}
		}
	}
	return out
}

func wireEvents(r *row) []WireEvent {
	list := []WireEvent{}
	for _, e := range r.State.Events {
		w := WireEvent{ID: e.ID, Name: e.Name, At: plaid.Timestamp(e.At), Metadata: map[string]any{}}
		for key, value := range e.Metadata {
			if key != "is_update_mode" { // that is for the page alone
				w.Metadata[key] = value
			}
		}
		list = append(list, w)
	}
	return list
}
