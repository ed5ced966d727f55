package session

// Opening is how Link is opened.
type Opening struct {
	LinkToken string
	// HostedID is that of a hosted page's address, in place of the token.
	HostedID string
	// Legacy is the configuration of the form without a link token (key, env, product, clientName, …), in place of the token.
	Legacy map[string]any
	// Origin is that of the page around the frame, as the browser says it; empty for a page of its own. It is "null" for pages
	// without an origin: files, and frames that are sandboxed. Anybody can make such a page, so a client that has a list of origins
	// has it refused unless the list names it.
	Origin string
	// RedirectURI is receivedRedirectUri: the address to which the bank's answer has led.
	RedirectURI string
	// Touch says that the page runs on a phone, where banks are opened by redirect if the token has a redirect_uri.
	Touch bool
	// Embedded says that the person begins on the client's own page.
	Embedded bool
}
