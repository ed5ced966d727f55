package state

import "slices"

// Share has the user share the chosen ones of the accounts that they were offered, all of them where chosen is nil. It reports
// whether there is any.
func (s *State) Share(chosen, offered []string) bool {
	s.Shared = []string{}
	for _, key := range offered {
		if chosen == nil || slices.Contains(chosen, key) {
			s.Shared = append(s.Shared, key)
		}
	}
	s.Offer(offered)
	return len(s.Shared) > 0
}

// Shares reports whether the user shares an account, by the bank's key of it.
func (s State) Shares(key string) bool { return s.Shared == nil || slices.Contains(s.Shared, key) }

// Unlink has the user share nothing any more.
func (s *State) Unlink() { s.Error, s.Unlinked = revoked, true }

// Unshare has the user share an account no longer.
func (s *State) Unshare(key string) {
	s.Shared = slices.DeleteFunc(slices.Clone(s.Shared), func(k string) bool { return k == key })
}

// Offer notes accounts that the user was offered, or that the client was told of. It reports whether any was unknown.
func (s *State) Offer(keys []string) (news bool) {
	for _, key := range keys {
		if !slices.Contains(s.Offered, key) {
			s.Offered, news = append(slices.Clone(s.Offered), key), true
		}
	}
	return news
}
