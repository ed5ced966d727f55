// Package report tells of a session that has ended, as /link/token/get and webhooks do.
package report

import (
	"time"

	"weft/internal/plaid"
	"weft/internal/product/link/session"
)

// endedSession is a session as /link/token/get tells it.
type endedSession struct {
	SessionID  string     `json:"link_session_id"`
	StartedAt  string     `json:"started_at"`
	FinishedAt *string    `json:"finished_at,omitempty"`
	OnSuccess  *onSuccess `json:"on_success,omitempty"`
	OnExit     *onExit    `json:"on_exit,omitempty"`
	Exit       *exit      `json:"exit,omitempty"`
	Events     []Event    `json:"events"`
	Results    *results   `json:"results,omitempty"`
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
	ItemAdds        []itemAdd `json:"item_add_results"`
	CRAAdds         []string  `json:"cra_item_add_results"`
	CRAUpdates      []string  `json:"cra_update_results"`
	BankIncome      []string  `json:"bank_income_results"`
	PayrollIncome   []string  `json:"payroll_income_results"`
	DocumentIncome  *string   `json:"document_income_results"`
	CRADocumentUpls *string   `json:"cra_document_upload_results"`
}

type itemAdd struct {
	PublicToken string           `json:"public_token"`
	Accounts    []session.Shared `json:"accounts"`
	Institution *session.Named   `json:"institution"`
}

// Event is an event as it is told when a session is over.
type Event struct {
	ID       string         `json:"event_id"`
	Name     string         `json:"event_name"`
	Metadata map[string]any `json:"event_metadata"`
	At       string         `json:"timestamp"`
}

// Of is a session that has ended, for JSON.
func Of(id string, startedAt, finishedAt time.Time, state *session.State) any {
	finished := finishedAt.UTC().Format(time.RFC3339Nano)
	out := endedSession{SessionID: id, StartedAt: plaid.Timestamp(startedAt), FinishedAt: &finished, Events: Events(state)}
	f := state.Finished
	if f.Exit != nil {
		out.Exit = &exit{Error: f.Error, Metadata: f.Exit}
		out.OnExit = &onExit{Error: f.Error, Metadata: f.Exit}
	}
	if f.Success != nil {
		out.Results = &results{ItemAdds: []itemAdd{}, CRAAdds: []string{}, CRAUpdates: []string{}, BankIncome: []string{}, PayrollIncome: []string{}}
		for _, l := range state.Linked {
			out.Results.ItemAdds = append(out.Results.ItemAdds, itemAdd{PublicToken: l.PublicToken, Accounts: l.Accounts, Institution: l.Institution})
		}
		if f.PublicToken != "" {
			out.OnSuccess = &onSuccess{PublicToken: f.PublicToken, Metadata: &metadata{Institution: f.Success.Institution, Accounts: f.Success.Accounts, SessionID: id}}
		}
	}
	return out
}

// Events are the events of a session as they are told when it is over.
func Events(state *session.State) []Event {
	list := []Event{}
	for _, e := range state.Events {
		w := Event{ID: e.ID, Name: e.Name, At: plaid.Timestamp(e.At), Metadata: map[string]any{}}
		for key, value := range e.Metadata {
			if key != "is_update_mode" { // that is for the page alone
				w.Metadata[key] = value
			}
		}
		list = append(list, w)
	}
	return list
}
