package enrich

import (
	"strings"

	"weft/internal/enrich/rules"
	"weft/internal/enrich/taxonomy"
	"weft/internal/enrich/words"
)

// result is the answer to what was found.
func (f *finding) result(texts []reading) Result {
	out := Result{CheckNumber: f.checkNumber(texts)}
	if len(texts) > 0 {
		f.place(&out, &texts[f.at])
		out.Name = texts[0].name()
		if f.who.Merchant != nil && f.who.alone && f.at == 0 && f.who.through == nil && f.who.Merchant.Type == rules.TypeMerchant {
			out.Name = f.who.Merchant.Name
		}
		out.PaymentMeta = f.meta(texts)
	}
	f.counterparties(&out, texts)
	f.categories(&out)
	out.PaymentChannel = f.channel(texts)
	if out.PaymentChannel != InStore {
		out.Location = Location{}
	}
	return out
}

func (f *finding) categories(out *Result) {
	d, _ := taxonomy.Find(f.category)
	v2 := d.In(taxonomy.V2)
	v1 := d.In(taxonomy.V1)
	if f.v1 != "" {
		v1, _ = taxonomy.Find(f.v1)
	}
	out.V2 = Category{v2.Primary, v2.Name, f.confidence}
	out.V1 = Category{v1.Primary, v1.Name, f.confidence}
	id := f.legacy
	if id == "" {
		id = d.Legacy
		if f.v1 != "" {
			id = v1.Legacy
		}
	}
	if c, ok := taxonomy.FindLegacy(id); ok {
		out.LegacyCategoryID, out.LegacyCategory = c.ID, c.Hierarchy
	}
}

// counterparties names who handled the payment, then who was paid; the last is the main one.
func (f *finding) counterparties(out *Result, texts []reading) {
	who := f.who
	if t := who.through; t != nil {
		out.Counterparties = append(out.Counterparties, counterparty(t, rules.VeryHigh))
	}
	switch {
	case who.Merchant != nil:
		c := counterparty(who.Merchant, who.confidence)
		if f.direction == "in" && c.Type == rules.TypeMerchant && strings.HasPrefix(f.category, "INCOME_") {
			c.Type = rules.TypeIncomeSource
		}
		if who.through == nil && len(texts) > 0 {
			c.PhoneNumber = texts[f.at].phone
		}
		out.Counterparties = append(out.Counterparties, c)
	case who.called != "":
		out.Counterparties = append(out.Counterparties, Counterparty{Name: who.called, Type: rules.TypeMerchant, Confidence: rules.Low})
	}
	if n := len(out.Counterparties); n > 0 && !f.withdrawal() {
		c := out.Counterparties[n-1]
		out.MerchantName, out.EntityID, out.Website, out.PhoneNumber = c.Name, c.EntityID, c.Website, c.PhoneNumber
	}
}

// withdrawal: the shop that a cash machine stands in sold nothing.
func (f *finding) withdrawal() bool {
	return f.bank && f.category == "TRANSFER_OUT_WITHDRAWAL" && f.who.Merchant != nil && f.who.Merchant.Type == rules.TypeMerchant
}

func counterparty(m *rules.Merchant, sure Confidence) Counterparty {
	return Counterparty{Name: m.Name, EntityID: m.Entity, Website: m.Website, Type: m.Type, Confidence: sure}
}

// channel is how it was paid. Banks' own business is "other"; a purchase took place in a store unless something says
// otherwise, as in Plaid's answers.
func (f *finding) channel(texts []reading) string {
	var r reading
	if len(texts) > 0 {
		r = texts[f.at]
	}
	who := f.who
	switch {
	case f.bank || !f.consumer(f.category) && !f.fallback:
		// Plaid's recorded answers call an "ACH Electronic Credit" of a known payer online.
		if who.Merchant != nil && ((r.noise.Online && r.noise.ACH) || (!f.bank && who.Merchant.Channel == Online)) {
			return Online
		}
		return Other
	case f.fallback && who.Merchant == nil && who.called == "" && !r.noise.Card && strings.TrimSpace(f.in.Kind) != "POS":
		return Other
	case r.online || r.noise.Online:
		return Online
	case who.through != nil && who.through.Channel != "":
		return who.through.Channel
	case r.noise.ACH && !r.noise.Card:
		return Other
	case who.Merchant != nil && who.Merchant.Channel != "":
		return who.Merchant.Channel
	}
	return InStore
}

// place fills in what the text says of the store.
func (f *finding) place(out *Result, r *reading) {
	behind := 0
	if f.who.Merchant != nil {
		behind = f.who.behind
		out.Location.StoreNumber, behind = r.storeNumber(behind)
	}
	r.locate(behind)
	if r.online || r.region == "" {
		return
	}
	out.Location.Region, out.Location.City, out.Location.PostalCode, out.Location.Country = r.region, r.city, r.postal, r.country
}

// checkNumber is the number that the bank states, or that stands behind CHECK.
func (f *finding) checkNumber(texts []reading) string {
	if n := words.Bounded(f.in.CheckNumber); n != "" && strings.Trim(n, "0") != "" {
		return n
	}
	if len(texts) == 0 || f.category != "TRANSFER_OUT_OTHER_TRANSFER_OUT" {
		return ""
	}
	r := &texts[0]
	for i := 0; i+1 < len(r.words); i++ {
		if w := r.words[i].Text; w != "check" && w != "cheque" && w != "chq" && w != "chk" && w != "draft" {
			continue
		}
		at := i + 1
		for at+1 < len(r.words) && (r.words[at].Text == "number" || r.words[at].Text == "no" || r.words[at].Text == "paid") {
			at++
		}
		if w := r.words[at]; w.Digits && len(w.Text) >= 2 && len(w.Text) <= 12 {
			if n := strings.TrimLeft(w.Text, "0"); n != "" && len(n) <= 8 {
				return n
			}
		}
	}
	return ""
}
