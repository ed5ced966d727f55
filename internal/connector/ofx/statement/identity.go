package statement

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"unicode"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Institution is the institution that a file speaks for, by the names that OFX has for it.
type Institution struct {
	// ORG and FID are those of the sign-on, BrokerID and BankID of the account, IntuitID is Quicken's INTU.BID.
	ORG, FID, BrokerID, BankID, IntuitID string
}

// Key is the same for all accounts of an institution: ORG and FID where the file has them, else the broker or the bank.
func (i Institution) Key() string {
	switch {
	case i.ORG != "" || i.FID != "":
		return digest("org", strings.ToLower(i.ORG), i.FID)
	case i.BrokerID != "":
		return digest("broker", strings.ToLower(i.BrokerID))
	case i.BankID != "":
		return digest("bank", i.BankID)
	}
	return digest("intuit", i.IntuitID)
}

// Name is what the institution may be called, empty where the file does not say.
func (i Institution) Name() string {
	for _, name := range []string{i.ORG, i.BrokerID} {
		if name != "" {
			return name
		}
	}
	return ""
}

// Identity is what a file calls an account.
type Identity struct {
	BankID, BranchID, BrokerID, AccountID string
	// AccountType is ACCTTYPE or LOANACCTTYPE; CREDITCARD and INVESTMENT for the accounts that have none.
	AccountType string
	Currency    string
}

// accountKey is the native key of an account: institution, number and type. Where a file states two accounts under one such
// key, at two branches or in two currencies, the later ones are told apart by that.
func (b *Book) accountKey(ins Institution, id Identity) string {
	key := digest(ins.Key(), id.AccountID, id.AccountType)
	first, ok := b.taken[key]
	if !ok {
		b.taken[key] = id
		return key
	}
	if first.BankID != id.BankID || first.BranchID != id.BranchID || first.Currency != id.Currency {
		return digest(key, id.BankID, id.BranchID, id.Currency)
	}
	return key
}

// digestBytes is how much of a digest a key has.
const digestBytes = 16

// digest is a key made of parts that must not be read back from it: account numbers are in them.
func digest(parts ...string) string {
	buf := make([]byte, 0, 256)
	for _, part := range parts {
		buf = binary.AppendUvarint(buf, uint64(len(part)))
		buf = append(buf, part...)
	}
	sum := sha256.Sum256(buf)
	return hex.EncodeToString(sum[:digestBytes])
}

// Content is what a transaction is made of, as far as it identifies it.
type Content struct {
	Kind, FITID, Security string
	Day                   plaid.Date
	Amount                plaid.Decimal
	Text                  string // description, and units of what has no amount
}

// Key is the transaction's key in its account; it takes note of the transaction's facts. A transaction without a FITID is
// known by its text instead.
func (r *Reading) Key(c Content, settled *plaid.Date) string {
	day, amount, text := c.Day.String(), Plain(c.Amount), Normal(c.Text)
	unnamed := ""
	if c.FITID == "" {
		unnamed = text
	}
	key := digest(c.Kind, c.FITID, day, amount, c.Security, unnamed)
	r.seen[key]++
	if n := r.seen[key]; n > 1 {
		key = digest(key, plaid.DecimalFromInt(int64(n)).String())
	}
	r.Of.Facts[key] = Facts{FITID: c.FITID, Fingerprint: digest(day, amount, text), Settled: settled}
	return key
}

// Plain writes a number so that 5.5 and 5.50 are alike.
func Plain(d plaid.Decimal) string {
	text := d.String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// fitPlaces is how exact a number stays that cannot be written out exactly.
const fitPlaces = 12

// Fit rounds a computed number that would have more digits than one may have. No bank's own number is that long.
func Fit(d plaid.Decimal) plaid.Decimal {
	if len(d.String()) <= plaid.MaxDecimalText {
		return d
	}
	return d.Round(fitPlaces)
}

// FitAll rounds numbers in their places; those that are absent stay so.
func FitAll(numbers ...*plaid.Decimal) {
	for _, d := range numbers {
		if d != nil {
			*d = Fit(*d)
		}
	}
}

// Normal is a description without what differs from one download to the next: case, spaces and punctuation.
func Normal(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// maskLength is how many characters of an account's number a mask shows.
const maskLength = 4

// mask is the last four letters and digits of an account's number.
func mask(accountID string) string {
	var kept []rune
	for _, r := range accountID {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			kept = append(kept, r)
		}
	}
	return string(kept[max(0, len(kept)-maskLength):])
}

// bankNumbers are the numbers of a US deposit account whose BANKID is a routing number. A masked number is none.
func bankNumbers(id Identity) connector.Numbers {
	if !validABA(id.BankID) || id.AccountID == "" || strings.Trim(id.AccountID, "0123456789- ") != "" {
		return connector.Numbers{}
	}
	return connector.Numbers{ACH: &connector.ACH{Account: id.AccountID, Routing: id.BankID}}
}

// validABA checks a routing number: nine digits, a check digit, and a prefix of the Federal Reserve's. Prefix 00 is the
// government's own, and what banks fill empty fields with.
func validABA(s string) bool {
	if len(s) != 9 || strings.Trim(s, "0123456789") != "" {
		return false
	}
	weights, sum := [3]int{3, 7, 1}, 0
	for i := range 9 {
		sum += weights[i%3] * int(s[i]-'0')
	}
	prefix := int(s[0]-'0')*10 + int(s[1]-'0')
	return sum%10 == 0 && (prefix >= 1 && prefix <= 12 || prefix >= 21 && prefix <= 32 || prefix >= 61 && prefix <= 72 || prefix == 80)
}
