package institutions

import (
	"slices"
	"strings"

	"weft/internal/connector"
)

const (
	// searchLimit is how many institutions a search finds at most.
	searchLimit = 10
	// maxQuery is how much of a query is looked at, in bytes.
	maxQuery = 400
	// minTyped is the shortest word that may have typing errors, minUnfinished the shortest that may have them and be the
	// beginning of a longer one besides.
	minTyped, minUnfinished = 3, 6
	// minSqueezed is the shortest query that is compared without its spaces.
	minSqueezed = 4
)

// The classes of a find, best first. Within a class the cheaper one is first, then the shorter name, then the one that
// the catalogue has first.
const (
	exactName  = iota
	namePrefix // the name begins with the query
	wordPrefix // the query begins at a word inside the name, or the name without spaces begins with it
	allWords   // each word of the query is, or begins, a word of the name
	initialsOf // the query is the first letters of the name's words
	typedWrong // as allWords, with typing errors
)

// What a word of the query costs an institution. An error costs more than any number of unfinished words.
const (
	costBeginning  = 1  // the name's word only begins with it
	costOptional   = 2  // it is one of the small words, and the name lacks it
	costError      = 16 // for each typing error
	costUnfinished = 8  // it has errors, and is only the beginning of the name's word
	noMatch        = 0xff
	out            = 1 << 14 // a sum from here on: a word of the query is not in the name
)

// search finds institutions by what a person types: a name or a part of one, with typing errors; a routing number; or the
// address of a website. Best first, at most searchLimit.
func (c *catalogue) search(query string, f filter) []connector.Institution {
	query = query[:min(len(query), maxQuery)]
	m := c.matcher(f)
	if number, ok := isRoutingNumber(query); ok {
		if found := c.allowed(&m, c.byRouting[number]); len(found) > 0 {
			return found
		}
	}
	if host, ok := hostOf(query); ok {
		if found := c.allowed(&m, c.byAddress(host)); len(found) > 0 {
			return found
		}
	}
	words := fold(query).words
	if len(words) == 0 || m.never {
		return []connector.Institution{}
	}
	return c.best(words, c.costs(words), &m)
}

// allowed is the first institutions of a selection that a filter lets through.
func (c *catalogue) allowed(m *matcher, selection []int) []connector.Institution {
	found := []connector.Institution{}
	for _, i := range selection {
		if len(found) < searchLimit && m.allows(c, i) {
			found = append(found, c.list[i])
		}
	}
	return found
}

// costs adds up, for each institution, what the words of a query cost.
func (c *catalogue) costs(words []string) []uint16 {
	sums, cost := make([]uint16, len(c.entries)), make([]uint8, len(c.entries))
	onlySmall := !slices.ContainsFunc(words, func(w string) bool { return !small(w) })
	for i, word := range words {
		for e := range cost {
			cost[e] = noMatch
		}
		c.compare(word, i == len(words)-1, cost)
		missing := uint16(out)
		if small(word) && !onlySmall {
			missing = costOptional
		}
		for e, n := range cost {
			if n == noMatch {
				sums[e] += missing
			} else {
				sums[e] += uint16(n)
			}
			sums[e] = min(sums[e], out)
		}
	}
	return sums
}

// small tells the words that people add and leave out at will.
func small(word string) bool {
	switch word {
	case "the", "of", "and", "a", "de", "la":
		return true
	}
	return false
}

// compare lowers the cost of each institution that has a word like the typed one in its name. The last word of a query
// may be unfinished.
func (c *catalogue) compare(typed string, last bool, cost []uint8) {
	letters := letterSet(typed)
	for i := range c.vocabulary {
		v := &c.vocabulary[i]
		n := v.cost(typed, letters, last)
		if n == noMatch {
			continue
		}
		for _, e := range v.in {
			cost[e] = min(cost[e], n)
		}
	}
}

// cost is what a typed word costs the institutions with this word.
func (v *vocable) cost(typed string, letters uint64, last bool) uint8 {
	if strings.HasPrefix(v.text, typed) {
		if len(v.text) == len(typed) {
			return 0
		}
		return costBeginning
	}
	if len(typed) < minTyped {
		return noMatch
	}
	errors, errorsSoFar := allowedErrors(v.text), 0
	if last && len(typed) >= minUnfinished && len(typed) < len(v.text) {
		errorsSoFar = allowedErrors(typed)
	}
	mayBe := mayBeWhole(typed, v.text, letters, v.letters, errors)
	mayBegin := errorsSoFar > 0 && mayLack(letters, v.letters, errorsSoFar)
	if !mayBe && !mayBegin {
		return noMatch
	}
	whole, beginning := distance(typed, v.text)
	switch {
	case mayBe && whole <= errors:
		return uint8(whole * costError)
	case mayBegin && beginning <= errorsSoFar:
		return uint8(beginning*costError + costUnfinished)
	}
	return noMatch
}

// best is the cheapest institutions of the best classes, in order.
func (c *catalogue) best(words []string, costs []uint16, m *matcher) []connector.Institution {
	q := queryText{strings.Join(words, " "), strings.Join(words, ""), words}
	ranks := make([]uint64, 0, searchLimit+1)
	for i := range c.entries {
		e := &c.entries[i]
		class, found := q.class(e, costs[i])
		if !found || !m.allows(c, i) {
			continue
		}
		more := min(max(e.words-len(words), 0), 0xff)
		rank := uint64(class)<<56 | uint64(costs[i])<<40 | uint64(more)<<32 | uint64(i)
		if len(ranks) == searchLimit && rank > ranks[searchLimit-1] {
			continue
		}
		at, _ := slices.BinarySearch(ranks, rank)
		ranks = slices.Insert(ranks, at, rank)
		ranks = ranks[:min(len(ranks), searchLimit)]
	}
	list := make([]connector.Institution, len(ranks))
	for i, rank := range ranks {
		list[i] = c.list[uint32(rank)]
	}
	return list
}

// queryText is a folded query in the forms that names are compared with.
type queryText struct {
	name, squeezed string
	words          []string
}

// class is the class of a find, false where the query does not find the institution.
func (q *queryText) class(e *entry, cost uint16) (int, bool) {
	squeezed := len(q.squeezed) >= minSqueezed && strings.HasPrefix(e.squeezed, q.squeezed)
	switch {
	case e.name == q.name:
		return exactName, true
	case strings.HasPrefix(e.name, q.name):
		return namePrefix, true
	case squeezed, cost < costError && strings.Contains(e.name, " "+q.name):
		return wordPrefix, true
	case cost < costError:
		return allWords, true
	case len(q.words) == 1 && len(q.name) >= minTyped && q.name == e.initials:
		return initialsOf, true
	case cost < out:
		return typedWrong, true
	}
	return 0, false
}
