package enrich

import (
	"strconv"
	"strings"

	"weft/internal/enrich/rules"
	"weft/internal/enrich/taxonomy"
	"weft/internal/plaid"
)

// finding is a transaction while it is looked at.
type finding struct {
	in        Input
	direction string
	who       identity
	// at is the text that names the merchant.
	at         int
	category   string
	v1         string
	legacy     string
	confidence Confidence
	// fallback: nothing told the category.
	fallback bool
	// bank: the category is the bank's own, and no merchant's.
	bank bool
	// strongIn and strongAt are the text and the word at which the strong phrase begins.
	strongIn, strongAt int
}

func (f *finding) is(category string, sure Confidence) { f.category, f.confidence = category, sure }

// categorise finds the category: banks' words that tell more than a merchant, the bank's kind where it does, the merchant,
// the card network's code, other words, the bank's kind, and the account.
func (e *Enricher) categorise(f *finding, texts []reading) {
	strong, weak := e.keyword(f, texts)
	kind, kindStrong := e.kind(f)
	who := f.who.Merchant
	bankish := who == nil || who.Type == rules.TypeFinancialInstitution || who.Type == rules.TypePaymentApp
	switch {
	case f.in.AccountType == plaid.TypeLoan && e.account(f, texts):
	case strong.Category != "" && e.prevails(f, strong, bankish):
		f.is(strong.Category, strong.Confidence)
		f.bank = true
		if who != nil && sameGroup(who, f.direction, strong.Category) {
			f.bank = false
			f.is(who.Category(f.direction), rules.VeryHigh)
		}
	case f.who.through != nil && f.who.through.Type == rules.TypeFinancialInstitution:
		f.is("LOAN_PAYMENTS_BNPL", rules.High)
	case kindStrong:
		f.is(kind.Category, kind.Confidence)
		f.legacy, f.bank = kind.Legacy, true
	case e.account(f, texts):
	case who != nil && who.Out != "":
		f.is(who.Category(f.direction), f.who.confidence)
		f.legacy = who.Legacy
		if who.Out == "TRANSFER_OUT_ACCOUNT_TRANSFER" {
			e.plainBank(f, weak)
		}
	case e.code(f):
	case weak.Category != "":
		f.is(weak.Category, weak.Confidence)
	case f.who.through != nil && f.who.through.Type == rules.TypeMarketplace && f.who.through.Out != "":
		f.is(f.who.through.Category(f.direction), rules.Medium)
	case kind.Category != "":
		f.is(kind.Category, kind.Confidence)
		f.legacy, f.bank = kind.Legacy, true
	default:
		f.unknown()
	}
}

// sameGroup: the words say of the merchant what its own category says, or something less exact in the same group.
func sameGroup(m *rules.Merchant, direction, category string) bool {
	own, _ := taxonomy.Find(m.Category(direction))
	said, _ := taxonomy.Find(category)
	return own.Primary != "" && own.Primary == said.Primary && own.Primary != "BANK_FEES" && m.Out != "TRANSFER_OUT_ACCOUNT_TRANSFER"
}

// prevails: one strong word alone does not outweigh a shop or a service that money goes to, unless it stands before it.
func (e *Enricher) prevails(f *finding, k rules.Keyword, bankish bool) bool {
	before := f.strongIn == f.at && f.strongAt < f.who.from
	return bankish || before || k.Words > 1 || f.direction == "in" || f.who.Merchant.Type == rules.TypeIncomeSource
}

// plainBank: a bank's name alone says little, so other words may say more.
func (e *Enricher) plainBank(f *finding, weak rules.Keyword) {
	f.confidence = rules.Medium
	if weak.Category != "" && weak.Confidence != rules.Low && !f.consumer(weak.Category) {
		f.is(weak.Category, weak.Confidence)
	}
}

// consumer: a category of what is bought.
func (f *finding) consumer(category string) bool {
	d, _ := taxonomy.Find(category)
	switch d.Primary {
	case "INCOME", "TRANSFER_IN", "TRANSFER_OUT", "LOAN_PAYMENTS", "LOAN_DISBURSEMENTS", "BANK_FEES", "OTHER":
		return false
	}
	return true
}

