package state

import (
	"time"

	"weft/internal/connector"
)

// Notice is how long before the end of a login or of a consent a client is told of it.
const Notice = 7 * 24 * time.Hour

// Renew sets when the login and the consent of a new login end, and the error in which it begins.
func (s *State) Renew(opened connector.Opened) {
	s.LoginEnds, s.ConsentExpires, s.Warned, s.Error = millis(opened.LoginEnds), millis(opened.ConsentEnds), 0, opened.ItemError
	s.Unlinked = false
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Ends is when the Item ends to work by itself, in milliseconds: with its login or with the consent. 0 is never.
func (s State) Ends() int64 {
	if s.LoginEnds == 0 || s.ConsentExpires != 0 && s.ConsentExpires < s.LoginEnds {
		return s.ConsentExpires
	}
	return s.LoginEnds
}

// Next is when time next changes something of the Item: how far typed numbers are verified, the notice of its end, or the end. An
// Item that does not work has ended already.
func (s State) Next() (at time.Time, ok bool) {
	at, ok = s.Verifies()
	ends := s.Ends()
	if ends == 0 || s.Error != "" {
		return at, ok
	}
	end := time.UnixMilli(ends)
	if s.Warned != ends {
		end = end.Add(-Notice)
	}
	if !ok || end.Before(at) {
		at = end
	}
	return at, true
}
