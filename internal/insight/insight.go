package insight

import (
	"cmp"
	"slices"
	"strings"

	"weft/internal/ident"
	"weft/internal/plaid"
)

// Kind is what an insight is about.
type Kind string

// The kinds, in the order in which insights of one day are told.
const (
	PriceRise   Kind = "subscription_price_rise"
	Doubled     Kind = "subscription_doubled"
	Trial       Kind = "trial_became_paid"
	Fee         Kind = "avoidable_fee"
	IdleCash    Kind = "idle_cash_beside_card_interest"
	CheaperFund Kind = "cheaper_fund"
	Duplicate   Kind = "duplicate_charge"
	Unusual     Kind = "unusual_charge"
)

// Kinds are all kinds.
var Kinds = []Kind{PriceRise, Doubled, Trial, Fee, IdleCash, CheaperFund, Duplicate, Unusual}

// Input is what insights are found in.
type Input struct {
	// AsOf is today. Later rows do not count.
	AsOf         plaid.Date
	Accounts     []Account
	Transactions []Transaction
	Holdings     []Holding
	Options
}

// Options are where insights lead.
type Options struct {
	// CTABase is the address of the pages about insights, which the kind is added to; empty for none.
	CTABase string
	// ImageBase is put in front of an image's name.
	ImageBase string
}

// Account is a bank account, a card or another debt.
type Account struct {
	ID, Name, Type, Subtype, Currency string
	// Identity is the same for one account that is linked twice; empty where that is not known.
	Identity string
	// Available may be withdrawn; Current is what is there, or on a card what is owed.
	Available, Current *plaid.Decimal
	// APRs are a card's rates, where they are known.
	APRs []plaid.APR
}

// Transaction is a row of an account. Its amount is positive where money leaves.
type Transaction struct {
	ID, Account, Currency string
	Date                  plaid.Date
	Amount                plaid.Decimal
	// Name is the description. Merchant and its entity id are empty where unknown; Category is a detailed personal finance category.
	Name, Merchant, Entity, Category string
	Pending                          bool
}

// Holding is a position in a security.
type Holding struct {
	Account, Security, Ticker, ISIN, Name, Currency string
	Value                                           plaid.Decimal
}

// Insight is one finding.
type Insight struct {
	Kind Kind
	// UID is made of the kind and of what proves it first, so that it stays as further rows come.
	UID  string
	Text string
	// CTAURL is empty without a base. Image is the name of one of [Images], behind the base.
	CTAURL, Image string
	// About is the merchant, the sort of fee, the card or the fund's ticker; Recommendation a short title.
	About, Recommendation string
	// AmountFound is the figure: see the package's comment for what it is of each kind. It is positive.
	AmountFound plaid.Decimal
	Currency    string
	// Date is the day of the newest proof. TransactionID is the row that the insight hangs on, empty where it hangs on none.
	Date          plaid.Date
	TransactionID string
	Proof         Proof
}

// Proof is what an insight was found in, each list in order and without doubles.
type Proof struct{ TransactionIDs, AccountIDs, SecurityIDs []string }

// Find finds all insights: the newest first, those of one day in the order of [Kinds]. It changes nothing of its input.
func Find(in Input) []Insight {
	b := open(in)
	for _, rows := range b.payees {
		b.priceRises(rows)
		b.doubled(rows)
		b.trials(rows)
		b.charges(rows)
	}
	b.fees()
	b.idleCash()
	b.cheaperFunds()
	slices.SortFunc(b.found, func(x, y Insight) int {
		return cmp.Or(cmp.Compare(y.Date, x.Date), cmp.Compare(slices.Index(Kinds, x.Kind), slices.Index(Kinds, y.Kind)), strings.Compare(x.UID, y.UID))
	})
	return b.found
}

// finding is an insight in the making.
type finding struct {
	kind   Kind
	about  string
	amount plaid.Decimal
	// currency is that of the amount, which is rounded to its places.
	currency string
	// first is what the UID is made of besides the kind.
	first []string
	on    *Transaction
	date  plaid.Date
	rows  []Transaction
	// accounts and securities prove it beside the accounts of rows.
	accounts, securities []string
	// words fill the places of the text.
	words map[string]string
}

// tell adds a finding to what was found.
func (b *book) tell(f finding) {
	text := b.rules.Texts[f.kind]
	amount := b.rules.round(f.amount, f.currency)
	if amount.Sign() <= 0 {
		return
	}
	pairs := []string{"{about}", f.about, "{found}", b.rules.money(amount, f.currency)}
	for place, word := range f.words {
		pairs = append(pairs, "{"+place+"}", word)
	}
	fill := strings.NewReplacer(pairs...)
	i := Insight{Kind: f.kind, UID: ident.Derive(append([]string{"insight", string(f.kind)}, f.first...)...), Text: fill.Replace(text.Text),
		Image: b.in.ImageBase + text.Image, About: f.about, Recommendation: fill.Replace(text.Recommendation), AmountFound: amount,
		Currency: f.currency, Date: f.date}
	if b.in.CTABase != "" {
		i.CTAURL = strings.TrimRight(b.in.CTABase, "/") + "/" + string(f.kind)
	}
	if f.on != nil {
		i.TransactionID = f.on.ID
	}
	i.Proof.AccountIDs, i.Proof.SecurityIDs = f.accounts, f.securities
	for _, r := range f.rows {
		i.Proof.TransactionIDs = append(i.Proof.TransactionIDs, r.ID)
		i.Proof.AccountIDs = append(i.Proof.AccountIDs, r.Account)
	}
	for _, list := range []*[]string{&i.Proof.TransactionIDs, &i.Proof.AccountIDs, &i.Proof.SecurityIDs} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	b.found = append(b.found, i)
}
