package institutions

import (
	"slices"
	"strings"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// catalogue is all institutions, prepared for questions. It is built once and never changes.
type catalogue struct {
	list    []connector.Institution
	byID    map[string]int
	entries []entry
	// vocabulary is every different word of all names.
	vocabulary []vocable
	byRouting  map[string][]int
	byHost     map[string][]int
}

// entry is what filters and search compare of an institution.
type entry struct {
	countries uint32
	products  uint64
	oauth     bool
	// name is the folded words joined by spaces, squeezed the same without the spaces, initials their first letters.
	name, squeezed, initials string
	words                    int
}

// vocable is a word and the institutions that have it in their names.
type vocable struct {
	text    string
	letters uint64
	in      []int32
}

// newCatalogue prepares institutions in the order of the list. Of two with one id the first counts.
func newCatalogue(list []connector.Institution) *catalogue {
	c := &catalogue{byID: make(map[string]int, len(list)), byRouting: map[string][]int{}, byHost: map[string][]int{}}
	index := map[string]int{}
	for _, in := range list {
		if _, twice := c.byID[in.InstitutionID]; twice {
			continue
		}
		n := len(c.list)
		c.byID[in.InstitutionID] = n
		c.list = append(c.list, in)
		for _, number := range in.RoutingNumbers {
			c.byRouting[number] = append(c.byRouting[number], n)
		}
		if in.URL != nil {
			if host, ok := hostOf(*in.URL); ok {
				c.byHost[host] = append(c.byHost[host], n)
			}
		}
		text := fold(in.Name)
		c.entries = append(c.entries, newEntry(&in, text))
		for _, word := range slices.Concat(text.words, text.parts) {
			c.addWord(index, word, int32(n))
		}
	}
	return c
}

func newEntry(in *connector.Institution, text folded) entry {
	e := entry{
		countries: countriesOf(in),
		products:  supported(in),
		oauth:     in.OAuth,
		name:      strings.Join(text.words, " "),
		squeezed:  strings.Join(text.words, ""),
		words:     len(text.words),
	}
	for _, w := range text.words {
		e.initials += w[:1]
	}
	return e
}

func (c *catalogue) addWord(index map[string]int, word string, institution int32) {
	i, known := index[word]
	if !known {
		i = len(c.vocabulary)
		index[word] = i
		c.vocabulary = append(c.vocabulary, vocable{text: word, letters: letterSet(word)})
	}
	v := &c.vocabulary[i]
	if len(v.in) == 0 || v.in[len(v.in)-1] != institution { // a name may have a word twice
		v.in = append(v.in, institution)
	}
}

// lookup finds an institution by its id.
func (c *catalogue) lookup(id string) (connector.Institution, bool) {
	i, ok := c.byID[id]
	if !ok {
		return connector.Institution{}, false
	}
	return c.list[i], true
}

// filter narrows the institutions. Its zero value lets all of them through.
type filter struct {
	// countries: the institution is in one of them.
	countries []string
	// products: the institution supports all of them.
	products []string
	// routingNumbers: the institution has one of them.
	routingNumbers []string
	oauth          *bool
}

// page is the institutions from offset on, at most count, and how many the filter lets through in all. The order is that
// of the catalogue, so the pages of one filter together are the whole list.
func (c *catalogue) page(f filter, offset, count int) (list []connector.Institution, total int) {
	m := c.matcher(f)
	list = []connector.Institution{}
	for i := range c.entries {
		if !m.allows(c, i) {
			continue
		}
		if total >= offset && len(list) < count {
			list = append(list, c.list[i])
		}
		total++
	}
	return list, total
}

// matcher is a filter in the form in which it is compared.
type matcher struct {
	countries uint32
	products  uint64
	oauth     *bool
	// routed is the institutions with the routing numbers, nil for a filter without any.
	routed map[int]bool
	// never is true for a filter that names what no institution can have.
	never bool
}

func (c *catalogue) matcher(f filter) matcher {
	m := matcher{countries: countryMask(f.countries), products: productMask(f.products), oauth: f.oauth}
	m.never = len(f.countries) > 0 && m.countries == 0 ||
		slices.ContainsFunc(f.products, func(p string) bool { return !plaid.Known(plaid.Products, p) })
	if len(f.routingNumbers) > 0 {
		m.routed = map[int]bool{}
		for _, number := range f.routingNumbers {
			for _, i := range c.byRouting[number] {
				m.routed[i] = true
			}
		}
	}
	return m
}

func (m *matcher) allows(c *catalogue, i int) bool {
	e := &c.entries[i]
	switch {
	case m.never:
		return false
	case m.countries != 0 && e.countries&m.countries == 0:
		return false
	case e.products&m.products != m.products:
		return false
	case m.oauth != nil && e.oauth != *m.oauth:
		return false
	}
	return m.routed == nil || m.routed[i]
}

func countryMask(codes []string) uint32 {
	var mask uint32
	for _, code := range codes {
		if i := slices.Index(plaid.CountryCodes, code); i >= 0 {
			mask |= 1 << i
		}
	}
	return mask
}

// countriesOf are the countries that an institution is found in: all, for one of which nobody has said where it is.
func countriesOf(in *connector.Institution) uint32 {
	if len(in.CountryCodes) == 0 {
		return ^uint32(0)
	}
	return countryMask(in.CountryCodes)
}

func productMask(products []string) uint64 {
	var mask uint64
	for _, p := range products {
		if i := slices.Index(plaid.Products, p); i >= 0 {
			mask |= 1 << i
		}
	}
	return mask
}

// supported is the products that an institution is found by. Account numbers by Instant Match or automated micro-deposits
// count as auth, although the institution's own list does not have it.
func supported(in *connector.Institution) uint64 {
	mask := productMask(in.Products)
	if in.AuthMetadata != nil && in.AuthMetadata.SupportedMethods != nil {
		if m := in.AuthMetadata.SupportedMethods; m.InstantMatch || m.AutomatedMicroDeposits {
			mask |= productMask([]string{"auth"})
		}
	}
	return mask
}
