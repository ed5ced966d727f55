package identity

import (
	"weft/internal/plaid"
)

// Consumer is the older form of an identity, that of consumer reports.
type Consumer struct {
	FirstName      *string          `json:"first_name"`
	LastName       *string          `json:"last_name"`
	PhoneNumbers   []string         `json:"phone_numbers"`
	Emails         []string         `json:"emails"`
	SSNFull        *string          `json:"ssn_full"`
	SSNLast4       *string          `json:"ssn_last_4"`
	DateOfBirth    *string          `json:"date_of_birth"`
	PrimaryAddress *ConsumerAddress `json:"primary_address"`
}

// ConsumerAddress is an address in the older form.
type ConsumerAddress struct {
	City       *string `json:"city"`
	Region     *string `json:"region"`
	Street     *string `json:"street"`
	PostalCode *string `json:"postal_code"`
	Country    *string `json:"country"`
}

// Kinds of the numbers that the older form has members for.
var (
	fullSSN  = "us_ssn"
	last4SSN = "us_ssn_last_4"
)

// Identity checks the older form and turns it into the present one: of several emails and phone numbers, the first is the
// primary one. Path is its name in the request.
func (k Consumer) Identity(path string, today plaid.Date) (Identity, error) {
	c := checker{today: today}
	c.text(path+".first_name", k.FirstName, maxName)
	c.text(path+".last_name", k.LastName, maxName)
	id := Identity{Name: &Name{k.FirstName, k.LastName}, DateOfBirth: k.DateOfBirth}
	c.required(path+".phone_numbers", k.PhoneNumbers != nil)
	id.PhoneNumbers = c.contacts(path+".phone_numbers", k.PhoneNumbers, c.phone)
	c.required(path+".emails", k.Emails != nil)
	id.Emails = c.contacts(path+".emails", k.Emails, c.email)
	c.required(path+".date_of_birth", k.DateOfBirth != nil)
	c.birthday(path+".date_of_birth", k.DateOfBirth)
	if c.required(path+".primary_address", k.PrimaryAddress != nil) {
		a, yes := *k.PrimaryAddress, true
		at := path + ".primary_address"
		c.required(at+".city", a.City != nil)
		c.required(at+".region", a.Region != nil)
		c.required(at+".street", a.Street != nil)
		c.required(at+".postal_code", a.PostalCode != nil)
		id.Addresses = []Address{{Street1: a.Street, City: a.City, Region: a.Region, PostalCode: a.PostalCode, Country: a.Country, Primary: &yes}}
		c.address(at, "street", &id.Addresses[0])
	}
	if k.SSNFull != nil {
		c.number(path+".ssn_full", &fullSSN, k.SSNFull)
		id.IDNumbers = append(id.IDNumbers, Number{k.SSNFull, &fullSSN})
	}
	if k.SSNLast4 != nil {
		c.number(path+".ssn_last_4", &last4SSN, k.SSNLast4)
		id.IDNumbers = append(id.IDNumbers, Number{k.SSNLast4, &last4SSN})
	}
	return id, c.err()
}

// contacts are the elements of a list, each checked, of which the first is the primary one.
func (c *checker) contacts(path string, list []string, check func(path string, value *string)) []Contact {
	c.count(path, len(list))
	contacts := make([]Contact, len(list))
	for i := range list {
		primary := i == 0
		check(element(path, i), &list[i])
		contacts[i] = Contact{&list[i], &primary}
	}
	return contacts
}
