package accounts

import (
	"encoding/json"
	"slices"
	"testing"

	"weft/internal/plaid"
)

func TestOwnersChanged(t *testing.T) {
	city := "Malakoff"
	owner := func(change func(*plaid.Owner)) []plaid.Owner {
		o := plaid.Owner{
			Names: []string{"Alberta Charleson"}, PhoneNumbers: []plaid.PhoneNumber{{Data: "1112223333", Type: "home"}},
			Emails: []plaid.Email{{Data: "a@example.com", Primary: true, Type: "primary"}}, Addresses: []plaid.Address{{Data: plaid.AddressData{Street: "2992 Cameron Road", City: &city}}},
		}
		change(&o)
		return []plaid.Owner{o}
	}
	as := func(*plaid.Owner) {}
	other := "San Matias"
	for name, c := range map[string]struct {
		before, now []plaid.Owner
		want        []string
	}{
		"nothing":          {owner(as), owner(as), nil},
		"empty for absent": {[]plaid.Owner{{}}, []plaid.Owner{{Names: []string{}, Emails: []plaid.Email{}}}, nil},
		"the primary phone": {owner(as), owner(func(o *plaid.Owner) {
			o.PhoneNumbers = []plaid.PhoneNumber{{Data: "1112223333", Type: "home", Primary: true}}
		}), []string{phones}},
		"the city": {owner(as), owner(func(o *plaid.Owner) {
			o.Addresses = []plaid.Address{{Data: plaid.AddressData{Street: "2992 Cameron Road", City: &other}}}
		}), []string{addresses}},
		"no email any more": {owner(as), owner(func(o *plaid.Owner) { o.Emails = nil }), []string{emails}},
		"name and phone":    {owner(as), owner(func(o *plaid.Owner) { o.Names, o.PhoneNumbers = []string{"Alberta Smith"}, nil }), []string{phones, names}},
		"another owner":     {owner(as), append(owner(as), owner(as)...), []string{phones, addresses, emails, names}},
		"at last":           {nil, owner(as), []string{phones, addresses, emails, names}},
	} {
		stored, err := json.Marshal(Owners{AccountID: "a", Owners: c.before})
		if err != nil {
			t.Fatal(err)
		}
		got, err := ownersChanged(stored, c.now)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v; %v", name, got, c.want, err)
		}
	}
	if got, err := ownersChanged(nil, owner(as)); err != nil || got != nil {
		t.Errorf("of a new account %v, %v", got, err)
	}
}
