package enrich

import (
	"slices"
	"strings"

	"weft/internal/enrich/rules"
	"weft/internal/enrich/words"
)

// shortestCut is the shortest beginning of an alias that is taken for it.
const shortestCut = 8

// identity is who takes part in a payment.
type identity struct {
	// merchant is who is paid, or pays; nil where unknown.
	*rules.Merchant
	confidence Confidence
	// through is who handled the payment.
	through *rules.Merchant
	// from and behind are the words of the merchant.
	from, behind int
	// called is what a statement calls a merchant that is not known, where a processor's mark shows where its name stands.
	called string
	// alone: there is nothing but the merchant and its store's number.
	alone bool
}

// identify finds who takes part.
func (e *Enricher) identify(r *reading) identity {
	through, behind := e.processor(r, r.begin)
	own := e.direct(r, r.begin)
	switch {
	case through == nil:
		return e.find(r, r.begin)
	case own.Merchant != nil && own.behind > behind:
		return e.further(r, own, r.begin) // a mark within its own name: "GOOGLE *YOUTUBE"
	case own.Merchant != nil && own.Merchant.Name == through.Name:
		through = own.Merchant // with its categories
	}
	who := e.direct(r, behind)
	if who.Merchant == nil {
		who = e.cutShort(r, behind)
	}
	if who.Merchant != nil && who.Merchant.Type != rules.TypeMerchant && own.Merchant != nil {
		return own // who handles payments is paid itself
	}
	if who.Merchant == nil {
		if who.called = r.called(behind); who.called == "" && own.Merchant != nil {
			return own
		}
	}
	if who.through = through; who.Merchant != nil && akin(who.Merchant, through) {
		who.through = nil
	}
	return who
}

// akin: both names begin with the same word, as those of one company's services do.
func akin(a, b *rules.Merchant) bool {
	first, _, _ := strings.Cut(a.Name, " ")
	other, _, _ := strings.Cut(b.Name, " ")
	return strings.EqualFold(first, other)
}

// processor is who handles the payment, where the words from start say so, and where the rest begins.
func (e *Enricher) processor(r *reading, start int) (found *rules.Merchant, behind int) {
	if start >= r.finish {
		return nil, start
	}
	e.rules.Processors.At(r.words[start:r.finish], func(p rules.Processor, length int) {
		last := r.words[start+length-1]
		if (last.Star || p.Bare) && start+length < r.finish {
			found, behind = p.Merchant, start+length
		}
	})
	return found, behind
}

// find finds a merchant from start on: the first, and where two begin at once, the longest.
func (e *Enricher) find(r *reading, start int) identity {
	for at := start; at < r.finish; at++ {
		who := e.longest(r, at, start)
		if who.Merchant == nil {
			continue
		}
		return e.further(r, who, start)
	}
	who := e.cutShort(r, start)
	return who
}

// direct finds a merchant whose name begins right at a word.
func (e *Enricher) direct(r *reading, at int) identity {
	if at >= r.finish {
		return identity{}
	}
	return e.longest(r, at, at)
}

func (e *Enricher) longest(r *reading, at, start int) (who identity) {
	e.rules.Aliases.At(r.words[at:r.finish], func(a rules.Alias, length int) {
		if a.First && at != start {
			return
		}
		// A bank's name of one word within other words is no bank: "LITTLE ACORNS PRESCHOOL".
		if at > start && length == 1 && a.Type == rules.TypeFinancialInstitution && !r.transfer() {
			return
		}
		if who.Merchant != nil && who.behind == at+length {
			return // the line that comes first in the data
		}
		sure := rules.VeryHigh
		if length == 1 && a.Length < 4 || at > start+1 && length == 1 {
			sure = rules.High
		}
		who = identity{Merchant: a.Merchant, confidence: sure, from: at, behind: at + length}
	})
	if who.Merchant != nil && r.words[at].Digits && at+1 < r.finish && r.words[at].Before == '/' {
		return identity{}
	}
	if who.Merchant != nil {
		_, after := r.storeNumber(who.behind)
		who.alone = at == start && after >= r.finish && r.finish == len(r.words) || at == start && r.noise.Card && after >= r.finish
	}
	return who
}

