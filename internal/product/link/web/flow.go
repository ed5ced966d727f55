// Package web serves Link's pages: the documents that stand in a frame of the client's page or by themselves, what their script
// asks, and what they load. What happens in Link is the affair of a [Flow]; what it looks like is package panes'.
package web

import (
	"context"
	"net/url"

	"weft/internal/product/link/session"
)

// Flow is what the pages ask.
type Flow interface {
	// Open begins or resumes a session. key is the session's secret, which every action must bring; it is shown this once.
	Open(ctx context.Context, o Opening) (key string, a session.Answer, err error)
	// Act does one action. An action of a step that has passed does nothing and answers the present view.
	Act(ctx context.Context, key string, act session.Action) (session.Answer, error)
	// Return takes a bank's answer to an authorization: state, code, error and so on, as the bank has put them into the query. It
	// returns where the page goes then: empty for "close this window", else the client's redirect_uri with oauth_state_id.
	Return(ctx context.Context, query url.Values) (location string, err error)
	// Logo is an institution's logo as a PNG.
	Logo(ctx context.Context, environment, institutionID string) (png []byte, found bool)
}

// Opening is how Link is opened.
type Opening = session.Opening
