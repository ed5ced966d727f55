package bank

import (
	"weft/internal/connector/sandbox/custom"
	"weft/internal/plaid"
)

// owner is who holds an account: each part as given, else the default person's. Joint holders are one owner with several
// names, which is how the contract states them.
func (b *builder) owner(id *custom.Identity) plaid.Owner {
	owner := plaid.Owner{Names: b.Owner.Names, PhoneNumbers: b.Owner.PhoneNumbers, Emails: b.Owner.Emails, Addresses: b.Owner.Addresses}
	if b.names != nil {
		owner.Names = b.names
	}
	if id == nil {
		return owner
	}
	if id.Names != nil {
		owner.Names = texts(id.Names)
	}
	if id.PhoneNumbers != nil {
		owner.PhoneNumbers = []plaid.PhoneNumber{}
		for i, p := range id.PhoneNumbers {
			owner.PhoneNumbers = append(owner.PhoneNumbers, plaid.PhoneNumber{
				Data: or(p.Data, ""), Primary: or(p.Primary, i == 0), Type: or(p.Type, "home"),
			})
		}
	}
	if id.Emails != nil {
		owner.Emails = []plaid.Email{}
		for i, e := range id.Emails {
			kind := "primary"
			if i > 0 {
				kind = "other"
			}
			owner.Emails = append(owner.Emails, plaid.Email{Data: or(e.Data, ""), Primary: or(e.Primary, i == 0), Type: or(e.Type, kind)})
		}
	}
	if id.Addresses != nil {
		owner.Addresses = []plaid.Address{}
		for i, a := range id.Addresses {
			data := or(a.Data, custom.AddressData{})
			owner.Addresses = append(owner.Addresses, plaid.Address{Primary: or(a.Primary, i == 0), Data: plaid.AddressData{
				City: data.City, Region: data.Region, Street: or(data.Street, ""), PostalCode: data.PostalCode, Country: data.Country,
			}})
		}
	}
	return owner
}

func texts(list []*string) []string {
	values := make([]string, 0, len(list))
	for _, s := range list {
		if s != nil {
			values = append(values, *s)
		}
	}
	return values
}
