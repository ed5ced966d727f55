package words

import "strings"

// Phrases finds the phrases of a list in words. It is a tree of words: the time of a search depends on the words that are
// searched, not on the number of phrases.
type Phrases[T any] struct {
	next map[string]*Phrases[T]
	// open are words of which only the beginning is given, number is any number.
	open   []opened[T]
	number *Phrases[T]
	// ends are the values of the phrases that end here, in the order of the data.
	ends []T
}

type opened[T any] struct {
	beginning string
	then      *Phrases[T]
}

// Add adds a phrase with its value.
func (p *Phrases[T]) Add(words []string, value T) {
	at := p
	for _, word := range words {
		at = at.step(word)
	}
	at.ends = append(at.ends, value)
}

func (p *Phrases[T]) step(word string) *Phrases[T] {
	if word == "0" {
		if p.number == nil {
			p.number = &Phrases[T]{}
		}
		return p.number
	}
	if beginning, ok := strings.CutSuffix(word, "*"); ok {
		for _, o := range p.open {
			if o.beginning == beginning {
				return o.then
			}
		}
		then := &Phrases[T]{}
		p.open = append(p.open, opened[T]{beginning, then})
		return then
	}
	if p.next == nil {
		p.next = map[string]*Phrases[T]{}
	}
	then := p.next[word]
	if then == nil {
		then = &Phrases[T]{}
		p.next[word] = then
	}
	return then
}

// At calls found for each phrase that begins with the first of the words, with its length in words.
func (p *Phrases[T]) At(words []Token, found func(value T, length int)) { p.walk(words, 0, found) }

func (p *Phrases[T]) walk(words []Token, length int, found func(value T, length int)) {
	for _, value := range p.ends {
		found(value, length)
	}
	if length == len(words) {
		return
	}
	word := &words[length]
	if then := p.next[word.Text]; then != nil {
		then.walk(words, length+1, found)
	}
	if p.number != nil && (word.Digits || strings.Trim(word.Text, "x") == "") {
		p.number.walk(words, length+1, found)
	}
	for _, o := range p.open {
		if strings.HasPrefix(word.Text, o.beginning) {
			o.then.walk(words, length+1, found)
		}
	}
}
