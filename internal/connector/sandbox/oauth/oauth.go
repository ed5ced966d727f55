// Package oauth is how the simulated banks pass on what a person's browser carries between Link and the banks' pages: the
// request of an authorization, a visit at the site, and the code that comes of it. Each is a sealed text with an end, of its
// own kind, so that nobody can make one up, read it, change it, or use it as another. A code is for the one who holds the
// verifier of its request, and is taken once.
package oauth

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"weft/internal/connector"
)

// How long texts are good for.
const (
	VisitLife = 30 * time.Minute
	CodeLife  = 2 * time.Minute
)

// MostCode is how long a code may be: it is a part of an address, of which servers before ours read 8 kB.
const MostCode = 6_000

// mostPlain bounds what a text unfolds to.
const mostPlain = 1 << 20

// Sealer seals texts, each kind for itself: what was sealed as one kind is not opened as another.
type Sealer interface {
	Seal(kind string, plain []byte) (string, error)
	Open(kind, sealed string) ([]byte, error)
}

// Request is what is asked of a bank.
type Request struct {
	InstitutionID string    `json:"institution"`
	State         string    `json:"state"`
	ReturnURL     string    `json:"return"`
	ClientName    string    `json:"client,omitempty"`
	Products      []string  `json:"products,omitempty"`
	Proof         []byte    `json:"proof"`
	Ends          time.Time `json:"ends"`
}

// State is what the one who asked keeps to take the answer: the verifier, whose proof the request carries.
type State struct {
	InstitutionID string `json:"institution"`
	State         string `json:"state"`
	Verifier      string `json:"verifier"`
}

// Visit is a person on the bank's pages.
type Visit struct {
	Request
	Stage connector.VisitStage `json:"stage"`
	// Opened is what the login has opened, from the time when it has one.
	Opened json.RawMessage `json:"opened,omitempty"`
	Wrong  int             `json:"wrong,omitempty"`
}

// Grant is what a code stands for.
type Grant struct {
	Proof    []byte          `json:"proof"`
	Opened   json.RawMessage `json:"opened"`
	Accounts []string        `json:"accounts"`
	Ends     time.Time       `json:"ends"`
}

// Prove is the proof of a verifier.
func Prove(verifier string) []byte {
	sum := sha256.Sum256([]byte(verifier))
	return sum[:]
}

// The kinds of texts.
const (
	kindRequest = "request"
	kindVisit   = "visit"
	kindCode    = "code"
)

// Desk seals and opens texts. It remembers the codes that were taken until they would have ended; another server, or the same
// one after a new start, does not know them, and relies on a code being of use only to the session that holds its verifier.
type Desk struct {
	Seals Sealer

	mu    sync.Mutex
	taken map[[sha256.Size]byte]time.Time
}

// SealRequest is a request as an address carries it.
func (d *Desk) SealRequest(r Request) (string, error) { return d.seal(kindRequest, r) }

// SealVisit is a visit as a page carries it.
func (d *Desk) SealVisit(v Visit) (string, error) { return d.seal(kindVisit, v) }

// SealCode is a code.
func (d *Desk) SealCode(g Grant) (string, error) { return d.seal(kindCode, g) }

// Request opens a request.
func (d *Desk) Request(sealed string, now time.Time) (Request, error) {
	var r Request
	if err := d.open(kindRequest, sealed, &r); err != nil || !now.Before(r.Ends) {
		return Request{}, connector.ErrNoVisit
	}
	return r, nil
}

// Visit opens a visit.
func (d *Desk) Visit(sealed string, now time.Time) (Visit, error) {
	var v Visit
	if err := d.open(kindVisit, sealed, &v); err != nil || !now.Before(v.Ends) {
		return Visit{}, connector.ErrNoVisit
	}
	return v, nil
}

// Why a code is refused.
var (
	ErrNoCode  = errors.New("oauth: no code, or not any more")
	ErrForeign = errors.New("oauth: the code belongs to another request")
	ErrTaken   = errors.New("oauth: the code was taken before")
)

// Take spends a code for the one who has the verifier. Who has not does not spend it.
func (d *Desk) Take(code string, s State, now time.Time) (Grant, error) {
	var g Grant
	if err := d.open(kindCode, code, &g); err != nil || !now.Before(g.Ends) {
		return Grant{}, ErrNoCode
	}
	if subtle.ConstantTimeCompare(Prove(s.Verifier), g.Proof) != 1 {
		return Grant{}, ErrForeign
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, ends := range d.taken {
		if !now.Before(ends) {
			delete(d.taken, key)
		}
	}
	// Of one request no two codes are taken: they have the same proof.
	key := sha256.Sum256(g.Proof)
	if _, ok := d.taken[key]; ok {
		return Grant{}, ErrTaken
	}
	if d.taken == nil {
		d.taken = map[[sha256.Size]byte]time.Time{}
	}
	d.taken[key] = now.Add(VisitLife + CodeLife) // until the request's last code has ended
	return g, nil
}

// seal writes a value as a sealed text. What developers configure is long and folds well.
func (d *Desk) seal(kind string, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	var folded bytes.Buffer
	w, err := flate.NewWriter(&folded, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(plain); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return d.Seals.Seal(kind, folded.Bytes())
}

func (d *Desk) open(kind, sealed string, v any) error {
	folded, err := d.Seals.Open(kind, sealed)
	if err != nil {
		return err
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(folded)), mostPlain))
	if err != nil {
		return fmt.Errorf("oauth: %w", err)
	}
	return json.Unmarshal(plain, v)
}
