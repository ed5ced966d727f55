package client_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/client"
	"weft/internal/plaid"
)

// During the overlap both secrets are right; from its end on, to the millisecond, the new one alone.
func TestRotateWithOverlap(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, secrets := f.create("a")
		other, others := f.create("b")
		fresh, _ := f.rotate(c.ClientID, "sandbox", time.Hour)
		check := func(when, old string) {
			t.Helper()
			f.opens(when+", the old secret", c.ClientID, secrets["sandbox"], old)
			f.opens(when+", the new secret", c.ClientID, fresh, "sandbox")
			f.opens(when+", another environment", c.ClientID, secrets["production"], "production")
			f.opens(when+", another client", other.ClientID, others["sandbox"], "sandbox")
		}
		check("at once", "sandbox")
		f.Advance(time.Hour - time.Millisecond)
		check("a millisecond before the end", "sandbox")
		f.Advance(time.Millisecond)
		check("at the end", "")
		f.Advance(365 * 24 * time.Hour)
		check("a year later", "")
	})
}

func TestRotateWithoutOverlap(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, secrets := f.create("a")
		fresh, _ := f.rotate(c.ClientID, "production", 0)
		f.opens("the old secret", c.ClientID, secrets["production"], "")
		f.opens("the new secret", c.ClientID, fresh, "production")
		f.opens("another environment", c.ClientID, secrets["sandbox"], "sandbox")
	})
}

// A second rotation ends older secrets earlier, where its overlap is shorter, but never later.
func TestRotatingTwiceDoesNotExtendTheFirst(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, secrets := f.create("a")
		second, _ := f.rotate(c.ClientID, "sandbox", time.Hour)
		f.Advance(30 * time.Minute)
		third, _ := f.rotate(c.ClientID, "sandbox", 24*time.Hour)
		f.Advance(30*time.Minute - time.Millisecond)
		f.opens("the first, before its end", c.ClientID, secrets["sandbox"], "sandbox")
		f.Advance(time.Millisecond)
		f.opens("the first, at its end", c.ClientID, secrets["sandbox"], "")
		f.opens("the second", c.ClientID, second, "sandbox")
		fourth, _ := f.rotate(c.ClientID, "sandbox", time.Minute)
		f.Advance(time.Minute)
		f.opens("the first", c.ClientID, secrets["sandbox"], "")
		f.opens("the second, cut short", c.ClientID, second, "")
		f.opens("the third", c.ClientID, third, "")
		f.opens("the fourth", c.ClientID, fourth, "sandbox")
	})
}

// A rotation brings no revoked secret back.
func TestRotateLeavesRevokedKeys(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, secrets := f.create("a")
		for _, k := range f.keys(c.ClientID) {
			if k.Environment == "sandbox" {
				if err := f.Revoke(t.Context(), k.KeyID); err != nil {
					t.Fatal(err)
				}
			}
		}
		fresh, _ := f.rotate(c.ClientID, "sandbox", time.Hour)
		f.opens("the revoked secret", c.ClientID, secrets["sandbox"], "")
		f.opens("the new secret", c.ClientID, fresh, "sandbox")
	})
}

func TestRotateRefuses(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		c, secrets := f.create("a")
		if _, _, err := f.Rotate(t.Context(), "nobody", "sandbox", 0); !errors.Is(err, client.ErrUnknown) || !strings.Contains(err.Error(), "nobody") {
			t.Errorf("unknown client: got %v", err)
		}
		for _, env := range []string{"", "Sandbox", "staging"} {
			if _, _, err := f.Rotate(t.Context(), c.ClientID, env, 0); err == nil || !strings.Contains(err.Error(), "sandbox, development or production") {
				t.Errorf("environment %q: got %v", env, err)
			}
		}
		for _, env := range plaid.Environments {
			f.opens("after what was refused", c.ClientID, secrets[env], env)
		}
		if n := len(f.keys(c.ClientID)); n != 3 {
			t.Errorf("%d keys", n)
		}
	})
}

