package ident_test

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/ident"
)

var (
	idShape      = regexp.MustCompile(`^[0-9A-Za-z]{37}$`)
	requestShape = regexp.MustCompile(`^[0-9A-Za-z]{15}$`)
	uuidShape    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	tokenShape   = regexp.MustCompile(`^access-sandbox-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	keyShape     = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// sources are both kinds of randomness.
func sources() map[string]*ident.Source {
	return map[string]*ident.Source{"system": ident.System(), "seeded": ident.Seeded("ident_test")}
}

func TestShapesAndNoRepetition(t *testing.T) {
	for name, s := range sources() {
		t.Run(name, func(t *testing.T) {
			kinds := map[string]struct {
				draws int
				shape *regexp.Regexp
				draw  func() string
			}{
				"id":         {100_000, idShape, s.ID},
				"token":      {100_000, tokenShape, func() string { return s.Token("access", "sandbox") }},
				"short":      {10_000, regexp.MustCompile(`^a-sandbox-[A-Z2-7]{26}$`), func() string { return s.ShortToken("a", "sandbox") }},
				"request id": {10_000, requestShape, s.RequestID},
				"uuid":       {10_000, uuidShape, s.UUID},
				"key":        {10_000, keyShape, func() string { return s.Key(noon) }},
				"secret":     {10_000, keyShape, func() string { return s.Hex(16) }},
			}
			for kind, k := range kinds {
				seen := make(map[string]bool, k.draws)
				for range k.draws {
					v := k.draw()
					if seen[v] || !k.shape.MatchString(v) {
						t.Fatalf("%s %q is drawn twice, or has another shape", kind, v)
					}
					seen[v] = true
				}
			}
		})
	}
}

// A token is 128 random bits: none of its hex digits is fixed or leans, as a UUID's version and variant would.
func TestTokenHas128RandomBits(t *testing.T) {
	const draws = 16_000 // 1000 of each digit in each place
	for name, s := range sources() {
		var counts [32][16]int
		for range draws {
			token := strings.TrimPrefix(s.Token("access", "production"), "access-production-")
			digits := strings.ReplaceAll(token, "-", "")
			if len(digits) != 32 {
				t.Fatalf("%s: %d digits in %q", name, len(digits), token)
			}
			for place, digit := range digits {
				counts[place][strings.IndexRune("0123456789abcdef", digit)]++
			}
		}
		for place, row := range counts {
			for digit, n := range row {
				if n < 750 || n > 1250 { // eight standard deviations
					t.Errorf("%s: place %d has the digit %x %d times of %d", name, place, digit, n, draws)
				}
			}
		}
	}
}

// Each letter of the alphabet is in each place of an id, about equally often.
func TestIDsUseTheWholeAlphabet(t *testing.T) {
	const draws, alphabet = 31_000, 62 // 500 of each letter in each place
	s := ident.Seeded("alphabet")
	for kind, draw := range map[string]func() string{"id": s.ID, "request id": s.RequestID} {
		counts := map[int]map[byte]int{}
		for range draws {
			for place, letter := range []byte(draw()) {
				if counts[place] == nil {
					counts[place] = map[byte]int{}
				}
				counts[place][letter]++
			}
		}
		for place, row := range counts {
			if len(row) != alphabet {
				t.Errorf("%s: place %d has %d letters of %d", kind, place, len(row), alphabet)
			}
			for letter, n := range row {
				// A request id is no secret: its first letters are a quarter more frequent, as 256 is not a multiple of 62.
				if n < 350 || n > 800 {
					t.Errorf("%s: place %d has %c %d times of %d", kind, place, letter, n, draws)
				}
			}
		}
	}
}

// mint draws one of everything.
func mint(s *ident.Source) []string {
	return []string{s.ID(), s.Token("public", "sandbox"), s.UUID(), s.Hex(12), s.Key(noon), s.ID()}
}

func TestSeededRepeatsItself(t *testing.T) {
	first, second := mint(ident.Seeded("a")), mint(ident.Seeded("a"))
	if !slices.Equal(first, second) {
		t.Errorf("one seed gave %q and %q", first, second)
	}
	for _, other := range []*ident.Source{ident.Seeded("b"), ident.Seeded(""), ident.System()} {
		for i, v := range mint(other) {
			if v == first[i] {
				t.Errorf("another seed gave the same %q", v)
			}
		}
	}
	if a, b := ident.Seeded("a").RequestID(), ident.Seeded("a").RequestID(); a != b {
		t.Errorf("request ids of one seed: %q and %q", a, b)
	}
}

// A refused request must not change which ids the next one gets.
func TestRequestIDsDoNotShiftOtherIDs(t *testing.T) {
	plain, disturbed := ident.Seeded("a"), ident.Seeded("a")
	for range 50 {
		disturbed.RequestID()
		if a, b := plain.ID(), disturbed.ID(); a != b {
			t.Fatalf("a request id has shifted %q to %q", a, b)
		}
	}
	calm := ident.Seeded("a")
	for range 50 {
		calm.RequestID()
	}
	if a, b := calm.RequestID(), disturbed.RequestID(); a != b {
		t.Errorf("ids have shifted the request id %q to %q", a, b)
	}
}

func TestKeysSortByTime(t *testing.T) {
	s := ident.Seeded("keys")
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(0, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).UnixMilli())
		a, b := ms.Draw(t, "a"), ms.Draw(t, "b")
		if a > b {
			a, b = b, a
		}
		early, late := s.Key(time.UnixMilli(a)), s.Key(time.UnixMilli(b))
		if a < b && early >= late || len(early) != len(late) {
			t.Fatalf("at %d ms %q, at %d ms %q", a, early, b, late)
		}
	})
}

func TestDerive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`[a:0-9]{0,4}`), 0, 4)
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")
		x, y := ident.Derive(a...), ident.Derive(b...)
		if (x == y) != slices.Equal(a, b) || !idShape.MatchString(x) {
			t.Fatalf("%q is %q, %q is %q", a, x, b, y)
		}
	})
	// What runs together when it is joined.
	seen := map[string][]string{}
	for _, parts := range [][]string{
		{"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}, {"", "abc"}, {"a", "b", "c"}, {"1:a"}, {"1:a1:b"}, {"a", "1:b"}, {"a1:b"}, {}, {""}, {"", ""}, {"0:"}, {"a\x00b"}, {"a", "b"},
		{"a:b"}, {"a:", "b"}, {"a", ":b"}, {"a/b"}, {"a,b"}, {"a-b"}, {"a b"}, {"a\x00", "b"}, {"a", "\x00b"}, {"3:a:b"}, {"1:a,1:b"},
	} {
		id := ident.Derive(parts...)
		if other, ok := seen[id]; ok {
			t.Errorf("%q and %q have one id", parts, other)
		}
		seen[id] = parts
	}
}

// An id is the first digits of a hash of its parts, as arithmetic with large numbers has them.
func TestDerivedIDsAreDigitsOfAHash(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.String().Draw(t, "part")
		hash := sha256.Sum256(fmt.Appendf(nil, "%d:%s", len(part), part))
		number, base, digit, want := new(big.Int).SetBytes(hash[:]), big.NewInt(62), new(big.Int), ""
		for len(want) < 37 {
			number.DivMod(number, base, digit)
			want += alphabet[digit.Int64() : digit.Int64()+1]
		}
		if got := ident.Derive(part); got != want {
			t.Fatalf("%q is %q, want %q", part, got, want)
		}
	})
}

// These values are in every database: a change of them gives all accounts, securities and transactions new ids.
func TestDerivedIDsStayWhatTheyAre(t *testing.T) {
	for want, parts := range map[string][]string{
		"Dtsyqhg4mYx3rSKkf4QifHREnMuFcUNpsx52T": {"account", "item", "native"},
		"5LHhA8J57G3POPNnW35GKpcYOhIqrapnJnAgu": {"security", "isin", "US0378331005"},
		"5IxLHpeEWjUSnpuggYAkGEiiE0BemMeExleJw": {},
	} {
		if got := ident.Derive(parts...); got != want {
			t.Errorf("%q: got %q, want %q", parts, got, want)
		}
	}
	// Recorded tests of users depend on what a seed gives.
	if got, want := mint(ident.Seeded("golden"))[:3], []string{
		"gBcsgf3Zm59nWZsyhje0Ry17DyLEv8dwjFk0F", "public-sandbox-2712bdcb-6237-31ce-b6b6-11ecc8ca412e", "4f49f2cc-1b82-6c6f-72a1-2fea935716f8",
	}; !slices.Equal(got, want) {
		t.Errorf("the seed's ids are %q, want %q", got, want)
	}
}

func TestConcurrentDrawsAreDistinct(t *testing.T) {
	for name, s := range sources() {
		var mu sync.Mutex
		var wg sync.WaitGroup
		seen := map[string]bool{}
		for range 8 {
			wg.Go(func() {
				for range 500 {
					drawn := append(mint(s), s.RequestID())
					mu.Lock()
					for _, v := range drawn {
						if seen[v] {
							t.Errorf("%s: %q was drawn twice", name, v)
						}
						seen[v] = true
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
	}
}
