package household

import (
	"strings"

	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/plaid"
)

// source draws what chance decides. Each draw is a hash of the seed, the flow, the day and what is drawn, so that no draw
// depends on another one.
type source struct {
	seed string
	// epoch is the day from which days count: draws repeat for all connections that share it.
	epoch plaid.Date
	place plan.Place
}

// FNV-1a, and a last mixing that spreads its upper bits over the lower ones.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func hash(h uint64, text string) uint64 {
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * fnvPrime
	}
	return h * fnvPrime
}

func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// number is a draw for a flow on a day.
func (s *source) number(f *plan.Flow, day plaid.Date, what string) uint64 {
	h := hash(fnvOffset, s.seed)
	h = hash(hash(hash(h, f.Account), f.ID), what)
	return mix(h + uint64(day-s.epoch)*fnvPrime)
}

// below is a draw from 0 to n-1.
func (s *source) below(f *plan.Flow, day plaid.Date, what string, n int) int {
	return int(s.number(f, day, what) % uint64(n))
}

const million = 1_000_000

// comes reports whether chance has the flow come on a day.
func (s *source) comes(f *plan.Flow, day plaid.Date) bool {
	date := day.Time()
	if len(f.Months) > 0 && !contains(f.Months, int(date.Month())) {
		return false
	}
	a := f.AYear + 12*f.AMonth
	days := 365
	weekend := date.Weekday() == 0 || date.Weekday() == 6
	switch {
	case f.Days == "workdays" && weekend, f.Days == "weekends" && !weekend:
		return false
	case f.Days == "workdays":
		days = 261
	case f.Days == "weekends":
		days = 104
	}
	if len(f.Months) > 0 && f.AYear > 0 {
		days = days * len(f.Months) / 12
	}
	return s.below(f, day, "comes", million) < a*million/days
}

func contains(list []int, n int) bool {
	for _, e := range list {
		if e == n {
			return true
		}
	}
	return false
}

// size is the amount of a flow whose size is its own.
func (s *source) size(f *plan.Flow, day, start plaid.Date) plaid.Decimal {
	var d plaid.Decimal
	if f.Least != nil {
		least, span := cents(*f.Least), cents(*f.Most)-cents(*f.Least)
		d = plaid.NewDecimal(least+int64(s.number(f, day, "amount")%uint64(span+1)), -2)
	} else if len(f.Amount) > 0 {
		d = f.Amount[s.below(f, day, "amount", len(f.Amount))]
	}
	if years := day.Time().Year() - start.Time().Year(); !f.Raise.IsZero() && years > 0 {
		d = d.Mul(plaid.DecimalFromInt(100).Add(f.Raise.Mul(plaid.DecimalFromInt(int64(years))))).Mul(percent).Round(2)
	}
	return d
}

var percent = plaid.NewDecimal(1, -2)

// cents is an amount of money in cents.
func cents(d plaid.Decimal) int64 {
	var n int64
	text := d.Round(2).String()
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			n = n*10 + int64(text[i]-'0')
		}
	}
	switch dot := strings.IndexByte(text, '.'); {
	case dot < 0:
		n *= 100
	case dot == len(text)-2:
		n *= 10
	}
	if d.Sign() < 0 {
		return -n
	}
	return n
}

// pending is how many days a flow is pending.
func (s *source) pending(f *plan.Flow, day plaid.Date) int {
	return f.Posts[0] + s.below(f, day, "posts", f.Posts[1]-f.Posts[0]+1)
}

// settled is what a pending amount has become when it is posted: more where there is a tip.
func (s *source) settled(f *plan.Flow, day plaid.Date, amount plaid.Decimal) plaid.Decimal {
	if f.Tip == 0 {
		return amount
	}
	part := plaid.DecimalFromInt(int64(100 + s.below(f, day, "tip", f.Tip+1)))
	return amount.Mul(part).Mul(percent).Round(2)
}

const alphanumerics = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

// name is what the bank writes: one of the names, filled in.
func (s *source) name(f *plan.Flow, day plaid.Date, names []string, check int) string {
	template := names[s.below(f, day, "name", len(names))]
	if !strings.ContainsAny(template, "?~{") {
		return template
	}
	return s.fill(f, day, template, check)
}

// fill draws the digits of a template and puts in what stands in braces.
func (s *source) fill(f *plan.Flow, day plaid.Date, template string, check int) string {
	drawn := s.number(f, day, "digits")
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		switch c := template[i]; c {
		case '?':
			b.WriteByte('0' + byte(drawn%10))
			drawn = mix(drawn + 1)
		case '~':
			b.WriteByte(alphanumerics[drawn%uint64(len(alphanumerics))])
			drawn = mix(drawn + 1)
		case '{':
			end := strings.IndexByte(template[i:], '}')
			if end < 0 {
				b.WriteByte(c)
				continue
			}
			b.WriteString(s.word(template[i+1:i+end], day, check))
			i += end
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func (s *source) word(word string, day plaid.Date, check int) string {
	date := day.Time()
	switch word {
	case "city":
		return s.place.City
	case "state":
		return s.place.State
	case "mm":
		return date.Format("01")
	case "dd":
		return date.Format("02")
	case "yy":
		return date.Format("06")
	case "check":
		return number(check)
	default:
		return "{" + word + "}"
	}
}
