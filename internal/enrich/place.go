package enrich

import (
	"strings"

	"weft/internal/enrich/words"
)

// regions are the two-letter codes of states, provinces and territories.
var regions = map[string]string{}

func init() {
	for country, codes := range map[string]string{
		"US": "al ak az ar ca co ct de dc fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa pr ri sc sd tn tx ut vt va wa wv wi wy",
		"CA": "ab bc mb nb nl ns nt nu on pe qc sk yt",
	} {
		for code := range strings.FieldsSeq(codes) {
			regions[code] = country
		}
	}
}

// findPlace looks for a region at the end, in capitals, with or without a country or postal code behind it.
func (e *Enricher) findPlace(r *reading) {
	last := r.finish - 1
	r.placeAt = r.finish
	if last <= r.begin {
		return
	}
	if w := r.words[last]; w.Capital && !w.Digit && (w.Text == "us" || w.Text == "usa" || (w.Text == "ca" && regions[r.words[last-1].Text] == "CA")) {
		last--
	}
	if w := r.words[last]; last > r.begin+1 && w.Digits && len(w.Text) == 5 && r.words[last-1].Capital && regions[r.words[last-1].Text] == "US" {
		r.postal = w.Text
		last--
	}
	w := r.words[last]
	code := w.Text
	if len(code) == 4 && strings.HasSuffix(code, "us") {
		code = code[:2]
	}
	if last <= r.begin || !w.Capital || w.Digit || len(code) != 2 || regions[code] == "" {
		r.postal = ""
		return
	}
	r.region, r.country, r.placeAt = strings.ToUpper(code), regions[code], last
	// A large city before it is known wherever it begins.
	for at := max(r.begin+1, last-3); at < last && r.city == ""; at++ {
		e.rules.Cities.At(r.words[at:last], func(_ string, length int) {
			if at+length == last {
				r.city, r.placeAt = titled(r.words[at:last]), at
			}
		})
	}
}

// locate takes the words between what is known of the merchant and the region as the city. It is a city only where its
// beginning is clear: right behind the merchant or the store's number, or at the beginning of a column.
func (r *reading) locate(behind int) {
	if r.region == "" || r.city != "" || r.online {
		return
	}
	from := -1
	if behind > 0 {
		from = behind
		for i := behind; i < r.placeAt; i++ {
			if r.words[i].Wide {
				from = i
			}
		}
	} else {
		for i := r.begin + 1; i < r.placeAt; i++ {
			if r.words[i].Wide && i > r.begin {
				from = i
			}
		}
	}
	if from < 0 || from >= r.placeAt || r.placeAt-from > 2 {
		return
	}
	parts := make([]string, 0, 3)
	for _, w := range r.words[from:r.placeAt] {
		if w.Digit || len(w.Text) < 2 || w.Text == "and" || w.Before == '*' || storeWords[w.Text] {
			return
		}
		parts = append(parts, title(w.Text))
	}
	r.city = strings.Join(parts, " ")
}

// storeWords stand between a merchant and its store's number, or for a kind of store.
var storeWords = map[string]bool{"store": true, "no": true, "num": true, "number": true, "str": true, "unit": true, "location": true, "loc": true, "com": true, "inc": true, "llc": true,
	"gas": true, "fuel": true, "station": true, "whse": true, "supercenter": true, "pharmacy": true, "restaurant": true, "online": true, "payment": true, "coffee": true, "service": true}

// storeNumber is the number of the store behind a merchant, and where the words behind it begin.
func (r *reading) storeNumber(behind int) (number string, after int) {
	at := behind
	for at < r.finish && at < behind+2 && storeWords[r.words[at].Text] {
		at++
	}
	if at >= r.finish {
		return "", min(at, r.finish)
	}
	w := r.words[at]
	text := w.Text
	if len(text) >= 3 && !w.Digits && (text[0] == 'f' || text[0] == 't' || text[0] == 's') && digitsIn(text) == len(text)-1 {
		text = text[1:]
	} else if !w.Digits {
		return "", at
	}
	date := at+1 < len(r.words) && r.words[at+1].Before == '/'
	phone := at+1 < len(r.words) && r.words[at+1].Digits && r.words[at+1].Before == '-'
	if len(text) < 2 || len(text) > 6 || date || phone || w.Before == '/' || (len(text) == 6 && w.Before != '#') {
		return "", at
	}
	return text, at + 1
}

// title writes a word with a capital.
func title(word string) string {
	if word == "" {
		return ""
	}
	for i, r := range word {
		return strings.ToUpper(string(r)) + word[i+len(string(r)):]
	}
	return word
}

// titled writes words with capitals, for a merchant that only the statement names.
func titled(words []words.Token) string {
	parts := make([]string, 0, len(words))
	for _, w := range words {
		if w.Text == "and" && w.End-w.Start == 1 {
			parts = append(parts, "&")
			continue
		}
		parts = append(parts, title(w.Text))
	}
	return strings.Join(parts, " ")
}
