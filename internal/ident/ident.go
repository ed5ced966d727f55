// Package ident mints ids, tokens and keys from an injected source of randomness, and derives ids from others. With a
// seed, the same calls give the same ids, so that a whole run of the server can be repeated byte for byte; without one,
// all randomness is the operating system's.
package ident

import (
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
)

// Lengths of public ids, as published clients' logs and recordings have them. Clients treat ids as opaque.
const (
	idLength        = 37
	requestIDLength = 15
)

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Source mints ids and tokens. It may be used by several goroutines.
type Source struct {
	mu       sync.Mutex
	random   io.Reader
	requests io.Reader
}

// System is the source that draws on the operating system.
func System() *Source { return &Source{random: crand.Reader, requests: crand.Reader} }

// Seeded is a source that repeats itself. Its tokens can be guessed by whoever knows the seed: it is for tests and
// simulations. Request ids come from a stream of their own, so that a refused request does not shift later ids.
func Seeded(seed string) *Source {
	return &Source{
		random:   rand.NewChaCha8(sha256.Sum256([]byte("ids/" + seed))),
		requests: rand.NewChaCha8(sha256.Sum256([]byte("requests/" + seed))),
	}
}

func (s *Source) read(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fill(s.random, b)
}

// fill cannot fail: crypto/rand ends the program where the operating system has no randomness, and ChaCha8 never errs.
func fill(r io.Reader, b []byte) {
	if _, err := io.ReadFull(r, b); err != nil {
		panic(fmt.Sprintf("ident: no randomness: %v", err))
	}
}

// ID is a new public id of 37 letters and digits.
func (s *Source) ID() string {
	var b [32]byte
	s.read(b[:])
	return encode(b, idLength)
}

// RequestID is a new request id of 15 letters and digits.
func (s *Source) RequestID() string {
	var b [requestIDLength]byte
	s.mu.Lock()
	fill(s.requests, b[:])
	s.mu.Unlock()
	for i, c := range b {
		b[i] = alphabet[int(c)%len(alphabet)]
	}
	return string(b[:])
}

// Token is a new token "kind-environment-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" with 128 random bits. It has the shape of
// a UUID, which clients' checks expect, but spends no bits on a UUID's version.
func (s *Source) Token(kind, environment string) string {
	return kind + "-" + environment + "-" + s.UUID()
}

// ShortToken is a new token "kind-environment-" with 128 random bits as 26 letters and digits of base 32: the shape of tokens that are
// handed on to others.
func (s *Source) ShortToken(kind, environment string) string {
	var b [16]byte
	s.read(b[:])
	return kind + "-" + environment + "-" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// UUID is 128 random bits in the shape of a UUID.
func (s *Source) UUID() string {
	var b [16]byte
	s.read(b[:])
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Hex is n random bytes in hexadecimal.
func (s *Source) Hex(n int) string {
	b := make([]byte, n)
	s.read(b)
	return hex.EncodeToString(b)
}

// Key is a new internal key that sorts by time, so that new rows lie beside each other in their tables.
func (s *Source) Key(now time.Time) string {
	var b [10]byte
	s.read(b[:])
	return fmt.Sprintf("%012x%s", now.UnixMilli(), hex.EncodeToString(b[:]))
}

// Derive is the public id that belongs to a list of parts: the same parts always give the same id.
func Derive(parts ...string) string {
	var room [256]byte // most lists of parts find place in it
	text := room[:0]
	for _, p := range parts {
		text = strconv.AppendInt(text, int64(len(p)), 10)
		text = append(append(text, ':'), p...)
	}
	return encode(sha256.Sum256(text), idLength)
}

// digitsAtOnce is how many digits come of one division: that power of the base is the greatest that has a place in a word.
const (
	digitsAtOnce = 10
	powerOfBase  = 839_299_365_868_340_224 // 62 to the power of 10
)

// encode writes the first n digits of a number to the base of the alphabet; 37 digits hold 220 of the 256 bits.
func encode(b [32]byte, n int) string {
	var number [4]uint64
	for i := range number {
		number[i] = binary.BigEndian.Uint64(b[8*i:])
	}
	out := make([]byte, 0, idLength)
	for len(out) < n {
		var rest uint64
		for i := range number {
			number[i], rest = bits.Div64(rest, number[i], powerOfBase)
		}
		for range min(digitsAtOnce, n-len(out)) {
			out = append(out, alphabet[rest%uint64(len(alphabet))])
			rest /= uint64(len(alphabet))
		}
	}
	return string(out)
}