// keyword is the longest strong and the longest other phrase in the texts that fits the direction and the account.
func (e *Enricher) keyword(f *finding, texts []reading) (strong, weak rules.Keyword) {
	for i := range texts {
		r := &texts[i]
		from := r.begin
		if !r.noise.Card {
			from = r.nameStart
		}
		for at := range r.words {
			if at >= r.placeAt && at < r.finish {
				continue // a region is no word
			}
			e.rules.Keywords.At(r.words[at:], func(k rules.Keyword, length int) {
				if (k.Direction != "" && k.Direction != f.direction) || (k.On != "" && k.On != f.in.AccountType) || (k.Not != "" && k.Not == f.in.AccountType) {
					return
				}
				// Of what banks write in front, single words mean nothing: "CHECK CARD", "CREDIT".
				if at < from && length == 1 {
					return
				}
				best := &weak
				if k.Strong {
					best = &strong
				}
				// Of two as long the later one says what it is: "GARDEN RESTAURANT"; a restriction to an account tells more.
				if length > best.Words || (length == best.Words && (k.On != "" || best.On == "") && surer(k.Confidence, best.Confidence)) {
					*best = k
					if k.Strong {
						f.strongIn, f.strongAt = i, at
					}
				}
			})
		}
		if strong.Category != "" || weak.Category != "" {
			return strong, weak
		}
	}
	return strong, weak
}

// surer: at least as sure.
func surer(a, b Confidence) bool {
	for _, c := range rules.Confidences {
		switch c {
		case a:
			return true
		case b:
			return false
		}
	}
	return true
}

// kind is what the bank's kind of the transaction tells.
func (e *Enricher) kind(f *finding) (rule rules.Kind, strong bool) {
	for _, r := range e.rules.Kinds[strings.ToUpper(strings.TrimSpace(f.in.Kind))] {
		if (r.Direction == "any" || r.Direction == f.direction) && (r.Account == "any" || r.Account == f.in.AccountType) {
			return r, r.Strong
		}
	}
	return rules.Kind{}, false
}

// account: what arrives on a card or a loan without being a shop's refund pays it off.
func (e *Enricher) account(f *finding, texts []reading) bool {
	who := f.who.Merchant
	if f.direction != "in" || (who != nil && who.Type == rules.TypeMerchant) || (who == nil && (f.who.called != "" || len(texts) == 0 || texts[0].noise.Card)) {
		return false
	}
	switch {
	case f.in.AccountType == plaid.TypeCredit && who != nil && who.Type != rules.TypeMarketplace:
		f.is("LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", rules.High)
	case f.in.AccountType == plaid.TypeLoan:
		f.is(loanPayment(f.in.AccountSubtype), rules.High)
	default:
		return false
	}
	f.bank = true
	return true
}

// loanPayment is the category of payments towards a kind of loan.
func loanPayment(subtype string) string {
	switch subtype {
	case "mortgage", "home equity", "construction":
		return "LOAN_PAYMENTS_MORTGAGE_PAYMENT"
	case "student":
		return "LOAN_PAYMENTS_STUDENT_LOAN_PAYMENT"
	case "auto":
		return "LOAN_PAYMENTS_CAR_PAYMENT"
	case "consumer", "loan", "line of credit", "overdraft":
		return "LOAN_PAYMENTS_PERSONAL_LOAN_PAYMENT"
	}
	return "LOAN_PAYMENTS_OTHER_PAYMENT"
}

// code is the category of the card network's code.
func (e *Enricher) code(f *finding) bool {
	code, err := strconv.Atoi(strings.TrimSpace(f.in.MCC))
	if err != nil {
		return false
	}
	narrow := rules.Codes{To: 1 << 30}
	for _, r := range e.rules.Codes {
		if code >= r.From && code <= r.To && r.To-r.From < narrow.To-narrow.From {
			narrow = r
		}
	}
	if narrow.Category == "" {
		return false
	}
	f.is(narrow.Category, rules.High)
	return true
}

// unknown is the answer where nothing tells: OTHER_OTHER, which version 1 has not. Plaid's sandbox answers there with
// GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE at LOW confidence, and so do we for what leaves, and for what comes back to
// a card. What arrives elsewhere was hardly merchandise, and must not be counted as income either.
func (f *finding) unknown() {
	f.is("OTHER_OTHER", rules.Low)
	f.fallback = true
	if f.direction == "in" && f.in.AccountType != plaid.TypeCredit {
		f.v1 = "TRANSFER_IN_OTHER_TRANSFER_IN"
	}
}
