package identity

import (
	"strconv"

	"weft/internal/plaid"
)

// Identity is what is known of a person. A field without value is not known; in an update it stays as it is.
type Identity struct {
	Name         *Name     `json:"name,omitempty"`
	DateOfBirth  *string   `json:"date_of_birth,omitempty"`
	Emails       []Contact `json:"emails,omitempty"`
	PhoneNumbers []Contact `json:"phone_numbers,omitempty"`
	Addresses    []Address `json:"addresses,omitempty"`
	IDNumbers    []Number  `json:"id_numbers,omitempty"`
}

// Name is a person's name.
type Name struct {
	GivenName  *string `json:"given_name"`
	FamilyName *string `json:"family_name"`
}

// Contact is an email address, or a phone number in E.164 form.
type Contact struct {
	Data    *string `json:"data"`
	Primary *bool   `json:"primary"`
}

// Address is a country alone, or a whole address.
type Address struct {
	Street1    *string `json:"street_1"`
	Street2    *string `json:"street_2"`
	City       *string `json:"city"`
	Region     *string `json:"region"`
	Country    *string `json:"country"`
	PostalCode *string `json:"postal_code"`
	Primary    *bool   `json:"primary"`
}

// Number is the number of an identity document, in letters and digits alone.
type Number struct {
	Value *string `json:"value"`
	Type  *string `json:"type"`
}

// Normalise checks an identity and brings it into its normal form. Path is its name in the request, by which errors name its
// fields; today is the last day on which one can be born.
func (id *Identity) Normalise(path string, today plaid.Date) error {
	c := checker{today: today}
	if id.Name != nil {
		c.text(path+".name.given_name", id.Name.GivenName, maxName)
		c.text(path+".name.family_name", id.Name.FamilyName, maxName)
	}
	c.birthday(path+".date_of_birth", id.DateOfBirth)
	c.count(path+".emails", len(id.Emails))
	for i, e := range id.Emails {
		at := element(path+".emails", i)
		c.required(at+".primary", e.Primary != nil)
		c.email(at+".data", e.Data)
	}
	c.count(path+".phone_numbers", len(id.PhoneNumbers))
	for i, p := range id.PhoneNumbers {
		at := element(path+".phone_numbers", i)
		c.required(at+".primary", p.Primary != nil)
		c.phone(at+".data", p.Data)
	}
	c.count(path+".addresses", len(id.Addresses))
	for i := range id.Addresses {
		at := element(path+".addresses", i)
		c.required(at+".primary", id.Addresses[i].Primary != nil)
		c.address(at, "street_1", &id.Addresses[i])
	}
	c.count(path+".id_numbers", len(id.IDNumbers))
	for i, n := range id.IDNumbers {
		at := element(path+".id_numbers", i)
		c.numberType(at+".type", n.Type)
		c.number(at+".value", n.Type, n.Value)
	}
	return c.err()
}

// With is the identity with the fields that a newer one has in the place of its own.
func (id Identity) With(newer Identity) Identity {
	if newer.Name != nil {
		id.Name = newer.Name
	}
	if newer.DateOfBirth != nil {
		id.DateOfBirth = newer.DateOfBirth
	}
	if newer.Emails != nil {
		id.Emails = newer.Emails
	}
	if newer.PhoneNumbers != nil {
		id.PhoneNumbers = newer.PhoneNumbers
	}
	if newer.Addresses != nil {
		id.Addresses = newer.Addresses
	}
	if newer.IDNumbers != nil {
		id.IDNumbers = newer.IDNumbers
	}
	return id
}

func element(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
