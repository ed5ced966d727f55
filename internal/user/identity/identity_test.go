package identity

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

var today = plaid.MustDate("2026-11-20")

// normalised reads and checks an identity.
func normalised(text string) (string, error) {
	var id Identity
	if err := json.Unmarshal([]byte(text), &id); err != nil {
		return "", err
	}
	err := id.Normalise("identity", today)
	b, _ := json.Marshal(id)
	return string(b), err
}

func TestRefusals(t *testing.T) {
	address := func(members string) string { return `{"addresses":[{"primary":true,` + members + `}]}` }
	for _, c := range []struct {
		text string
		code plaid.Code
		part string
	}{
		{`{"name":{"given_name":" ","family_name":"B"}}`, "INVALID_USER_IDENTITY_DATA", "identity.name.given_name must be a non-empty string"},
		{`{"name":{"given_name":"A","family_name":"` + strings.Repeat("x", 101) + `"}}`, "INVALID_USER_IDENTITY_DATA", "identity.name.family_name must be a string of at most 100"},
		{`{"name":{},"emails":[{}]}`, "MISSING_FIELDS", "identity.name.given_name, identity.name.family_name, identity.emails[0].primary, identity.emails[0].data"},
		{`{"date_of_birth":"1990-13-01"}`, "INVALID_USER_IDENTITY_DATA", "identity.date_of_birth must be a date"},
		{`{"date_of_birth":"2026-11-21"}`, "INVALID_USER_IDENTITY_DATA", "not in the future"},
		{`{"emails":[{"data":"a@example.com","primary":true},{"data":"A <a@example.com>","primary":false}]}`, "INVALID_USER_IDENTITY_DATA", "identity.emails[1].data must be a valid email"},
		{`{"phone_numbers":[{"data":"4155550123","primary":true}]}`, "INVALID_USER_IDENTITY_DATA", "identity.phone_numbers[0].data must be a valid phone"},
		{`{"phone_numbers":[` + strings.TrimSuffix(strings.Repeat(`{"data":"+14155550123","primary":true},`, 21), ",") + `]}`, "INVALID_USER_IDENTITY_DATA", "identity.phone_numbers must have at most 20 elements"},
		{address(`"country":"usa"`), "INVALID_USER_IDENTITY_DATA", "identity.addresses[0].country must be"},
		{address(`"street_1":"x"`), "MISSING_FIELDS", "identity.addresses[0].country"},
		{address(`"country":"US","street_1":"1 Main St"`), "INVALID_USER_IDENTITY_DATA", "identity.addresses[0] must be a country alone"},
		{address(`"country":"US","street_1":"1 Main St","city":"X","postal_code":"9410"`), "INVALID_USER_IDENTITY_DATA", "identity.addresses[0].postal_code must be a ZIP"},
		{address(`"country":"GB","street_1":"1 High St","city":"X","postal_code":"?"`), "INVALID_USER_IDENTITY_DATA", "identity.addresses[0].postal_code must be a postal"},
		{address(`"country":"GB","street_1":"1 High St","city":" "`), "INVALID_USER_IDENTITY_DATA", "identity.addresses[0].city must be a non-empty"},
		{`{"id_numbers":[{"value":"1","type":"passport"}]}`, "INVALID_USER_IDENTITY_DATA", "identity.id_numbers[0].type must be one of ar_dni"},
		{`{"id_numbers":[{"value":"12345678","type":"us_ssn"}]}`, "INVALID_USER_IDENTITY_DATA", "identity.id_numbers[0].value must be a social security number"},
		{`{"id_numbers":[{"value":"12345","type":"us_ssn_last_4"}]}`, "INVALID_USER_IDENTITY_DATA", "identity.id_numbers[0].value must be the last four"},
		{`{"id_numbers":[{"value":"?","type":"es_dni"}]}`, "INVALID_USER_IDENTITY_DATA", "identity.id_numbers[0].value must be 1 to 64"},
		{`{"id_numbers":[{"value":"1"}]}`, "MISSING_FIELDS", "identity.id_numbers[0].type"},
	} {
		_, err := normalised(c.text)
		var pe *plaid.Error
		if !errors.As(err, &pe) || pe.Code != c.code || !strings.Contains(pe.Message, c.part) {
			t.Errorf("%s: %v, want %s with %q", c.text, err, c.code, c.part)
		}
	}
}

func TestNormalForms(t *testing.T) {
	for _, c := range [][2]string{
		{`{}`, `{}`},
		{`{"emails":[{"data":" a@example.com ","primary":true}]}`, `{"emails":[{"data":"a@example.com","primary":true}]}`},
		{`{"phone_numbers":[{"data":"+1 (415) 555-0123","primary":true}]}`, `{"phone_numbers":[{"data":"+14155550123","primary":true}]}`},
		{`{"id_numbers":[{"value":"123-45-6789","type":"us_ssn"}]}`, `{"id_numbers":[{"value":"123456789","type":"us_ssn"}]}`},
		{`{"date_of_birth":"2026-11-20"}`, `{"date_of_birth":"2026-11-20"}`},
		{`{"addresses":[{"country":"US","street_1":"1 Main St","city":"X","postal_code":"94103-1234","primary":false}]}`,
			`{"addresses":[{"street_1":"1 Main St","street_2":null,"city":"X","region":null,"country":"US","postal_code":"94103-1234","primary":false}]}`},
	} {
		got, err := normalised(c[0])
		if err != nil || got != c[1] {
			t.Errorf("%s is %s, %v, want %s", c[0], got, err, c[1])
		}
		if again, err := normalised(got); err != nil || again != got {
			t.Errorf("%s changes to %s, %v", got, again, err)
		}
	}
}

