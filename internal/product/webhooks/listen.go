package webhooks

import (
	"context"
	"strconv"
	"time"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/store"
)

// longestWait is how many seconds a request may wait for a webhook: less than an endpoint may take.
const longestWait = 60

type listenRequest struct {
	// Cursor is next_cursor of the answer before; without one the listener begins now.
	Cursor *string `json:"cursor"`
	// Wait is for how many seconds the answer may be waited for where there is no webhook yet; 0 by default.
	Wait int `json:"wait"`
}

// Validate checks both by themselves.
func (r *listenRequest) Validate(httpapi.Version) error {
	if r.Wait < 0 || r.Wait > longestWait {
		return plaid.InvalidField("wait", "must be between 0 and 60 seconds")
	}
	_, err := r.position()
	return err
}

// position is where the listener has come to, nil for one that begins.
func (r *listenRequest) position() (*int64, error) {
	if r.Cursor == nil {
		return nil, nil
	}
	after, err := strconv.ParseInt(*r.Cursor, 10, 64)
	if err != nil || after < 0 {
		return nil, plaid.InvalidField("cursor", "must be next_cursor of an answer of /weft/webhooks/listen")
	}
	return &after, nil
}

// Heard is a webhook as a listener is handed it: body is to the byte what is to be forwarded with the header
// Plaid-Verification, which is good for five minutes.
type Heard struct {
	WebhookType  string `json:"webhook_type"`
	WebhookCode  string `json:"webhook_code"`
	ItemID       string `json:"item_id"`
	CreatedAt    string `json:"created_at"`
	Body         string `json:"body"`
	Verification string `json:"verification"`
}

// listenResponse is the answer to a listener.
type listenResponse struct {
	Webhooks   []Heard `json:"webhooks"`
	NextCursor string  `json:"next_cursor"`
	// Missed says that there were others before these, which are not kept any more.
	Missed      bool   `json:"missed"`
	Environment string `json:"environment"`
}

func (s *service) listen(ctx context.Context, tenant store.Tenant, req listenRequest) (listenResponse, error) {
	after, err := req.position()
	if err != nil {
		return listenResponse{}, err
	}
	h, err := s.hooks.Listen(ctx, tenant, after, time.Duration(req.Wait)*time.Second)
	if err != nil {
		return listenResponse{}, err
	}
	res := listenResponse{Webhooks: []Heard{}, NextCursor: strconv.FormatInt(h.Next, 10), Missed: h.Missed, Environment: tenant.Environment}
	for _, w := range h.Webhooks {
		res.Webhooks = append(res.Webhooks, Heard{w.Type, w.Code, w.ItemID, plaid.Timestamp(w.CreatedAt), w.Body, w.Verification})
	}
	return res, nil
}
