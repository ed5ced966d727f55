package session

import "weft/internal/product/link/session/told"

// What the client is told.
type (
	Event     = told.Event
	Finished  = told.Finished
	Success   = told.Success
	Named     = told.Named
	Shared    = told.Shared
	Exit      = told.Exit
	ExitError = told.ExitError
)

// Answer is what follows from an action: the pane to show, what has happened since the page was last told, and the end, if it
// is the end.
type Answer struct {
	View   View
	Events []Event
	// Finished is the one terminal callback, nil before the end.
	Finished *Finished
}
