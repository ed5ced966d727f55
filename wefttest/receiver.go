package wefttest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Receiver is a program that receives webhooks, on the loopback.
type Receiver struct {
	// URL is the address to give as the webhook.
	URL string

	mu       sync.Mutex
	status   int
	received []Webhook
}

// Webhook is a webhook as it was received.
type Webhook struct {
	Type   string `json:"webhook_type"`
	Code   string `json:"webhook_code"`
	ItemID string `json:"item_id"`
	// Body is to the byte what was sent, and Signature the Plaid-Verification header.
	Body      []byte `json:"-"`
	Signature string `json:"-"`
}

// NewReceiver starts a receiver for the time of a test. It answers 200 unless SetStatus says otherwise.
func NewReceiver(t testing.TB) *Receiver {
	t.Helper()
	r := &Receiver{status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Errorf("wefttest: a webhook: %v", err)
		}
		got := Webhook{Body: body, Signature: req.Header.Get("Plaid-Verification")}
		if err := json.Unmarshal(body, &got); err != nil {
			t.Errorf("wefttest: a webhook: %v", err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.received = append(r.received, got)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// SetStatus changes the answer.
func (r *Receiver) SetStatus(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// Take returns what was received since the last call.
func (r *Receiver) Take() []Webhook {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.received
	r.received = nil
	return list
}