// transfer: the text has the marks of a transfer between banks.
func (r *reading) transfer() bool { return r.noise.ACH || strings.ContainsAny(r.line, ":#=") }

// further looks behind a market place or a payment app for the merchant that was paid through it.
func (e *Enricher) further(r *reading, who identity, start int) identity {
	k := who.Merchant.Type
	pays := r.words[who.behind-1].Star || e.rules.Bare[who.Merchant.Name]
	if k != rules.TypeMarketplace && (k != rules.TypePaymentApp || !pays) || who.from != start || who.behind >= r.finish {
		return who
	}
	next := e.direct(r, who.behind)
	if next.Merchant == nil {
		next = e.cutShort(r, who.behind)
	}
	if next.Merchant == nil || next.Merchant.Type != rules.TypeMerchant || akin(next.Merchant, who.Merchant) {
		return who
	}
	next.through = who.Merchant
	return next
}

// cutShort recognises a merchant whose name the bank wrote without spaces or cut short at the end of a column.
func (e *Enricher) cutShort(r *reading, start int) (who identity) {
	var joined strings.Builder
	for i := start; i < r.finish && i < start+4; i++ {
		w := r.words[i]
		if w.Digits || (i > start && w.Wide) {
			break
		}
		joined.WriteString(w.Text)
		m, whole, sure := e.gluedAs(joined.String(), i == start)
		if m != nil && (whole || (r.columnEnds(i+1) && (i > start || !e.means(r.words[i])))) {
			who = identity{Merchant: m, confidence: sure, from: start, behind: i + 1}
		}
	}
	return who
}

// means: a word says something by itself, so it is no name cut short: "TRANSFER" is not TransferWise.
func (e *Enricher) means(w words.Token) (found bool) {
	one := []words.Token{w}
	e.rules.Keywords.At(one, func(rules.Keyword, int) { found = true })
	e.rules.Noise.At(one, func(rules.Noise, int) { found = true })
	return found
}

// columnEnds: what stands at a word is no more of a name. Banks cut names short at the end of a column only.
func (r *reading) columnEnds(at int) bool {
	if at >= r.finish || at >= r.placeAt {
		return true
	}
	w := r.words[at]
	return w.Wide || w.Digit || masked(w.Text) || w.Before == '*' || w.Before == '.'
}

// gluedAs is the only merchant with an alias that the text is, begins, or, in a single word, begins with. Whole: the end of
// the text is no matter of a column's width.
func (e *Enricher) gluedAs(text string, single bool) (found *rules.Merchant, whole bool, sure Confidence) {
	compare := func(g rules.Glued, t string) int { return strings.Compare(g.Letters, t) }
	if len(text) >= shortestCut {
		at, _ := slices.BinarySearchFunc(e.rules.Glued, text, compare)
		sure = rules.Medium
		for ; at < len(e.rules.Glued) && strings.HasPrefix(e.rules.Glued[at].Letters, text); at++ {
			g := e.rules.Glued[at]
			if found != nil && found.Name != g.Name {
				return nil, false, ""
			}
			if found = g.Merchant; len(g.Letters) <= len(text)+2 {
				sure = rules.High
			}
			whole = whole || g.Letters == text
		}
	}
	if found != nil || !single {
		return found, whole, sure
	}
	for length := len(text) - 1; length >= rules.ShortestGlued; length-- {
		if at, ok := slices.BinarySearchFunc(e.rules.Glued, text[:length], compare); ok {
			return e.rules.Glued[at].Merchant, true, rules.Medium
		}
	}
	return nil, false, ""
}

// called is what the statement calls a merchant behind a processor's mark: words up to a number, a place, or a column.
func (r *reading) called(from int) string {
	to := from
	for to < r.finish && to < r.placeAt && to < from+5 {
		w := r.words[to]
		if w.Digits || masked(w.Text) || (to > from && (w.Wide || w.Before == '.' || w.Before == '/')) || (w.Digit && len(w.Text) > 5) {
			break
		}
		to++
	}
	name := titled(r.words[from:to])
	if len(name) < 3 {
		return ""
	}
	return name
}
