package contract

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"weft/internal/clock"
	"weft/internal/item/event"
	"weft/internal/needs"
	"weft/internal/server"
	"weft/internal/store"
	"weft/internal/webhook"
	"weft/wefttest"
)

// verification is a webhook as it reaches a receiver at a time, and whether it is to be accepted.
type verification struct {
	Name   string `json:"name"`
	Token  string `json:"token"`
	Body   string `json:"body"`
	Now    int64  `json:"now"`
	accept bool
}

// recipeInput is what a recipe is given: where to ask for keys, and webhooks.
type recipeInput struct {
	URL      string         `json:"url"`
	ClientID string         `json:"client_id"`
	Secret   string         `json:"secret"`
	Cases    []verification `json:"cases"`
	// retired is a webhook by a key that is served still and signs no more: there are receivers that want it refused.
	retired verification
}

// TestRecipes has receivers of several languages verify webhooks of the server, and Plaid's own, with the libraries that are
// usual there.
func TestRecipes(t *testing.T) {
	in := verifications(t)
	file := filepath.Join(t.TempDir(), "cases.json")
	if err := os.WriteFile(file, bodyOf(t, in), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("go", func(t *testing.T) {
		for _, c := range in.Cases {
			if err := in.verify(t, c); (err == nil) != c.accept {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
	})
	strict := in
	strict.Cases = append(slices.Clone(in.Cases), in.retired)
	strictFile := filepath.Join(t.TempDir(), "strict.json")
	if err := os.WriteFile(strictFile, bodyOf(t, strict), 0o600); err != nil {
		t.Fatal(err)
	}
	// The libraries are Debian's, which only its own Python sees.
	for _, r := range []struct{ name, program, install, probe, folder, file string }{
		{"node jose", "node", "apt-get install nodejs npm", "", "node", "verify-jose.mjs"},
		{"node jsonwebtoken", "node", "apt-get install nodejs npm", "", "node", "verify-jsonwebtoken.mjs"},
		{"node Link Money", "node", "apt-get install nodejs npm", "", "node", "verify-linkmoney.mjs"},
		{"python", "/usr/bin/python3", "apt-get install python3-jwt python3-cryptography", "import jwt, cryptography", "recipes", "verify.py"},
		{"ruby", "ruby", "apt-get install ruby ruby-jwt", `require "jwt"`, "recipes", "verify.rb"},
	} {
		t.Run(r.name, func(t *testing.T) {
			program := needs.Program(t, r.program, r.install)
			if r.folder == "node" {
				needs.Packages(t, "node")
			}
			if flag := map[string]string{"python": "-c", "ruby": "-e"}[r.name]; flag != "" {
				if exec.CommandContext(t.Context(), program, flag, r.probe).Run() != nil {
					needs.Program(t, r.name+"'s library jwt", r.install)
				}
			}
			cases, input := file, in
			if r.name == "node Link Money" {
				cases, input = strictFile, strict
			}
			cmd := exec.CommandContext(t.Context(), program, r.file, cases)
			cmd.Dir, cmd.Stderr = r.folder, os.Stderr
			cmd.Env = append(os.Environ(), "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			input.compare(t, string(out))
		})
	}
}

// compare holds a recipe's verdicts, a line each, against what they should be.
func (in recipeInput) compare(t *testing.T, out string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != len(in.Cases) {
		t.Fatalf("%d verdicts of %d: %s", len(lines), len(in.Cases), out)
	}
	for i, c := range in.Cases {
		want := c.Name + "\trejected: "
		if c.accept {
			want = c.Name + "\taccepted"
		}
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("got %q, want %q", lines[i], want)
		}
	}
}

// verify is the recipe in Go.
func (in recipeInput) verify(t *testing.T, c verification) error {
	signed, err := jose.ParseSignedCompact(c.Token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return err
	}
	key, err := in.key(t, signed.Signatures[0].Header.KeyID)
	if err != nil {
		return err
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return err
	}
	var claims struct {
		IssuedAt int64  `json:"iat"`
		Sum      string `json:"request_body_sha256"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return err
	}
	if c.Now-claims.IssuedAt > 5*60 {
		return fmt.Errorf("it is %d s old", c.Now-claims.IssuedAt)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(c.Body))); !hmac.Equal([]byte(sum), []byte(claims.Sum)) {
		return fmt.Errorf("the body's sum is %s", sum)
	}
	return nil
}

func (in recipeInput) key(t *testing.T, kid string) (key jose.JSONWebKey, err error) {
	ask := bodyOf(t, map[string]any{"client_id": in.ClientID, "secret": in.Secret, "key_id": kid})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, in.URL+"/webhook_verification_key/get", bytes.NewReader(ask))
	if err != nil {
		return key, err
	}
	res, err := direct.Do(req)
	if err != nil {
		return key, err
	}
	defer res.Body.Close() //nolint:errcheck // it was read
	if res.StatusCode != http.StatusOK {
		return key, fmt.Errorf("no key: %s", res.Status)
	}
	answer := struct{ Key *jose.JSONWebKey }{&key}
	err = json.NewDecoder(res.Body).Decode(&answer)
	return key, err
}

// verifications are webhooks that a server has sent, Plaid's own, and forgeries of them.
func verifications(t *testing.T) recipeInput {
	t.Helper()
	k := clock.NewManual(wefttest.Start)
	s, err := server.New(t.Context(), server.Config{Storage: server.Storage{DataDir: t.TempDir(), Exclusive: true}, Listen: "127.0.0.1:0",
		Clock: k, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	api := httptest.NewServer(s.Handler)
	t.Cleanup(api.Close)
	old := sent(t, s)
	if _, _, err := s.Webhooks.RotateKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.Advance(97 * time.Hour) // the old key is served for 96
	retired := sent(t, s)
	if _, _, err := s.Webhooks.RotateKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	own, now := sent(t, s), k.Now().Unix()
	header, payload, _ := strings.Cut(own.Signature, ".")
	payload, _, _ = strings.Cut(payload, ".")
	kid := struct{ Kid string }{}
	if err := json.Unmarshal(decoded(t, header), &kid); err != nil {
		t.Fatal(err)
	}
	public, err := s.Webhooks.PublicKey(t.Context(), "sandbox", kid.Kid)
	if err != nil {
		t.Fatal(err)
	}
	golden, goldenBody := plaidsOwn(t)
	body, unknown := string(own.Body), "00000000-0000-4000-8000-000000000000"
	return recipeInput{retired: verification{"retired key", retired.Signature, string(retired.Body), now, false}, URL: api.URL, ClientID: s.Client.ClientID, Secret: s.Made["sandbox"], Cases: []verification{
		{"own", own.Signature, body, now, true},
		{"Plaid's", golden, goldenBody, 1590887001 + 60, true},
		{"changed body", own.Signature, body + " ", now, false},
		{"Plaid's with a changed body", golden, goldenBody[1:], 1590887001, false},
		{"old", own.Signature, body, now + 301, false},
		{"Plaid's, old", golden, goldenBody, now, false},
		{"none", encoded(`{"alg":"none","kid":"`+kid.Kid+`","typ":"JWT"}`) + "." + payload + ".", body, now, false},
		{"HS256 with the public key", hs256(t, kid.Kid, payload, public), body, now, false},
		{"unknown key", foreign(t, unknown, payload), body, now, false},
		{"another's signature", foreign(t, kid.Kid, payload), body, now, false},
		{"expired key", old.Signature, string(old.Body), now - int64((97 * time.Hour).Seconds()), false},
	}}
}

// sent is a webhook that the server has sent.
func sent(t *testing.T, s *server.Server) wefttest.Webhook {
	t.Helper()
	r := wefttest.NewReceiver(t)
	err := s.Items.DB.Write(t.Context(), func(tx *store.Tx) error {
		to := event.Target{Tenant: store.Tenant{Client: s.Client.ClientID, Environment: "sandbox"}, ItemID: "item", Webhook: r.URL}
		return s.Webhooks.Notify(t.Context(), tx, to, event.Event{Type: "ITEM", Code: "LOGIN_REPAIRED"})
	})
	if err == nil {
		_, err = s.Jobs.RunDue(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	got := r.Take()
	if len(got) != 1 {
		t.Fatalf("%d webhooks came", len(got))
	}
	return got[0]
}

// plaidsOwn is a webhook of Plaid's that was published.
func plaidsOwn(t *testing.T) (token, body string) {
	t.Helper()
	var g struct {
		Token string          `json:"plaid_verification"`
		Body  json.RawMessage `json:"body"`
	}
	text, err := os.ReadFile(needs.Shared(t, "fixtures/webhook/golden.json"))
	if err == nil {
		err = json.Unmarshal(text, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g.Token, strings.ReplaceAll(string(g.Body), "\n  ", "\n") // it stands two spaces in
}

func encoded(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func decoded(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hs256 signs with the text of the public key, which everybody knows.
func hs256(t *testing.T, kid, payload string, key webhook.Key) string {
	t.Helper()
	var jwk jose.JSONWebKey
	if err := jwk.UnmarshalJSON(bodyOf(t, key)); err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(jwk.Key)
	if err != nil {
		t.Fatal(err)
	}
	text := encoded(`{"alg":"HS256","kid":"`+kid+`","typ":"JWT"}`) + "." + payload
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	_, _ = mac.Write([]byte(text)) // it never fails
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// foreign signs a payload with a key of somebody else.
func foreign(t *testing.T, kid, payload string) string {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", kid))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(decoded(t, payload))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
