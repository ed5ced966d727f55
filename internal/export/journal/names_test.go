package journal

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

// What Beancount takes for the name of a commodity, and for a part of an account's name.
var (
	commodityName = regexp.MustCompile(`^[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]$`)
	accountPart   = regexp.MustCompile(`^[A-Z0-9][A-Za-z0-9-]*$`)
)

func TestNamesAreTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Z0-9 .:/-]{0,40}`)).Draw(t, "text")
		if name := clean(s); !commodityName.MatchString(name) {
			t.Fatalf("commodity %q of %q", name, s)
		}
		if name := part(s, "acc 1"); !accountPart.MatchString(name) {
			t.Fatalf("account %q of %q", name, s)
		}
	})
}

// Different things never have one name, and one thing has one.
func TestNamesTellThingsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := &names{commodities: map[string]string{}, taken: map[string]commodity{}}
		of := map[string]string{}
		for _, key := range rapid.SliceOf(rapid.StringMatching(`[a-c][A-Z]?[.]?`)).Draw(t, "things") {
			name := n.commodity(key, commodity{symbol: key[1:]})
			if other, ok := of[name]; ok && other != key {
				t.Fatalf("%q and %q are both %s", key, other, name)
			}
			of[name] = key
			if n.commodity(key, commodity{symbol: key[1:]}) != name {
				t.Fatalf("%q has two names", key)
			}
		}
	})
}
