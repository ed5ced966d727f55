package webhook_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"weft/internal/item/event"
	"weft/internal/needs"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/webhook"
)

// verify is the recipe of Plaid's documentation: the algorithm, the key of the header's kid, the age, the hash of the body.
func verify(token string, body []byte, now time.Time, key func(kid string) (webhook.Key, error)) error {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return err
	}
	header := signed.Signatures[0].Header
	public, err := key(header.KeyID)
	if err != nil {
		return err
	}
	text, err := json.Marshal(public)
	if err != nil {
		return err
	}
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(text); err != nil {
		return err
	}
	payload, err := signed.Verify(jwk)
	if err != nil {
		return err
	}
	var claims struct {
		IAT  int64  `json:"iat"`
		Hash string `json:"request_body_sha256"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return err
	}
	if age := now.Sub(time.Unix(claims.IAT, 0)); age > 5*time.Minute || age < 0 {
		return errors.New("it is too old: " + age.String())
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != claims.Hash {
		return errors.New("the body is another one")
	}
	if header.ExtraHeaders["typ"] != "JWT" {
		return errors.New("it is no JWT")
	}
	return nil
}

type golden struct {
	Token string          `json:"plaid_verification"`
	Key   webhook.Key     `json:"key"`
	Body  json.RawMessage `json:"body"`
}

func readGolden(t *testing.T) (g golden, body []byte) {
	t.Helper()
	text, err := os.ReadFile(needs.Shared(t, "fixtures/webhook/golden.json"))
	if err == nil {
		err = json.Unmarshal(text, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(g.Body), "\n") // it stands two spaces in
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "  ")
	}
	return g, []byte(strings.Join(lines, "\n"))
}

func TestPlaidsOwnWebhookVerifies(t *testing.T) {
	g, body := readGolden(t)
	each(t, func(b *bench) {
		ask := func(environment string) func(string) (webhook.Key, error) {
			return func(kid string) (webhook.Key, error) { return b.service.PublicKey(b.Context(), environment, kid) }
		}
		if err := verify(g.Token, body, time.Unix(1590887001, 0), ask("sandbox")); err != nil {
			b.Error(err)
		}
		if key, err := ask("sandbox")(g.Key.Kid); err != nil || key != g.Key {
			b.Errorf("%+v %v, want %+v", key, err, g.Key)
		}
		if err := verify(g.Token, append(body, ' '), time.Unix(1590887001, 0), ask("sandbox")); err == nil {
			b.Error("another body verifies")
		}
		if err := verify(g.Token, body, time.Unix(1590887001+301, 0), ask("sandbox")); err == nil {
			b.Error("an old webhook verifies")
		}
		var unknown *plaid.Error
		if _, err := ask("production")(g.Key.Kid); !errors.As(err, &unknown) || unknown.Code != "INVALID_WEBHOOK_VERIFICATION_KEY_ID" {
			b.Errorf("in production: %v", err)
		}
	})
}

func TestWhatIsSentVerifiesWhileKeysChange(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver()
		ask := func(kid string) (webhook.Key, error) { return b.service.PublicKey(b.Context(), "production", kid) }
		check := func() {
			b.Helper()
			last := len(r.bodies) - 1
			if err := verify(r.headers[last].Get(webhook.Header), []byte(r.bodies[last]), r.times[last], ask); err != nil {
				b.Error(err)
			}
		}
		r.always(500)
		b.tell(r.URL, 1)
		b.settle()
		check()
		first := r.headers[0].Get(webhook.Header)
		b.clock.Advance(time.Minute)
		kid, until, err := b.service.RotateKey(b.Context())
		if err != nil || until != b.clock.Now().Add(96*time.Hour) {
			b.Fatalf("%s %s %v", kid, until, err)
		}
		b.settle()
		check() // signed anew, with the new key
		if again := r.headers[1].Get(webhook.Header); again == first || r.bodies[0] != r.bodies[1] {
			b.Error("an attempt is not signed anew, or of another body")
		}
		if err := verify(first, []byte(r.bodies[0]), r.times[0], ask); err != nil {
			b.Errorf("the old key is not served: %v", err)
		}
		if key, err := ask(kid); err != nil || key.ExpiredAt != nil || key.CreatedAt != b.clock.Now().Unix() || key.Alg != "ES256" || key.Use != "sig" || key.Kty != "EC" {
			b.Errorf("%+v %v", key, err)
		}
		old, err := jose.ParseSignedCompact(first, []jose.SignatureAlgorithm{jose.ES256})
		if err != nil {
			b.Fatal(err)
		}
		if key, err := ask(old.Signatures[0].Header.KeyID); err != nil || key.ExpiredAt == nil || *key.ExpiredAt != until.Unix() {
			b.Errorf("the old key is %+v, %v", key, err)
		}
		b.clock.Advance(97 * time.Hour)
		if _, err := ask(old.Signatures[0].Header.KeyID); err == nil {
			b.Error("the old key is served for ever")
		}
		var private string
		if err := b.db.QueryRow(b.Context(), `select private_key from webhook_keys where kid = $1`, kid).Scan(&private); err != nil || strings.Contains(private, "MIG") {
			b.Errorf("the private key is stored as %q, %v", private, err)
		}
	})
}

func TestBodiesAreWrittenAsPlaidWritesThem(t *testing.T) {
	each(t, func(b *bench) {
		type updated struct {
			Error *plaid.ItemError `json:"error"`
			New   int              `json:"new_transactions"`
			IDs   []string         `json:"ids"`
		}
		for _, c := range []struct {
			event event.Event
			user  string
			want  string
		}{
			{event.Event{Type: "TRANSACTIONS", Code: "HISTORICAL_UPDATE", Members: updated{New: 390, IDs: []string{}}}, "u", `{
  "webhook_type": "TRANSACTIONS",
  "webhook_code": "HISTORICAL_UPDATE",
  "item_id": "item<&>",
  "error": null,
  "new_transactions": 390,
  "ids": [],
  "environment": "sandbox"
}`},
			{event.Event{Type: "ITEM", Code: "LOGIN_REPAIRED"}, "u", `{
  "webhook_type": "ITEM",
  "webhook_code": "LOGIN_REPAIRED",
  "item_id": "item<&>",
  "user_id": "u",
  "environment": "sandbox"
}`},
			{event.Event{Type: "ITEM", Code: "WEBHOOK_UPDATE_ACKNOWLEDGED"}, "u", `{
  "webhook_type": "ITEM",
  "webhook_code": "WEBHOOK_UPDATE_ACKNOWLEDGED",
  "item_id": "item<&>",
  "environment": "sandbox"
}`},
			{event.Event{Type: "TRANSACTIONS", Code: "SYNC_UPDATES_AVAILABLE"}, "u", `{
  "webhook_type": "TRANSACTIONS",
  "webhook_code": "SYNC_UPDATES_AVAILABLE",
  "item_id": "item<&>",
  "user_id": "u",
  "environment": "sandbox"
}`},
			{event.Event{Type: "ITEM", Code: "LOGIN_REPAIRED", Members: struct{}{}}, "", `{
  "webhook_type": "ITEM",
  "webhook_code": "LOGIN_REPAIRED",
  "item_id": "item<&>",
  "environment": "sandbox"
}`},
		} {
			err := b.db.Write(b.Context(), func(tx *store.Tx) error {
				return b.service.Notify(b.Context(), tx, event.Target{Tenant: tenant, ItemID: "item<&>", Webhook: "https://receiver.example/", UserID: c.user}, c.event)
			})
			if err != nil {
				b.Fatal(err)
			}
			if got := b.list(""); got[len(got)-1].Body != c.want {
				b.Errorf("%s\nwant\n%s", got[len(got)-1].Body, c.want)
			}
		}
	})
}
