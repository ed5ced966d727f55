package rules

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"weft/internal/enrich/taxonomy"
	"weft/internal/enrich/words"
	"weft/internal/ident"
)

// lines are the lines of a data file that are no comments, with their place.
func lines(files fs.FS, name string, each func(line string) error) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	number := 0
	for line := range strings.Lines(string(content)) {
		number++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := each(line); err != nil {
			return fmt.Errorf("%s:%d: %w", name, number, err)
		}
	}
	return nil
}

// list is the parts of a text between separators, without empty ones.
func list(text, separator string) (out []string) {
	for part := range strings.SplitSeq(text, separator) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func columns(line string) []string {
	c := strings.Split(line, "|")
	for i := range c {
		c[i] = strings.TrimSpace(c[i])
	}
	return c
}

func known(category string) error {
	if d, ok := taxonomy.Find(category); !ok || d.V2 != category {
		return fmt.Errorf("%q is no detailed category of version 2", category)
	}
	return nil
}

func channelNamed(name string) (string, error) {
	switch name {
	case "in_store":
		return InStore, nil
	case "", Online, Other:
		return name, nil
	}
	return "", fmt.Errorf("%q is no payment channel", name)
}

// section reads the head of a section of merchants: = CATEGORY [/ CATEGORY] [type=...] [channel=...].
func section(line string) (Merchant, error) {
	m := Merchant{Type: TypeMerchant}
	for _, word := range strings.Fields(strings.TrimPrefix(line, "=")) {
		key, value, option := strings.Cut(word, "=")
		var err error
		switch {
		case word == "/":
		case !option && m.Out == "":
			m.Out, m.In, err = word, word, known(word)
		case !option:
			m.In, err = word, known(word)
		case key == "type" && slices.Contains(CounterpartyTypes, CounterpartyType(value)):
			m.Type = CounterpartyType(value)
		case key == "channel":
			m.Channel, err = channelNamed(value)
		default:
			err = fmt.Errorf("%q is not understood", word)
		}
		if err != nil {
			return m, err
		}
	}
	return m, nil
}

func (r *Rules) readMerchants(files fs.FS, common map[string]bool) error {
	names, err := fs.Glob(files, "data/merchants/*.txt")
	if err != nil {
		return err
	}
	for _, name := range names {
		var head Merchant
		err := lines(files, name, func(line string) (err error) {
			if strings.HasPrefix(line, "=") {
				head, err = section(line)
				return err
			}
			c := columns(line)
			if len(c) < 3 || len(c) > 4 || c[0] == "" || head.Out == "" {
				return fmt.Errorf("%q is not: name | website | aliases", line)
			}
			m := head
			m.Name, m.Website, m.Entity = c[0], c[1], entityOf(c[0])
			if len(c) == 4 {
				m.Legacy = strings.TrimPrefix(c[3], "legacy=")
			}
			return r.addMerchant(&m, list(c[2], ";"), common)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// entityOf is the id of who has a name. It is made of the name alone, so that a corrected website or category changes none.
func entityOf(name string) string { return ident.Derive("counterparty", strings.ToLower(name)) }

// addMerchant adds a merchant by its aliases, and by its name where that is no common word and has no restriction.
func (r *Rules) addMerchant(m *Merchant, aliases []string, common map[string]bool) error {
	own := strings.Join(words.Of(m.Name), " ")
	seen := map[string]bool{}
	for _, text := range aliases {
		text, first := strings.CutPrefix(text, "^")
		r.addAlias(m, words.Of(text), first, seen)
	}
	if !seen[own] && !common[own] {
		r.addAlias(m, words.Of(m.Name), false, seen)
	}
	if len(seen) == 0 {
		return fmt.Errorf("%s has no alias that is no common word", m.Name)
	}
	r.Merchants++
	r.all = append(r.all, m)
	return nil
}

func (r *Rules) addAlias(m *Merchant, phrase []string, first bool, seen map[string]bool) {
	text := strings.Join(phrase, " ")
	if text == "" || seen[text] {
		return
	}
	seen[text] = true
	joined := strings.Join(phrase, "")
	r.Aliases.Add(phrase, Alias{m, first, len(joined)})
	if len(joined) >= ShortestGlued {
		r.Glued = append(r.Glued, Glued{joined, m})
	}
}

// addSites adds each website as an alias: "UNITED.COM". Where a company has several merchants, it is that of the one whose
// name is the site's, else of the first whose name holds it.
func (r *Rules) addSites() {
	for _, exact := range []bool{true, false} {
		for _, m := range r.all {
			site := words.Of(m.Website)
			if len(site) < 2 || len(site[0]) < 3 {
				continue
			}
			name := strings.Join(words.Of(m.Name), "")
			if name != site[0] && (exact || !strings.Contains(name, site[0])) {
				continue
			}
			taken := false
			r.Aliases.At(words.Cut(m.Website), func(_ Alias, length int) { taken = taken || length == len(site) })
			if !taken {
				r.Aliases.Add(site, Alias{m, false, len(name)})
			}
		}
	}
}

func (r *Rules) readKeywords(files fs.FS) error {
	var head Keyword
	return lines(files, "data/keywords.txt", func(line string) error {
		if options, ok := strings.CutPrefix(line, "="); ok {
			var err error
			head, err = keywordHead(options)
			return err
		}
		for _, phrase := range list(line, ";") {
			k := head
			w := words.Of(phrase)
			k.Words = len(w)
			r.Keywords.Add(w, k)
		}
		return nil
	})
}

func keywordHead(options string) (Keyword, error) {
	f := strings.Fields(options)
	k := Keyword{Category: f[0]}
	for _, option := range f[1:] {
		switch {
		case option == "in" || option == "out":
			k.Direction = option
		case option == "strong":
			k.Strong = true
		case strings.HasPrefix(option, "on="):
			k.On = option[3:]
		case strings.HasPrefix(option, "not="):
			k.Not = option[4:]
		case slices.Contains(Confidences, Confidence(option)):
			k.Confidence = Confidence(option)
		default:
			return k, fmt.Errorf("%q is not understood", option)
		}
	}
	return k, known(k.Category)
}

func (r *Rules) readNoise(files fs.FS) error {
	var head Noise
	return lines(files, "data/noise.txt", func(line string) error {
		if options, ok := strings.CutPrefix(line, "="); ok {
			head = Noise{}
			for _, option := range strings.Fields(options) {
				switch option {
				case "card":
					head.Card = true
				case "online":
					head.Online = true
				case "ach":
					head.ACH = true
				case "keep":
					head.Keep = true
				default:
					return fmt.Errorf("%q is not understood", option)
				}
			}
			return nil
		}
		for _, phrase := range list(line, ";") {
			r.Noise.Add(words.Of(phrase), head)
		}
		return nil
	})
}

func (r *Rules) readProcessors(files fs.FS) error {
	r.Bare = map[string]bool{}
	return lines(files, "data/processors.txt", func(line string) error {
		c := columns(line)
		if len(c) != 5 || !slices.Contains(CounterpartyTypes, CounterpartyType(c[3])) {
			return fmt.Errorf("%q is not: prefixes | name | website | type | channel", line)
		}
		channel, err := channelNamed(c[4])
		if err != nil {
			return err
		}
		m := &Merchant{Name: c[1], Website: c[2], Entity: entityOf(c[1]), Type: CounterpartyType(c[3]), Channel: channel}
		for _, prefix := range list(c[0], ";") {
			text, bare := strings.CutSuffix(prefix, "+")
			r.Processors.Add(words.Of(text), Processor{m, bare})
			if bare {
				r.Bare[m.Name] = true
			}
		}
		return nil
	})
}

func (r *Rules) readKinds(files fs.FS) error {
	r.Kinds = map[string][]Kind{}
	return lines(files, "data/kinds.txt", func(line string) error {
		c := columns(line)
		if len(c) != 7 {
			return fmt.Errorf("%q is not: kinds | direction | account | category | confidence | strong | legacy", line)
		}
		k := Kind{Direction: c[1], Account: c[2], Category: c[3], Confidence: Confidence(c[4]), Strong: c[5] == "strong", Legacy: c[6]}
		for _, kind := range list(c[0], ";") {
			r.Kinds[kind] = append(r.Kinds[kind], k)
		}
		return known(k.Category)
	})
}

func (r *Rules) readCodes(files fs.FS) error {
	return lines(files, "data/mcc.txt", func(line string) error {
		c := columns(line)
		if len(c) != 2 {
			return fmt.Errorf("%q is not: codes | category", line)
		}
		from, to, ranged := strings.Cut(c[0], "-")
		if !ranged {
			to = from
		}
		codes := Codes{Category: c[1]}
		var errFrom, errTo error
		codes.From, errFrom = strconv.Atoi(from)
		codes.To, errTo = strconv.Atoi(to)
		if errFrom != nil || errTo != nil {
			return fmt.Errorf("%q is no code", c[0])
		}
		r.Codes = append(r.Codes, codes)
		return known(codes.Category)
	})
}

func readCommon(files fs.FS) (map[string]bool, error) {
	common := map[string]bool{}
	err := lines(files, "data/words.txt", func(line string) error {
		for _, word := range strings.Fields(line) {
			common[strings.Join(words.Of(word), " ")] = true
		}
		return nil
	})
	return common, err
}

func (r *Rules) readCities(files fs.FS) error {
	return lines(files, "data/cities.txt", func(line string) error {
		for _, city := range list(line, ";") {
			r.Cities.Add(words.Of(city), city)
		}
		return nil
	})
}
