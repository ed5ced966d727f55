package listening

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"weft/internal/clock"
	"weft/internal/outbound"
	"weft/internal/product/webhooks"
	"weft/internal/webhook"
)

// session is one run of the command.
type session struct {
	source source
	// forwardTo is where webhooks go, empty for nowhere.
	forwardTo string
	receiver  *outbound.Client
	events    []string
	// lines has a line for each webhook, notes what else there is to tell, and bodies the webhooks themselves where they are
	// asked for.
	lines, notes, bodies io.Writer
	clock                clock.Clock

	// lost and held say that the source, or the receiver, is waited for.
	lost, held bool
}

// Waits before something is tried again.
const (
	firstPause = 500 * time.Millisecond
	mostPause  = 4 * time.Second
)

// pause waits, or returns early when the command is ended.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// run listens until the context ends.
func (s *session) run(ctx context.Context, greet func(environment string)) error {
	h, err := s.source.listen(ctx, nil)
	if err != nil {
		return unless(ctx, err)
	}
	greet(h.Environment)
	cursor, delay := h.NextCursor, firstPause
	for ctx.Err() == nil {
		h, err := s.source.listen(ctx, &cursor)
		switch {
		case isFinal(err):
			return unless(ctx, err)
		case err != nil:
			s.note(ctx, &s.lost, "Lost the connection: %v; trying again until it is back.", err)
		default:
			if s.lost {
				s.lost = false
				fmt.Fprintln(s.notes, "Back: listening goes on where it was.")
			}
			if h.Missed {
				fmt.Fprintln(s.notes, "Some webhooks were missed: the server does not keep them any longer.")
			}
			if cursor = s.handOver(ctx, cursor, h); !s.held {
				delay = firstPause
				continue
			}
		}
		pause(ctx, delay)
		delay = min(2*delay, mostPause)
	}
	return nil
}

// unless is an error, but none where the command was ended.
func unless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// note tells once that a trouble has begun.
func (s *session) note(ctx context.Context, trouble *bool, format string, args ...any) {
	if !*trouble && ctx.Err() == nil {
		fmt.Fprintf(s.notes, format+"\n", args...)
		*trouble = true
	}
}

// handOver forwards and prints webhooks, and returns where to go on. Where nothing listens at the receiver's address it stops
// at that webhook, which is held until the receiver is there.
func (s *session) handOver(ctx context.Context, cursor string, h webhooks.Hearing) string {
	for _, w := range h.Webhooks {
		if s.wanted(w) && !s.deliver(ctx, w) {
			return cursor
		}
		cursor = w.Cursor
	}
	return h.NextCursor
}

// wanted reports whether the filter lets a webhook through.
func (s *session) wanted(w webhooks.Heard) bool {
	return len(s.events) == 0 || slices.ContainsFunc(s.events, func(e string) bool {
		return e == w.WebhookType || e == w.WebhookType+"."+w.WebhookCode
	})
}

// deliver forwards a webhook and prints it. It reports whether that is done with.
func (s *session) deliver(ctx context.Context, w webhooks.Heard) bool {
	result, failure := "", ""
	if s.forwardTo != "" {
		start := s.clock.Now()
		status, _, err := webhook.Post(ctx, s.receiver, s.forwardTo, []byte(w.Body), w.Verification)
		took := s.clock.Now().Sub(start).Round(time.Millisecond)
		switch {
		case ctx.Err() != nil:
			return false
		case errors.Is(err, outbound.ErrConnect), errors.Is(err, outbound.ErrName):
			s.note(ctx, &s.held, "Nothing answers at %s (%s); webhooks wait for it.", s.forwardTo, webhook.Reason(err))
			return false
		case err != nil:
			result, failure = fmt.Sprintf("  ---  %8s", took), "  ("+webhook.Reason(err)+")"
		default:
			result = fmt.Sprintf("  %d  %8s", status, took)
		}
		s.held = false
	}
	at := w.CreatedAt
	if t, err := time.Parse(time.RFC3339Nano, at); err == nil {
		at = t.UTC().Format(time.DateTime)
	}
	fmt.Fprintf(s.lines, "%s%s  %s.%s  %s%s\n", at, result, w.WebhookType, w.WebhookCode, w.ItemID, failure)
	if s.bodies != nil {
		var line bytes.Buffer
		if err := json.Compact(&line, []byte(w.Body)); err == nil { // it is JSON: the server has made it
			fmt.Fprintln(s.bodies, line.String())
		}
	}
	return true
}
