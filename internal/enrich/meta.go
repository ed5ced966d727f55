package enrich

import (
	"strings"

	"weft/internal/enrich/rules"
	"weft/internal/enrich/words"
)

// labels are what banks write before the parts of a transfer, with the part.
var labels = []struct {
	label string
	part  string
}{
	{"PPD ID:", "ppd"}, {"CO ID:", "ppd"}, {"WEB ID:", "ppd"}, {"CCD ID:", "ppd"}, {"TEL ID:", "ppd"}, {"ARC ID:", "ppd"}, {"ORIG ID:", "ppd"},
	{"CONF#", "reference"}, {"CONFIRMATION#", "reference"}, {"REF #", "reference"}, {"REF#", "reference"}, {"TRN:", "reference"}, {"TRN#", "reference"},
	{"TRACE #:", "reference"}, {"TRACE#:", "reference"}, {"TRACE NUMBER:", "reference"}, {"REFERENCE NUMBER:", "reference"}, {"REF:", "reference"}, {"REFERENCE:", "reference"},
	{"/ORG=", "order"}, {"ORG=", "order"}, {"B/O:", "order"}, {"BY ORDER OF:", "order"}, {"ORIG:", "order"},
	{"BNF=", "payee"}, {"BNF:", "payee"}, {"BENEFICIARY:", "payee"}, {"A/C:", "payee"},
	{"REASON:", "reason"}, {"MEMO:", "reason"}, {"PURPOSE:", "reason"},
}

// meta is what the texts say of a transfer between banks.
func (f *finding) meta(texts []reading) (out PaymentMeta) {
	if f.who.through != nil && f.who.through.Type != rules.TypeMarketplace {
		out.PaymentProcessor = f.who.through.Name
	}
	transfer := !f.consumer(f.category) && !f.fallback
	for i := range texts {
		r := &texts[i]
		if r.noise.Card {
			continue
		}
		f.labelled(&out, r)
		if out.PaymentMethod == "" {
			out.PaymentMethod = f.method(r, out)
		}
	}
	if transfer && out.PaymentMethod != "ACH" && f.who.Merchant != nil && f.who.Merchant.Type == rules.TypePaymentApp {
		if out.PaymentProcessor == "" {
			out.PaymentProcessor = f.who.Merchant.Name
		}
		f.person(&out, &texts[f.at])
	}
	return out
}

func (f *finding) method(r *reading, out PaymentMeta) string {
	if r.noise.ACH || out.PPDID != "" || strings.Contains(r.line, " DES:") {
		return "ACH"
	}
	if f.category == "TRANSFER_OUT_WIRE" || f.category == "TRANSFER_IN_WIRE" {
		return "WIRE"
	}
	return ""
}

// labelled reads the parts that stand behind their labels.
func (f *finding) labelled(out *PaymentMeta, r *reading) {
	if !strings.ContainsAny(r.line, ":#=") {
		return
	}
	upper := strings.ToUpper(r.line)
	if len(upper) != len(r.line) {
		return
	}
	for _, l := range labels {
		at := strings.Index(upper, l.label)
		if at < 0 || (at > 0 && letter(upper[at-1]) && letter(l.label[0])) {
			continue
		}
		rest := strings.TrimLeft(r.line[at+len(l.label):], " :#")
		switch l.part {
		case "ppd":
			set(&out.PPDID, word(rest))
		case "reference":
			set(&out.ReferenceNumber, word(rest))
		case "order":
			set(&out.ByOrderOf, clause(rest))
		case "payee":
			set(&out.Payee, clause(rest))
		case "reason":
			set(&out.Reason, clause(rest))
		}
	}
}

// person reads who sent or got money through an app: the words behind "to" or "from".
func (f *finding) person(out *PaymentMeta, r *reading) {
	preposition, part := "to", &out.Payee
	if f.direction == "in" {
		preposition, part = "from", &out.Payer
	}
	for i := 0; i+1 < len(r.words); i++ {
		if r.words[i].Text != preposition {
			continue
		}
		to := i + 1
		for to < len(r.words) && to < i+5 {
			w := r.words[to]
			if w.Digit || w.Before == '#' || stops[w.Text] || w.Before == ';' || masked(w.Text) {
				break
			}
			to++
		}
		if to > i+1 {
			set(part, strings.Join(strings.Fields(r.line[r.words[i+1].Start:r.words[to-1].End]), " "))
		}
		return
	}
}

// stops are words that end a person's name.
var stops = map[string]bool{"on": true, "ref": true, "conf": true, "for": true, "via": true, "web": true, "id": true, "jpm": true, "with": true, "payment": true, "transfer": true, "bank": true}

func letter(c byte) bool { return c >= 'A' && c <= 'Z' }

func set(to *string, value string) {
	if *to == "" && value != "" {
		*to = value
	}
}

// word is the first word of a text, without marks at its end.
func word(text string) string {
	if at := strings.IndexAny(text, " ;,/"); at >= 0 {
		text = text[:at]
	}
	return strings.Trim(text, ".:;,#*")
}

// clause is the text up to the next mark, label or column, at most 60 bytes.
func clause(text string) string {
	if at := strings.IndexAny(text, "/;=:\\"); at >= 0 {
		// The word that a mark belongs to is the next label.
		if text[at] == '=' || text[at] == ':' {
			if space := strings.LastIndexByte(text[:at], ' '); space >= 0 {
				at = space
			}
		}
		text = text[:at]
	}
	if at := strings.Index(text, "  "); at >= 0 {
		text = text[:at]
	}
	for _, label := range []string{" SRF#", " TRN#", " RFB#", " OGB", " REF#", " ID"} {
		if at := strings.Index(text, label); at >= 0 {
			text = text[:at]
		}
	}
	if len(text) > 60 {
		text = words.Bounded(text[:60])
	}
	return strings.TrimSpace(strings.ToValidUTF8(text, ""))
}
