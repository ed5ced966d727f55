package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Keys are the keys of one installation.
type Keys struct {
	envelope tink.AEAD
	hash     []byte
	hashers  sync.Pool // of *hasher: every request hashes twice
}

// hasher is what a hash is made in.
type hasher struct {
	mac       hash.Hash
	text, sum []byte
}

// file is the key file: both keys, in clear, readable by the server's user alone.
type file struct {
	Version int             `json:"version"`
	Keyset  json.RawMessage `json:"keyset"`
	Hash    []byte          `json:"hash"`
}

// Place is where a sealed value stands. It is authenticated with the value.
type Place struct{ Tenant, Table, Column, Row string }

func (p Place) bytes() []byte {
	var b []byte
	for _, s := range []string{p.Tenant, p.Table, p.Column, p.Row} {
		b = fmt.Appendf(b, "%d:%s", len(s), s)
	}
	return b
}

// Generate makes the content of a new key file.
func Generate() ([]byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("seal: new keyset: %w", err)
	}
	var buf bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&buf)); err != nil {
		return nil, fmt.Errorf("seal: write keyset: %w", err)
	}
	f := file{Version: 1, Keyset: buf.Bytes(), Hash: make([]byte, 32)}
	if _, err := rand.Read(f.Hash); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return json.Marshal(f)
}

// Parse reads the content of a key file.
func Parse(content []byte) (*Keys, error) {
	var f file
	if err := json.Unmarshal(content, &f); err != nil {
		return nil, errors.New("the key is not a Weft key file: it is not JSON") // where it is not would quote a secret
	}
	if f.Version != 1 || len(f.Hash) != 32 {
		return nil, errors.New("the key is not a Weft key file of version 1")
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Keyset)))
	if err != nil {
		return nil, fmt.Errorf("the key file's keyset cannot be read: %w", err)
	}
	kek, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("the key file's keyset cannot be used: %w", err)
	}
	return &Keys{envelope: aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), kek), hash: f.Hash}, nil
}

// encoding writes sealed values as text. It is strict, so that a value has one text: a change of any letter is noticed.
var encoding = base64.RawStdEncoding.Strict()

// Seal encrypts a value for its place. The result is text.
func (k *Keys) Seal(plain []byte, at Place) (string, error) {
	sealed, err := k.envelope.Encrypt(plain, at.bytes())
	if err != nil {
		return "", fmt.Errorf("seal %s.%s: %w", at.Table, at.Column, err)
	}
	return encoding.EncodeToString(sealed), nil
}

// Open decrypts a value that was sealed for the same place.
func (k *Keys) Open(sealed string, at Place) ([]byte, error) {
	b, err := encoding.DecodeString(sealed)
	if err != nil {
		return nil, fmt.Errorf("open %s.%s: %w", at.Table, at.Column, err)
	}
	plain, err := k.envelope.Decrypt(b, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("open %s.%s: %w", at.Table, at.Column, err)
	}
	return plain, nil
}

// Hash is what the store keeps of a token or secret. Kind keeps tokens of different kinds apart.
func (k *Keys) Hash(kind, secret string) string {
	h, ok := k.hashers.Get().(*hasher)
	if !ok {
		h = &hasher{mac: hmac.New(sha256.New, k.hash)}
	}
	defer k.hashers.Put(h)
	h.text = append(append(append(h.text[:0], kind...), 0), secret...)
	h.mac.Reset()
	h.mac.Write(h.text)
	clear(h.text) // what is kept for the next has no secret as it was shown
	h.sum = h.mac.Sum(h.sum[:0])
	return base64.RawURLEncoding.EncodeToString(h.sum)
}
