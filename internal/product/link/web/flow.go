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
type Opening struct {
	LinkToken string
	// HostedID is that of a hosted page's address, in place of the token.
	HostedID string
	// Legacy is the configuration of the form without a link token (key, env, product, clientName and so on), in place of the
	// token.
	Legacy map[string]any
	// Origin is that of the page around the frame, as the browser says it; empty for a page of its own. It is "null" for pages
	// without an origin: files, and frames that are sandboxed. Anybody can make such a page, so a Flow that has a list of origins
	// refuses it unless the list has it.
	Origin string
	// RedirectURI is receivedRedirectUri: the address to which the bank's answer has led.
	RedirectURI string
	// Touch says that the page runs on a phone, where banks are opened by redirect if the token has a redirect_uri.
	Touch bool
	// Embedded: the list of institutions stands inside the client's page.
	Embedded bool
}
