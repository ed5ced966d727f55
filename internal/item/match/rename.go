package match

import (
	"iter"
	"slices"

	"weft/internal/connector"
)

// Stated is a row of an answer. It needs its content only where it is not known.
type Stated struct {
	Entry
	// Known: there is a stored row of its name. Restored: the answer does not state it, a correction has brought it back.
	Known, Restored bool
}

// Renamed is [Rows] for an answer with corrections: what is taken back or restored is left out, since a row that looks like it is
// another, and what replaces a row is the same as what replaces one only. Known reads the stored rows, where they are needed; it
// is told which names the answer has.
func (c *Corrections) Renamed(stated []Stated, known func(inAnswer map[[2]string]bool) ([]Entry, error), window func(account string) *connector.Window) (map[[2]string]string, error) {
	inAnswer := make(map[[2]string]bool, len(stated))
	entries := make([]Entry, 0, len(stated))
	news := false
	for _, s := range stated {
		inAnswer[[2]string{s.Account, s.Key}] = true
		if s.Restored || c.TakenBack(s.Account, s.Key) {
			continue
		}
		news = news || !s.Known
		entries = append(entries, c.marked(s.Entry))
	}
	if !news {
		return nil, nil
	}
	old, err := known(inAnswer)
	if err != nil {
		return nil, err
	}
	old = slices.DeleteFunc(old, func(e Entry) bool { return c.TakenBack(e.Account, e.Key) })
	for i := range old {
		old[i] = c.marked(old[i])
	}
	return Rows(old, entries, window), nil
}

// marked tells replacements from other rows.
func (c *Corrections) marked(e Entry) Entry {
	if e.Content != "" && c.Replacement(e.Account, e.Key) {
		e.Content += "\x00replaces"
	}
	return e
}

// IDs are the ids of known rows.
func IDs[K comparable, R any](known map[K]R, id func(R) string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, r := range known {
			if !yield(id(r)) {
				return
			}
		}
	}
}
