package directory

import "strings"

// syllables are the beginnings and ends that words are put together from.
type syllables struct {
	Starts []string `json:"starts"`
	Ends   []string `json:"ends"`
}

func (s syllables) word(d *draw) string {
	return pick(d, s.Starts) + pick(d, s.Ends)
}

// nameSet is the names that are taken, by host name: two names that differ only in accents would be one to a reader, and
// would share an address.
type nameSet map[string]bool

// invent fills one of the forms with invented words until the name is a new one.
func (taken nameSet) invent(d *draw, c *country, brands syllables, forms []string) (name, host string) {
	for range 1000 {
		name = fill(d, pick(d, forms), c, brands)
		if host = hostName(name); !taken[host] {
			taken[host] = true
			return name, host
		}
	}
	// The word lists are too short for the country: a fault of the data, found by the first test that builds a directory.
	panic("directory: no more names for " + c.Code + " like " + name)
}

// fill puts invented words in the places of a form's words in braces.
func fill(d *draw, form string, c *country, brands syllables) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(form, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		slot, after, _ := strings.Cut(rest, "}")
		switch slot {
		case "place":
			b.WriteString(c.Places.word(d))
		case "founder":
			b.WriteString(c.Founders.word(d))
		case "brand":
			b.WriteString(brands.word(d))
		case "trade":
			b.WriteString(pick(d, c.Trades))
		default:
			panic("directory: the form " + form + " of " + c.Code + " has an unknown word")
		}
		form = after
	}
}

// hostName is a name as a label of a domain name: lower case, without accents, words joined by hyphens.
func hostName(name string) string {
	host := make([]byte, 0, len(name))
	gap := false
	for _, r := range strings.ToLower(name) {
		before := len(host)
		if gap && before > 0 {
			host = append(host, '-')
		}
		marked := len(host)
		if host = appendPlain(host, r); len(host) > marked {
			gap = false
			continue
		}
		host = host[:before]
		gap = gap || r != '\''
	}
	return string(host)
}

// appendPlain adds a small letter or a digit in ASCII, and nothing for all other characters. It knows the letters of the
// catalogue's languages.
func appendPlain(host []byte, r rune) []byte {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return append(host, byte(r))
	case r < 0x80:
		return host
	case r == 'æ':
		return append(host, "ae"...)
	case r == 'ø':
		return append(host, 'o')
	}
	for _, family := range accented {
		if strings.ContainsRune(family[1:], r) {
			return append(host, family[0])
		}
	}
	return host
}

// accented is each ASCII letter, followed by the letters that are written with it and a mark.
var accented = [...]string{
	"aàáâãäåāą", "cçćč", "eèéêëēėę", "gģ", "iìíîïīį", "kķ", "lłļ", "nñńņ", "oòóôõöő", "rŗř", "sśšș", "tťț", "uùúûüūůų", "yýÿ",
	"zźżž", "dďđ",
}
