package securities

import (
	"strings"

	"weft/internal/connector/ofx/reader"
	"weft/internal/connector/ofx/value"
	"weft/internal/plaid"
)

// Kind is what sort of security an element speaks of.
type Kind int

// The kinds: one for each element of a security list and of a position list.
const (
	Unknown Kind = iota
	Stock
	Fund
	Debt
	Option
	Other
)

// infos are the elements of a security list.
var infos = map[string]Kind{"STOCKINFO": Stock, "MFINFO": Fund, "DEBTINFO": Debt, "OPTINFO": Option, "OTHERINFO": Other}

// Entry is one security of a file. A security that no list describes has an entry of what is said of it elsewhere.
type Entry struct {
	// Key is the security's native key: the type and the text of its UNIQUEID.
	Key  string
	Kind Kind

	id, idType string
	info       reader.Element // of the list; absent for a security that only positions or transactions name
	sec        reader.Element // SECINFO
	underlying *Entry         // of an option, nil where the list does not describe it yet
	on         string         // its UNIQUEID
	multiplier plaid.Decimal
	contract   *plaid.OptionContract
	ticker     string
	price      *plaid.Decimal // the security list's, else a position's
	priceDay   *plaid.Date
	currency   string  // its own, of the list
	iso, code  *string // that of the first row that names it
	counted    bool    // a bond that its bank counts in pieces, not in dollars of face value
}

// List is the securities of a file.
type List struct {
	// All has the entries in the order in which they were first named.
	All   []*Entry
	byKey map[string]*Entry
}

// New is an empty list.
func New() *List { return &List{byKey: map[string]*Entry{}} }

// Read takes up a SECLIST. Of two descriptions of one security the first counts.
func (l *List) Read(list reader.Element, report func(reader.Problem)) {
	var options []*Entry
	for info := range list.Children() {
		kind, ok := infos[info.Name()]
		if !ok {
			continue
		}
		sec := info.Child("SECINFO")
		if !sec.OK() {
			sec = info
		}
		e := l.Find(sec.Child("SECID"), kind)
		switch {
		case e == nil:
			report(reader.Problem{Line: info.Line(), Element: info.Name(), Expected: "a SECID with a UNIQUEID"})
		case e.info.OK():
			report(reader.Problem{Line: info.Line(), Element: info.Name(), Expected: "one description of each SECID"})
		default:
			e.Kind, e.info, e.sec = kind, info, sec
			if e.describe(); e.Kind == Option {
				options = append(options, e)
			}
		}
	}
	for _, e := range options { // when all underlyings are known
		l.terms(e, report)
	}
}

// describe reads what decides on a security's type and units.
func (e *Entry) describe() {
	e.currency = strings.ToUpper(e.sec.Child("CURRENCY").Value("CURSYM"))
	if ticker := tickerOf(e.sec.Value("TICKER"), e.id, e.idType); ticker != "" {
		e.ticker = ticker
	}
	if p, ok := value.Amount(e.sec.Value("UNITPRICE")); ok && !p.IsZero() {
		e.price = p.Abs().Ptr()
		if m, ok := value.Date(e.sec.Value("DTASOF")); ok {
			e.priceDay = m.Day.Ptr()
		}
	}
	if e.Kind != Option && e.treasury() != "" {
		e.Kind = Debt // whatever the bank took it for
	}
}

// terms reads an option's terms.
func (l *List) terms(e *Entry, report func(reader.Problem)) {
	if m, ok := value.Amount(e.info.Value("SHPERCTRCT")); ok && m.Sign() > 0 && m.Cmp(mostShares) <= 0 {
		e.multiplier = m
	}
	if on := e.info.Child("SECID"); e.sec.Is("SECINFO") { // the one beside SECINFO
		e.underlying, e.on = l.lookup(on), on.Value("UNIQUEID")
	}
	if e.contract = e.readContract(); e.contract == nil {
		report(reader.Problem{Line: e.info.Line(), Element: "OPTINFO", Expected: "OPTTYPE, STRIKEPRICE and DTEXPIRE, or a TICKER that has them"})
	}
}

// Shares takes the shares of a contract from a trade, for an option that no list describes.
func (e *Entry) Shares(text string) {
	if m, ok := value.Amount(text); ok && m.Sign() > 0 && m.Cmp(mostShares) <= 0 && !e.info.OK() {
		e.multiplier = m
	}
}

func keyOf(secid reader.Element) (id, idType, key string) {
	id, idType = secid.Value("UNIQUEID"), strings.ToUpper(secid.Value("UNIQUEIDTYPE"))
	return id, idType, idType + ":" + strings.ToUpper(id)
}

// lookup is the entry of a SECID, nil if nothing names it yet. Some banks name the type in one place only.
func (l *List) lookup(secid reader.Element) *Entry {
	id, _, key := keyOf(secid)
	if e := l.byKey[key]; e != nil {
		return e
	}
	return l.byKey[strings.ToUpper(id)]
}

// Find is the entry of a SECID, made if need be; nil if it has no UNIQUEID. The kind is what the element that names it
// says, for a security that no list describes.
func (l *List) Find(secid reader.Element, kind Kind) *Entry {
	id, idType, key := keyOf(secid)
	if id == "" {
		return nil
	}
	e := l.lookup(secid)
	if e == nil {
		e = &Entry{Key: key, id: id, idType: idType, Kind: kind, multiplier: contractShares}
		if idType == "TICKER" {
			e.ticker = id
		}
		l.byKey[key], l.byKey[strings.ToUpper(id)] = e, e
		l.All = append(l.All, e)
		if kind == Other && e.treasury() != "" {
			e.Kind = Debt
		}
	}
	if e.Kind == Unknown {
		e.Kind = kind
	}
	return e
}

// Name is what the bank calls it, empty if it does not.
func (e *Entry) Name() string { return e.sec.Value("SECNAME") }

// Label is what it may be called: its name, its ticker or its id.
func (e *Entry) Label() string {
	for _, label := range []string{e.Name(), e.ticker} {
		if label != "" {
			return label
		}
	}
	return e.id
}

// In takes the currency in which a row speaks of it.
func (e *Entry) In(iso, code *string) {
	if e.iso == nil && e.code == nil {
		e.iso, e.code = iso, code
	}
}

// Seen takes the price of a position for a security whose description has none.
func (e *Entry) Seen(price plaid.Decimal, day *plaid.Date) {
	if e.price == nil && !price.IsZero() {
		e.price, e.priceDay = price.Ptr(), day
	}
}
