package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/product/identity/match"
	"weft/internal/store"
	"weft/internal/user/identity"
)

type matchRequest struct {
	User    *matchUser     `json:"user"`
	Options accountOptions `json:"options"`
}

// processorMatch is what processors send: their tokens have one account.
type processorMatch struct {
	User *matchUser `json:"user"`
}

func (r processorMatch) narrow(accountID string) (matchRequest, error) {
	return matchRequest{r.User, accountOptions{[]string{accountID}}}, nil
}

// matchUser is what the client knows of a person.
type matchUser struct {
	LegalName    *string       `json:"legal_name"`
	PhoneNumber  *string       `json:"phone_number"`
	EmailAddress *string       `json:"email_address"`
	Address      *matchAddress `json:"address"`
}

type matchAddress struct {
	City       *string `json:"city"`
	Region     *string `json:"region"`
	Street     *string `json:"street"`
	PostalCode *string `json:"postal_code"`
	Country    *string `json:"country"`
}

// longest bounds each text that is compared, in characters.
const longest = 500

// person is what is compared: of each thing all that there is, of which the best counts.
type person struct {
	names, phones, emails []string
	addresses             []match.Address
}

func (p person) empty() bool {
	return len(p.names)+len(p.phones)+len(p.emails)+len(p.addresses) == 0
}

// person is what a request tells of somebody, or what is wrong with it.
func (u *matchUser) person() (p person, err error) {
	if u == nil {
		return p, nil
	}
	text := func(field string, s *string, holds func(string) bool, words string) []string {
		if s == nil || err != nil {
			return nil
		}
		if !holds(*s) || utf8.RuneCountInString(*s) > longest {
			err = plaid.InvalidField("user."+field, words)
		}
		return []string{*s}
	}
	p.names = text("legal_name", u.LegalName, match.HasName, fmt.Sprintf("must be a name of at most %d characters", longest))
	p.phones = text("phone_number", u.PhoneNumber, match.HasPhone, "must be a phone number, best in E.164 format, such as +14155550123")
	p.emails = text("email_address", u.EmailAddress, identity.IsEmail, "must be a valid email address")
	if a := u.Address; a != nil {
		holds := func(string) bool { return true }
		part := func(field string, s *string) string {
			return first(text("address."+field, s, holds, fmt.Sprintf("must be a string of at most %d characters", longest)))
		}
		address := match.Address{Street: part("street", a.Street), City: part("city", a.City), Region: part("region", a.Region),
			PostalCode: part("postal_code", a.PostalCode), Country: part("country", a.Country)}
		if !address.Empty() {
			p.addresses = []match.Address{address}
		}
	}
	return p, err
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// ofUser is what the client has told of the user that the Item belongs to; nothing, where there is none.
func (s *service) ofUser(ctx context.Context, it item.Item) (p person, err error) {
	if it.UserID == "" {
		return p, nil
	}
	u, err := s.users.ByID(ctx, it.Tenant, it.UserID)
	if errors.Is(err, store.ErrNotFound) || err == nil && u.Identity == nil {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	text := func(s *string) string { return first(list(s)) }
	if n := u.Identity.Name; n != nil {
		p.names = []string{text(n.GivenName) + " " + text(n.FamilyName)}
	}
	for _, c := range u.Identity.PhoneNumbers {
		p.phones = append(p.phones, list(c.Data)...)
	}
	for _, c := range u.Identity.Emails {
		p.emails = append(p.emails, list(c.Data)...)
	}
	for _, a := range u.Identity.Addresses {
		street := text(a.Street1)
		if a.Street2 != nil {
			street += " " + *a.Street2
		}
		address := match.Address{Street: street, City: text(a.City), Region: text(a.Region), PostalCode: text(a.PostalCode), Country: text(a.Country)}
		if !address.Empty() {
			p.addresses = append(p.addresses, address)
		}
	}
	return p, nil
}

func list(s *string) []string {
	if s == nil {
		return nil
	}
	return []string{*s}
}

// match answers {accounts: [plaid.Account with scores], item}. It keeps nothing of what it is asked about.
func (s *service) match(ctx context.Context, it item.Item, req matchRequest) (httpapi.Raw, error) {
	who, err := req.User.person()
	if err != nil {
		return nil, err
	}
	product := productName
	if !it.Has(productName) && it.Has(matchProductName) {
		product = matchProductName
	}
	if it, err = s.ready(ctx, it, product); err != nil {
		return nil, err
	}
	if who.empty() {
		if who, err = s.ofUser(ctx, it); err != nil {
			return nil, err
		}
		if who.empty() {
			return nil, plaid.InvalidField("user", "must have a legal_name, phone_number, email_address or address: nothing is known of the Item's user otherwise")
		}
	}
	accounts, _, err := s.read(ctx, it)
	if err != nil {
		return nil, err
	}
	var elements []json.RawMessage
	for _, id := range req.Options.AccountIDs {
		if !slices.ContainsFunc(accounts, func(a held) bool { return a.id == id }) {
			return nil, plaid.Err("INVALID_ACCOUNT_ID")
		}
	}
	for _, a := range accounts {
		if len(req.Options.AccountIDs) > 0 && !plaid.Known(req.Options.AccountIDs, a.id) {
			continue
		}
		var owners []plaid.Owner
		if err := json.Unmarshal(a.owners, &owners); err != nil {
			return nil, err
		}
		scores, err := plaid.JSON(who.with(owners))
		if err != nil {
			return nil, err
		}
		elements = append(elements, slices.Concat(a.document[:len(a.document)-1], []byte(`,`), scores[1:]))
	}
	return httpapi.Raw{[]byte(`{"accounts":`), document.Join(elements), it.Tail}, nil
}