func TestOlderForm(t *testing.T) {
	const whole = `{"first_name":"A","last_name":"B","phone_numbers":["+1 415 555 0123","+14155550124"],"emails":["a@example.com"],"ssn_full":"123-45-6789","date_of_birth":"1990-01-01",
		"primary_address":{"street":"1 Main St","city":"X","region":"CA","postal_code":"94103","country":"US"}}`
	read := func(text string) (Identity, error) {
		var k Consumer
		if err := json.Unmarshal([]byte(text), &k); err != nil {
			t.Fatal(err)
		}
		return k.Identity("c", today)
	}
	id, err := read(whole)
	got, _ := json.Marshal(id)
	want := `{"name":{"given_name":"A","family_name":"B"},"date_of_birth":"1990-01-01","emails":[{"data":"a@example.com","primary":true}],` +
		`"phone_numbers":[{"data":"+14155550123","primary":true},{"data":"+14155550124","primary":false}],` +
		`"addresses":[{"street_1":"1 Main St","street_2":null,"city":"X","region":"CA","country":"US","postal_code":"94103","primary":true}],"id_numbers":[{"value":"123456789","type":"us_ssn"}]}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	for _, c := range []struct{ old, new, part string }{
		{whole, `{}`, "c.first_name, c.last_name, c.phone_numbers, c.emails, c.date_of_birth, c.primary_address"},
		{`"street":"1 Main St","city":"X",`, ``, "c.primary_address.city, c.primary_address.street"},
		{`"+14155550124"`, `"x"`, "c.phone_numbers[1] must be a valid phone"},
		{`a@example.com`, `a`, "c.emails[0] must be a valid email"},
		{`123-45-6789`, `123-45-678`, "c.ssn_full must be a social security number"},
		{`"ssn_full":"123-45-6789"`, `"ssn_last_4":"123a"`, "c.ssn_last_4 must be the last four"},
		{`"1 Main St"`, `""`, "c.primary_address.street must be a non-empty"},
		{`"94103"`, `"9"`, "c.primary_address.postal_code must be a ZIP"},
	} {
		if _, err := read(strings.Replace(whole, c.old, c.new, 1)); err == nil || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s for %s: %v, want %q", c.new, c.old, err, c.part)
		}
	}
}

// A newer identity wins field by field, and adding it again changes nothing.
func TestWith(t *testing.T) {
	texts := rapid.StringMatching(`[a-z]{1,3}`)
	draw := rapid.Custom(func(t *rapid.T) Identity {
		var id Identity
		contacts := func(name string) []Contact {
			if !rapid.Bool().Draw(t, name) {
				return nil
			}
			list := []Contact{}
			for _, s := range rapid.SliceOfN(texts, 0, 2).Draw(t, name+" list") {
				list = append(list, Contact{Data: &s})
			}
			return list
		}
		id.Emails, id.PhoneNumbers = contacts("emails"), contacts("phones")
		if rapid.Bool().Draw(t, "named") {
			s := texts.Draw(t, "name")
			id.Name = &Name{&s, &s}
		}
		return id
	})
	encoded := func(v any) string { b, _ := json.Marshal(v); return string(b) }
	rapid.Check(t, func(t *rapid.T) {
		old, newer := draw.Draw(t, "old"), draw.Draw(t, "newer")
		got := old.With(newer)
		for _, f := range []struct {
			name            string
			old, newer, got any
			given           bool
		}{
			{"name", old.Name, newer.Name, got.Name, newer.Name != nil},
			{"emails", old.Emails, newer.Emails, got.Emails, newer.Emails != nil},
			{"phone_numbers", old.PhoneNumbers, newer.PhoneNumbers, got.PhoneNumbers, newer.PhoneNumbers != nil},
		} {
			want := f.old
			if f.given {
				want = f.newer
			}
			if encoded(f.got) != encoded(want) {
				t.Fatalf("%s is %s, want %s", f.name, encoded(f.got), encoded(want))
			}
		}
		if encoded(got.With(newer)) != encoded(got) {
			t.Fatal("adding the same again changes something")
		}
	})
}

// FuzzNormalise: whatever is told, it is refused or has a normal form, which stays as it is.
func FuzzNormalise(f *testing.F) {
	f.Add(`{"name":{"given_name":"A","family_name":"B"},"emails":[{"data":"a@example.com","primary":true}],"id_numbers":[{"value":"12-3","type":"es_dni"}]}`)
	f.Add(`{"addresses":[{"country":"US","street_1":" x ","city":"y","postal_code":"94103","primary":true}],"phone_numbers":[{"data":"+1 415.555-0123","primary":true}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		once, err := normalised(text)
		if err != nil {
			return
		}
		if twice, err := normalised(once); err != nil || twice != once {
			t.Errorf("%s becomes %s, then %s, %v", text, once, twice, err)
		}
	})
}