// Whatever rotations, revocations and waits come, a secret is right exactly as long as the shortest of its ends says.
func TestRotationsAgainstAModel(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		rapid.Check(t, func(rt *rapid.T) {
			c, secrets := f.create("model")
			type known struct {
				secret, id string
				end        time.Time // zero: none
			}
			keys := []known{{secret: secrets["sandbox"], id: f.keys(c.ClientID)[2].KeyID}}
			for range rapid.IntRange(1, 6).Draw(rt, "steps") {
				switch rapid.SampledFrom([]string{"rotate", "revoke", "wait"}).Draw(rt, "step") {
				case "rotate":
					overlap := time.Duration(rapid.IntRange(0, 5).Draw(rt, "overlap")) * time.Minute
					for i := range keys {
						if end := f.Now().Add(overlap); keys[i].end.IsZero() || end.Before(keys[i].end) {
							keys[i].end = end
						}
					}
					secret, key := f.rotate(c.ClientID, "sandbox", overlap)
					keys = append(keys, known{secret: secret, id: key.KeyID})
				case "revoke":
					k := &keys[rapid.IntRange(0, len(keys)-1).Draw(rt, "key")]
					if err := f.Revoke(t.Context(), k.id); err != nil && !errors.Is(err, client.ErrUnknown) {
						rt.Fatal(err)
					}
					if k.end.IsZero() || f.Now().Before(k.end) {
						k.end = f.Now()
					}
				case "wait":
					f.Advance(time.Duration(rapid.IntRange(0, 5).Draw(rt, "minutes")) * time.Minute)
				}
				listed := map[string]bool{}
				for _, k := range f.keys(c.ClientID) {
					listed[k.KeyID] = k.Valid(f.Now())
				}
				for i, k := range keys {
					_, err := f.Authorize(t.Context(), c.ClientID, k.secret, f.Now())
					want := k.end.IsZero() || f.Now().Before(k.end)
					if (err == nil) != want || listed[k.id] != want {
						rt.Fatalf("key %d of %d, which ends at %s, at %s: %v, listed as valid: %v", i, len(keys), k.end, f.Now(), err, listed[k.id])
					}
				}
			}
		})
	})
}

func TestEnsureFirst(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		first, made, err := f.EnsureFirst(t.Context(), client.Preset{})
		if err != nil || len(made) != 3 || first.ClientID == "" || !first.CreatedAt.Equal(f.Now()) {
			t.Fatalf("got %+v, %d secrets, %v", first, len(made), err)
		}
		f.Advance(time.Minute)
		f.create("a later client")
		for range 3 { // every later start
			again, more, err := f.EnsureFirst(t.Context(), client.Preset{})
			if err != nil || again != first || len(more) != 0 {
				t.Errorf("got %+v, %v, %v; want %+v", again, more, err, first)
			}
		}
		for _, env := range plaid.Environments {
			f.opens(env, first.ClientID, made[env], env)
		}
		if n := len(f.keys(first.ClientID)); n != 3 {
			t.Errorf("%d keys", n)
		}
	})
}

func TestEnsureFirstWithPresets(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		preset := client.Preset{ClientID: "operators-client", Secrets: client.Secrets{"sandbox": "operators-sandbox-secret"}}
		first, made, err := f.EnsureFirst(t.Context(), preset)
		if err != nil || first.ClientID != "operators-client" || len(made) != 2 || made["sandbox"] != "" {
			t.Fatalf("got %+v, %v, %v; want secrets for the two other environments", first, made, err)
		}
		f.opens("preset", "operators-client", "operators-sandbox-secret", "sandbox")
		f.opens("made up", "operators-client", made["production"], "production")
		// A secret that is added later is valid beside the others, once, however often the server starts.
		preset.Secrets["production"] = "operators-production-secret"
		for range 3 {
			again, more, err := f.EnsureFirst(t.Context(), preset)
			if err != nil || again != first || len(more) != 0 {
				t.Fatalf("got %+v, %v, %v", again, more, err)
			}
		}
		f.opens("added", "operators-client", "operators-production-secret", "production")
		f.opens("as before", "operators-client", "operators-sandbox-secret", "sandbox")
		f.opens("made up", "operators-client", made["production"], "production")
		if n := len(f.keys("operators-client")); n != 4 {
			t.Errorf("%d keys, want 4", n)
		}
		// Without a preset client_id the oldest client has the secrets.
		f.Advance(time.Minute)
		if again, more, err := f.EnsureFirst(t.Context(), client.Preset{Secrets: client.Secrets{"development": "operators-development-secret"}}); err != nil || again != first || len(more) != 0 {
			t.Errorf("got %+v, %v, %v", again, more, err)
		}
		f.opens("added to the oldest", "operators-client", "operators-development-secret", "development")
		// Another client_id is another client, with secrets of its own.
		other, more, err := f.EnsureFirst(t.Context(), client.Preset{ClientID: "another-client"})
		if err != nil || other.ClientID != "another-client" || len(more) != 3 {
			t.Errorf("got %+v, %v, %v", other, more, err)
		}
	})
}

