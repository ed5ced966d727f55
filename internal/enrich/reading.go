package enrich

import (
	"strings"

	"weft/internal/enrich/rules"
	"weft/internal/enrich/words"
)

// reading is a text with what was seen in it.
type reading struct {
	line  string
	words []words.Token
	// begin is the first word that is no noise, and nameStart the first that stays in the name.
	begin, nameStart int
	// finish is behind the last word that says something: card numbers and references come after it.
	finish int
	noise  rules.Noise
	phone  string
	online bool
	// abroad, city and region are the place at the end; placeAt is where it begins.
	city, region, country, postal string
	placeAt                       int
}

func (e *Enricher) read(text string) reading {
	r := reading{line: text, words: words.Cut(text)}
	r.finish = len(r.words)
	e.skipNoise(&r)
	r.cutTail()
	r.findPhone()
	e.findPlace(&r)
	return r
}

// skipNoise moves the start behind what banks write in front.
func (e *Enricher) skipNoise(r *reading) {
	for r.begin < len(r.words) {
		length, seen := 0, rules.Noise{}
		e.rules.Noise.At(r.words[r.begin:], func(n rules.Noise, l int) { length, seen = l, n })
		if length == 0 || r.begin+length >= len(r.words) || e.names(r.words[r.begin:], length) {
			return
		}
		r.noise.Card = r.noise.Card || seen.Card
		r.noise.ACH = r.noise.ACH || seen.ACH
		r.noise.Online = r.noise.Online || seen.Online
		at := r.begin + length
		// Dates, times and card numbers follow.
		for at < len(r.words)-1 && r.skippable(at) && !e.names(r.words[at:], 0) {
			at++
		}
		if !seen.Keep && r.nameStart == r.begin {
			r.nameStart = at
		}
		r.begin = at
	}
}

// names: a merchant's name begins here that is longer than so many words.
func (e *Enricher) names(words []words.Token, longer int) (found bool) {
	e.rules.Aliases.At(words, func(_ rules.Alias, length int) { found = found || length > longer })
	return found
}

// skippable: a word that is part of a date, a time or a number of a card, or what stands for it.
func (r *reading) skippable(at int) bool {
	w := r.words[at]
	if w.Digits {
		return len(w.Text) != 1 || w.Before == '/' || (at+1 < len(r.words) && r.words[at+1].Before == '/')
	}
	return masked(w.Text) || w.Text == "on" || w.Text == "ap" || (w.Digit && len(w.Text) >= 9)
}

// masked: crosses that hide a number, or end with what is shown of it.
func masked(text string) bool {
	rest := strings.TrimLeft(text, "x")
	return len(text)-len(rest) >= 2 && strings.Trim(rest, "0123456789") == ""
}

// tails are the words that begin what banks put at the end of a card payment.
var tails = map[string]bool{"card": true, "trace": true, "seq": true, "auth": true, "ref": true, "conf": true, "date": true, "term": true, "terminal": true, "eff": true, "cardholder": true}

// cutTail moves the end before card numbers and references.
func (r *reading) cutTail() {
	for i := r.begin + 1; i < r.finish; i++ {
		w := r.words[i]
		number := i+1 < r.finish && (r.words[i+1].Digit || masked(r.words[i+1].Text))
		long := w.Digit && len(w.Text) >= 9 && digitsIn(w.Text) >= 6
		if (tails[w.Text] && number) || long {
			if !long || i+1 == r.finish || r.noise.Card {
				r.finish = i
				break
			}
		}
	}
	for r.finish > r.begin+1 {
		w := r.words[r.finish-1]
		date := w.Digits && len(w.Text) <= 4 && (w.Before == '/' || w.Before == ':')
		opening := w.Digits && len(w.Text) <= 2 && r.finish < len(r.words) && (r.words[r.finish].Before == '/' || r.words[r.finish].Before == ':')
		if !date && !opening && (!masked(w.Text) || len(w.Text) < 4) {
			return
		}
		r.finish--
	}
}

func digitsIn(text string) (n int) {
	for i := 0; i < len(text); i++ {
		if text[i] >= '0' && text[i] <= '9' {
			n++
		}
	}
	return n
}

// name is the description without noise at its ends. Transfers keep all words: there each may matter.
func (r *reading) name() string {
	if len(r.words) == 0 || (r.noise.ACH && !r.noise.Card) {
		return strings.Join(strings.Fields(r.line), " ")
	}
	from, to := 0, len(r.line)
	if r.nameStart > 0 {
		from = r.words[r.nameStart].Start
	}
	if r.finish < len(r.words) && r.noise.Card {
		to = r.words[r.finish-1].End
	}
	name := strings.Trim(strings.Join(strings.Fields(r.line[from:to]), " "), " -,:;/#")
	if name == "" || (from == 0 && to == len(r.line)) {
		return strings.Join(strings.Fields(r.line), " ")
	}
	return name
}

// findPhone looks for a telephone number of North America.
func (r *reading) findPhone() {
	for i := r.begin; i < r.finish; i++ {
		w := r.words[i]
		digits := ""
		switch {
		case w.Digits && len(w.Text) == 10 && tollFree(w.Text):
			digits = w.Text
		case w.Digits && len(w.Text) == 3 && i+1 < r.finish && r.words[i+1].Digits && r.words[i+1].Before == '-' && len(r.words[i+1].Text) == 7:
			digits = w.Text + r.words[i+1].Text
		case w.Digits && len(w.Text) == 3 && i+2 < r.finish && r.words[i+1].Digits && r.words[i+2].Digits && len(r.words[i+1].Text) == 3 &&
			len(r.words[i+2].Text) == 4 && separates(r.words[i+1].Before) && separates(r.words[i+2].Before):
			digits = w.Text + r.words[i+1].Text + r.words[i+2].Text
		}
		if digits == "" {
			continue
		}
		r.online = true
		if digits[0] >= '2' && digits[3] >= '2' && !strings.Contains(digits, "0000000") {
			r.phone = "+1" + digits
		}
		return
	}
	for i := r.begin; i < r.finish; i++ {
		switch r.words[i].Text {
		case "com", "net", "org", "www", "https", "http", "httpswww":
			if i == r.begin || r.words[i].Before == '.' || r.words[i].Text != "com" {
				r.online = r.online || r.words[i].Before == '.' || i+1 < r.finish && r.words[i+1].Before == '.'
			}
		}
	}
}

// tollFree: ten digits without marks are a telephone number where they begin like the numbers of services.
func tollFree(digits string) bool {
	switch digits[:3] {
	case "800", "833", "844", "855", "866", "877", "888":
		return true
	}
	return false
}

func separates(c byte) bool { return c == '-' || c == '.' || c == ' ' || c == ')' }
