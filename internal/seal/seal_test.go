package seal_test

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/seal"
)

var at = seal.Place{Tenant: "client/sandbox", Table: "accounts", Column: "numbers", Row: "item:account"}

func newKeys(t testing.TB) *seal.Keys {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return mustParse(t, content)
}

func mustParse(t testing.TB, content []byte) *seal.Keys {
	t.Helper()
	k, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func mustSeal(t testing.TB, k *seal.Keys, plain string, at seal.Place) string {
	t.Helper()
	sealed, err := k.Seal([]byte(plain), at)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestSealAndOpen(t *testing.T) {
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	// The same file read twice, as by a server that starts again.
	one, two := mustParse(t, content), mustParse(t, content)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		text := rapid.String()
		at := seal.Place{Tenant: text.Draw(t, "tenant"), Table: text.Draw(t, "table"), Column: text.Draw(t, "column"), Row: text.Draw(t, "row")}
		sealed, err := one.Seal(plain, at)
		if err != nil {
			t.Fatal(err)
		}
		again, err := one.Seal(plain, at)
		if err != nil || again == sealed {
			t.Fatalf("two seals of one value are the same, or %v", err)
		}
		for _, s := range []string{sealed, again} {
			if got, err := two.Open(s, at); err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("opened %q, %v; want %q", got, err, plain)
			}
		}
		if len(plain) > 8 && bytes.Contains([]byte(sealed), plain) {
			t.Fatalf("the sealed text %q shows %q", sealed, plain)
		}
	})
}

// A sealed value that was moved to another tenant, table, column or row does not open there.
func TestWrongPlaceDoesNotOpen(t *testing.T) {
	k := newKeys(t)
	sealed := mustSeal(t, k, "4111111111111111", at)
	places := map[string]seal.Place{
		"tenant":   {Tenant: "other/sandbox", Table: at.Table, Column: at.Column, Row: at.Row},
		"table":    {Tenant: at.Tenant, Table: "connections", Column: at.Column, Row: at.Row},
		"column":   {Tenant: at.Tenant, Table: at.Table, Column: "credentials", Row: at.Row},
		"row":      {Tenant: at.Tenant, Table: at.Table, Column: at.Column, Row: "item:other"},
		"none":     {},
		"boundary": {Tenant: at.Tenant, Table: at.Table, Column: at.Column + at.Row[:1], Row: at.Row[1:]},
		"swapped":  {Tenant: at.Table, Table: at.Tenant, Column: at.Column, Row: at.Row},
	}
	for name, place := range places {
		if plain, err := k.Open(sealed, place); err == nil {
			t.Errorf("%s: opened %q", name, plain)
		}
	}
	if _, err := k.Open(sealed, at); err != nil {
		t.Errorf("its own place: %v", err)
	}
}