// A secret decides client and environment, so no two may share one; what is refused changes nothing.
func TestEnsureFirstRefusesASecretInUse(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		first, made, err := f.EnsureFirst(t.Context(), client.Preset{})
		if err != nil {
			t.Fatal(err)
		}
		f.Advance(time.Minute)
		_, others := f.create("another")
		for name, preset := range map[string]client.Preset{
			"another client's":                {Secrets: client.Secrets{"sandbox": others["sandbox"]}},
			"another environment's":           {Secrets: client.Secrets{"sandbox": made["production"]}},
			"a new client, with another's":    {ClientID: "new-client", Secrets: client.Secrets{"production": others["sandbox"]}},
			"a new client, the same for both": {ClientID: "new-client", Secrets: client.Secrets{"sandbox": "one-secret-for-both", "production": "one-secret-for-both"}},
		} {
			before := f.keys(first.ClientID)
			_, _, err := f.EnsureFirst(t.Context(), preset)
			if err == nil || !strings.Contains(err.Error(), "in use already") {
				t.Errorf("%s: got %v", name, err)
			}
			for _, secret := range preset.Secrets {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("%s: the error shows the secret: %v", name, err)
				}
			}
			if after := f.keys(first.ClientID); len(after) != len(before) {
				t.Errorf("%s: %d keys became %d", name, len(before), len(after))
			}
		}
		if list, err := f.List(t.Context()); err != nil || len(list) != 2 {
			t.Errorf("clients: %v, %v", list, err)
		}
	})
}

// A start brings no revoked or expired secret back: who took it out of use meant it.
func TestEnsureFirstRevivesNothing(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		preset := client.Preset{Secrets: client.Secrets{"sandbox": "operators-sandbox-secret", "production": "operators-production-secret"}}
		first, _, err := f.EnsureFirst(t.Context(), preset)
		if err != nil {
			t.Fatal(err)
		}
		f.rotate(first.ClientID, "sandbox", 0)
		keys := f.keys(first.ClientID)
		i := slices.IndexFunc(keys, func(k client.Key) bool { return k.Environment == "production" })
		if err := f.Revoke(t.Context(), keys[i].KeyID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.EnsureFirst(t.Context(), preset); err != nil {
			t.Fatal(err)
		}
		f.opens("rotated", first.ClientID, "operators-sandbox-secret", "")
		f.opens("revoked", first.ClientID, "operators-production-secret", "")
	})
}

// A preset secret may be any text: its last four characters are four whole ones.
func TestPresetSecretOfOtherLetters(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for secret, last4 := range map[string]string{"ein-sehr-geheimes-日本語ö": "日本語ö", "naïve-ключ": "ключ", "a日": "a日", "broken\xff\xfe\xfd\xfc\xfb": ""} {
			first, _, err := f.EnsureFirst(t.Context(), client.Preset{ClientID: plainID(secret), Secrets: client.Secrets{"sandbox": secret}})
			if err != nil {
				t.Errorf("%q: %v", secret, err)
				continue
			}
			f.opens(secret, first.ClientID, secret, "sandbox")
			keys := f.keys(first.ClientID)
			if got := keys[len(keys)-1].Last4; last4 != "" && got != last4 {
				t.Errorf("%q ends in %q, not %q", secret, last4, got)
			}
		}
	})
}

// plainID is a client_id of letters that belongs to a text.
func plainID(s string) string { return strings.Map(func(r rune) rune { return 'a' + r%26 }, s) }

// Servers that start at once on one database make one first client between them, and one of them tells its secrets.
func TestEnsureFirstAtOnce(t *testing.T) {
	for name, preset := range map[string]client.Preset{
		"nothing preset": {},
		"all preset": {ClientID: "operators-client", Secrets: client.Secrets{
			"sandbox": "operators-sandbox-secret", "development": "operators-development-secret", "production": "operators-production-secret",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, f *fixture) {
				var wg sync.WaitGroup
				var mu sync.Mutex
				ids, secrets := map[string]bool{}, 0
				for range 8 {
					wg.Go(func() {
						first, made, err := f.EnsureFirst(t.Context(), preset)
						if err != nil {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						ids[first.ClientID] = true
						secrets += len(made)
					})
				}
				wg.Wait()
				if want := 3 - len(preset.Secrets); len(ids) != 1 || secrets != want {
					t.Errorf("%d first clients, %d secrets; want 1, %d", len(ids), secrets, want)
				}
			})
		})
	}
}
