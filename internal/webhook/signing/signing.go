// Package signing has the keys of webhooks: it signs bodies as Plaid does, ES256 with the hash of the body, and tells receivers the
// public keys. A key is made when one is first needed; its private half is sealed in the database.
package signing

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// Key is a public key as receivers ask for it. Times are in seconds; a key without ExpiredAt signs.
type Key struct {
	Alg       string `json:"alg"`
	CreatedAt int64  `json:"created_at"`
	Crv       string `json:"crv"`
	ExpiredAt *int64 `json:"expired_at"`
	Kid       string `json:"kid"`
	Kty       string `json:"kty"`
	Use       string `json:"use"`
	X         string `json:"x"`
	Y         string `json:"y"`
}

// recorded is the key of Plaid's sandbox that published recordings were signed with: programs' tests ask for it.
var recorded = Key{
	Alg: "ES256", CreatedAt: 1560466143, Crv: "P-256", Kid: "6c5516e1-92dc-479e-a8ff-5a51992e0001", Kty: "EC", Use: "sig",
	X: "35lvC8uz2QrWpQJ3TUH8t9o9DURMp7ydU518RKDl20k", Y: "I8BuXB2bvxelzJAd7OKhd-ZwjCst05Fx47Mb_0ugros",
}

// PublicKey is the public key with an id, for an environment. An unknown one is INVALID_WEBHOOK_VERIFICATION_KEY_ID.
func (s *Keys) PublicKey(ctx context.Context, environment, kid string) (Key, error) {
	if environment == plaid.Sandbox && kid == recorded.Kid {
		return recorded, nil
	}
	var text string
	var expired *int64
	err := s.db.QueryRow(ctx, `select public_key, expired_at from webhook_keys where kid = $1`, kid).Scan(&text, &expired)
	if errors.Is(err, store.ErrNotFound) || (err == nil && expired != nil && *expired < s.clock.Now().UnixMilli()) {
		return Key{}, plaid.Err("INVALID_WEBHOOK_VERIFICATION_KEY_ID")
	}
	if err != nil {
		return Key{}, err
	}
	var key Key
	if err := json.Unmarshal([]byte(text), &key); err != nil {
		return Key{}, fmt.Errorf("webhook: stored key: %w", err)
	}
	if expired != nil {
		seconds := *expired / 1000
		key.ExpiredAt = &seconds
	}
	return key, nil
}

// Keys are the keys of a database.
type Keys struct {
	db    *store.DB
	seal  *seal.Keys
	clock clock.Clock
	ids   *ident.Source
	// tried is how long what was signed may still be sent.
	tried time.Duration

	mu      sync.Mutex
	signers map[string]*Signer // by key id
}

// New are the keys of a database, where what is signed is sent for so long at most.
func New(db *store.DB, k *seal.Keys, c clock.Clock, ids *ident.Source, tried time.Duration) *Keys {
	return &Keys{db: db, seal: k, clock: c, ids: ids, tried: tried, signers: map[string]*Signer{}}
}

// Signer signs with one key.
type Signer struct {
	private *ecdsa.PrivateKey
	// header is the token's first part, which is the same for all.
	header string
}

// Sign is the signature of a body at a time: a JWT that says both.
func (k *Signer) Sign(body []byte, now time.Time) (string, error) {
	sum := sha256.Sum256(body)
	claims := fmt.Appendf(nil, `{"iat":%d,"request_body_sha256":"%x"}`, now.Unix(), sum)
	signed := make([]byte, 0, 512)
	signed = append(append(signed, k.header...), '.')
	signed = base64.RawURLEncoding.AppendEncode(signed, claims)
	digest := sha256.Sum256(signed)
	r, s, err := ecdsa.Sign(rand.Reader, k.private, digest[:])
	if err != nil {
		return "", err
	}
	var pair [64]byte
	r.FillBytes(pair[:32])
	s.FillBytes(pair[32:])
	return string(base64.RawURLEncoding.AppendEncode(append(signed, '.'), pair[:])), nil
}

const currentKey = `select kid, private_key from webhook_keys where expired_at is null order by created_at desc limit 1`

// Signer is what signs now. Another server or a command may have made a new key: the database is asked.
func (s *Keys) Signer(ctx context.Context) (*Signer, error) {
	var kid, sealed string
	err := s.db.QueryRow(ctx, currentKey).Scan(&kid, &sealed)
	if errors.Is(err, store.ErrNotFound) {
		err = s.db.Write(ctx, func(tx *store.Tx) error { // of several who find none, one makes it
			if err := tx.Lock(ctx, "webhook keys"); err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, currentKey).Scan(&kid, &sealed); !errors.Is(err, store.ErrNotFound) {
				return err
			}
			kid, sealed, err = s.makeKey(ctx, tx)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("webhook: the signing key: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.signers[kid]; known != nil {
		return known, nil
	}
	made, err := s.open(kid, sealed)
	if err != nil {
		return nil, fmt.Errorf("webhook: the signing key: %w", err)
	}
	s.signers = map[string]*Signer{kid: made}
	return made, nil
}

func place(kid string) seal.Place {
	return seal.Place{Table: "webhook_keys", Column: "private_key", Row: kid}
}

func (s *Keys) open(kid, sealed string) (*Signer, error) {
	der, err := s.seal.Open(sealed, place(kid))
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("it is not one of ES256")
	}
	header, err := json.Marshal(map[string]string{"alg": "ES256", "kid": kid, "typ": "JWT"})
	return &Signer{private, base64.RawURLEncoding.EncodeToString(header)}, err
}

// makeKey writes a new key. Its randomness is never seeded: who knows it can pretend to be this server.
func (s *Keys) makeKey(ctx context.Context, tx *store.Tx) (kid, sealed string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", err
	}
	kid = s.ids.UUID()
	if sealed, err = s.seal.Seal(der, place(kid)); err != nil {
		return "", "", err
	}
	jwk, err := jose.JSONWebKey{Key: &private.PublicKey, KeyID: kid, Algorithm: "ES256", Use: "sig"}.MarshalJSON()
	if err != nil {
		return "", "", err
	}
	var public Key
	if err := json.Unmarshal(jwk, &public); err != nil {
		return "", "", err
	}
	public.CreatedAt = tx.Now.Unix()
	text, err := plaid.JSON(public)
	if err != nil {
		return "", "", err
	}
	_, err = tx.Exec(ctx, `insert into webhook_keys (kid, private_key, public_key, created_at) values ($1, $2, $3, $4)`,
		kid, sealed, string(text), tx.Now.UnixMilli())
	return kid, sealed, err
}

// overlap is how long a key is served beyond the time in which what it signed may still be sent.
const overlap = 24 * time.Hour

// RotateKey makes a new key, which signs from now on. The old one is served until nothing that it signed is under way.
func (s *Keys) RotateKey(ctx context.Context) (kid string, oldUntil time.Time, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Lock(ctx, "webhook keys"); err != nil {
			return err
		}
		oldUntil = tx.Now.Add(s.tried + overlap)
		if _, err := tx.Exec(ctx, `update webhook_keys set expired_at = $1 where expired_at is null`, oldUntil.UnixMilli()); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from webhook_keys where expired_at < $1`, tx.Now.UnixMilli()); err != nil {
			return err
		}
		kid, _, err = s.makeKey(ctx, tx)
		return err
	})
	return kid, oldUntil, err
}