// The parts of a place keep their bounds, whatever is in them.
func TestPlacesAreDistinct(t *testing.T) {
	k := newKeys(t)
	alike := []seal.Place{ // what would run together if the parts were joined by any of these
		{Tenant: "a", Table: "b"}, {Tenant: "ab"}, {Tenant: "a:", Table: "b"}, {Tenant: "a", Table: ":b"}, {Tenant: "a:b"}, {Tenant: "a::b:"}, {Tenant: "1:a", Table: "b"},
		{Tenant: "1:a1:b"}, {Tenant: "a1:b"}, {Tenant: "a\x00b"}, {Tenant: "a\x00", Table: "b"}, {Tenant: "a", Table: "\x00b"}, {Tenant: "a/b"}, {Tenant: "a/", Table: "b"},
		{Tenant: "a", Table: "/b"}, {Tenant: "a", Column: "b"}, {Tenant: "a", Row: "b"},
	}
	for i, a := range alike {
		sealed := mustSeal(t, k, "value", a)
		for j, b := range alike {
			if _, err := k.Open(sealed, b); (err == nil) != (i == j) {
				t.Errorf("sealed at %q, opened at %q: %v", a, b, err)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[a1:]{0,3}`)
		draw := func(name string) seal.Place {
			return seal.Place{
				Tenant: part.Draw(t, name+" tenant"), Table: part.Draw(t, name+" table"), Column: part.Draw(t, name+" column"), Row: part.Draw(t, name+" row"),
			}
		}
		a, b := draw("a"), draw("b")
		sealed, err := k.Seal([]byte("value"), a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Open(sealed, b); (err == nil) != (a == b) {
			t.Fatalf("sealed at %q, opened at %q: %v", a, b, err)
		}
	})
}

func TestChangedTextDoesNotOpen(t *testing.T) {
	k := newKeys(t)
	for _, plain := range []string{"4111111111111111", "41111111111111112", "411111111111111123"} { // three lengths: base64 ends in three ways
		sealed := mustSeal(t, k, plain, at)
		raw, err := base64.RawStdEncoding.DecodeString(sealed)
		if err != nil {
			t.Fatal(err)
		}
		for i := range raw {
			for _, bit := range []byte{0x01, 0x80} {
				changed := bytes.Clone(raw)
				changed[i] ^= bit
				if got, err := k.Open(base64.RawStdEncoding.EncodeToString(changed), at); err == nil {
					t.Errorf("byte %d of %d flipped by %#x: opened %q", i, len(raw), bit, got)
				}
			}
		}
		// Of the text itself, each bit of each letter: a value has one text.
		for i := range sealed {
			for bit := range 8 {
				changed := []byte(sealed)
				changed[i] ^= 1 << bit
				if got, err := k.Open(string(changed), at); err == nil {
					t.Errorf("letter %d of %d changed from %q to %q: opened %q", i, len(sealed), sealed[i], changed[i], got)
				}
			}
		}
		for n := range raw {
			if _, err := k.Open(base64.RawStdEncoding.EncodeToString(raw[:n]), at); err == nil {
				t.Errorf("opened what was cut after %d of %d bytes", n, len(raw))
			}
		}
		for _, more := range []string{"", "A", "AAAA", "=", "=="} {
			if _, err := k.Open(sealed+more, at); (err == nil) != (more == "") {
				t.Errorf("with %q after it: %v", more, err)
			}
		}
	}
}

func TestOtherKeyDoesNotOpen(t *testing.T) {
	sealed := mustSeal(t, newKeys(t), "4111111111111111", at)
	if plain, err := newKeys(t).Open(sealed, at); err == nil {
		t.Errorf("another key opened %q", plain)
	}
}

// An error names the column and shows nothing of the value.
func TestErrorsNameTheColumn(t *testing.T) {
	k := newKeys(t)
	sealed := mustSeal(t, k, "4111111111111111", at)
	for _, text := range []string{"", "not base64!", "AAAA", sealed[:len(sealed)-4]} {
		_, err := k.Open(text, at)
		if err == nil || !regexp.MustCompile(`^open accounts\.numbers: `).MatchString(err.Error()) || len(err.Error()) > 200 {
			t.Errorf("%q: %v", text, err)
		}
	}
}

var hashShape = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

func TestHash(t *testing.T) {
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	k, same, other := mustParse(t, content), mustParse(t, content), newKeys(t)
	rapid.Check(t, func(t *rapid.T) {
		kind, secret := rapid.SampledFrom([]string{"secret", "access", "public", "link"}), rapid.StringMatching(`[a-c]{0,4}`)
		k1, s1, k2, s2 := kind.Draw(t, "kind"), secret.Draw(t, "secret"), kind.Draw(t, "other kind"), secret.Draw(t, "other secret")
		h := k.Hash(k1, s1)
		if !hashShape.MatchString(h) || h != same.Hash(k1, s1) {
			t.Fatalf("%q, and %q by the same key", h, same.Hash(k1, s1))
		}
		if (h == k.Hash(k2, s2)) != (k1 == k2 && s1 == s2) {
			t.Fatalf("the hashes of %s %q and %s %q", k1, s1, k2, s2)
		}
		if h == other.Hash(k1, s1) {
			t.Fatal("two keys give one hash: who has the database alone could try guesses")
		}
	})
	if k.Hash("a", "bc") == k.Hash("ab", "c") {
		t.Error("kind and secret run together")
	}
}

func FuzzOpen(f *testing.F) {
	k := newKeys(f)
	sealed := mustSeal(f, k, "4111111111111111", at)
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("", raw)
	f.Add(sealed, []byte{})
	f.Add("A", []byte{0, 0, 0, 1, 0})
	f.Add(sealed[:20], []byte{0xff, 0xff, 0xff, 0xff})
	f.Add("=", []byte{0x7f, 0xff, 0xff, 0xff, 1, 2, 3})
	f.Fuzz(func(t *testing.T, text string, b []byte) {
		for _, s := range []string{text, base64.RawStdEncoding.EncodeToString(b)} {
			if plain, err := k.Open(s, at); err == nil && s != sealed {
				t.Fatalf("opened %q from %q", plain, s)
			}
		}
	})
}
