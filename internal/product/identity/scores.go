package identity

import (
	"weft/internal/plaid"
	"weft/internal/product/identity/match"
)

// scores are those of an account. What the client or the bank does not know has none.
type scores struct {
	LegalName    *nameScore    `json:"legal_name"`
	PhoneNumber  *contactScore `json:"phone_number"`
	EmailAddress *contactScore `json:"email_address"`
	Address      *addressScore `json:"address"`
}

type nameScore struct {
	Score       int  `json:"score"`
	FirstOrLast bool `json:"is_first_name_or_last_name_match"`
	Nickname    bool `json:"is_nickname_match"`
	Business    bool `json:"is_business_name_detected"`
}

type contactScore struct {
	Score int `json:"score"`
}

type addressScore struct {
	Score      int  `json:"score"`
	PostalCode bool `json:"is_postal_code_match"`
}

// with compares a person with the owners of an account: of each thing, the best match of any owner.
func (p person) with(owners []plaid.Owner) scores {
	var names, phones, emails []string
	var addresses []match.Address
	for _, o := range owners {
		names = append(names, o.Names...)
		for _, c := range o.PhoneNumbers {
			phones = append(phones, c.Data)
		}
		for _, c := range o.Emails {
			emails = append(emails, c.Data)
		}
		for _, a := range o.Addresses {
			addresses = append(addresses, match.AddressOf(a.Data))
		}
	}
	var s scores
	if found := best(p.names, names, match.Names, func(n match.NameScore) int { return n.Score }); found != nil {
		s.LegalName = &nameScore{found.Score, found.FirstOrLast, found.Nickname, found.Business}
	}
	self := func(score int) int { return score }
	if found := best(p.phones, phones, match.Phones, self); found != nil {
		s.PhoneNumber = &contactScore{*found}
	}
	if found := best(p.emails, emails, match.Emails, self); found != nil {
		s.EmailAddress = &contactScore{*found}
	}
	if found := best(p.addresses, addresses, match.Addresses, func(a match.AddressScore) int { return a.Score }); found != nil {
		s.Address = &addressScore{found.Score, found.PostalCode}
	}
	return s
}

// best is the best result of any pair, nil where there is no pair.
func best[T, R any](mine, theirs []T, compare func(a, b T) R, score func(R) int) *R {
	var best *R
	for _, a := range mine {
		for _, b := range theirs {
			if one := compare(a, b); best == nil || score(one) > score(*best) {
				best = &one
			}
		}
	}
	return best
}
