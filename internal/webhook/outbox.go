package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"weft/internal/item/event"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/store"
)

// States of a webhook.
const (
	Pending   = "pending"
	Delivered = "delivered"
	Dead      = "dead"
)

// acknowledged is the webhook that a new address is told.
const acknowledged = "WEBHOOK_UPDATE_ACKNOWLEDGED"

// Notify writes an event into the outbox, and the job that delivers it, in the transaction of what has happened. A client that
// has given no address is told nothing, unless it listens.
func (s *Service) Notify(ctx context.Context, tx *store.Tx, to event.Target, e event.Event) error {
	body, err := bodyOf(to, e)
	if err != nil {
		return fmt.Errorf("webhook: %s %s: %w", e.Type, e.Code, err)
	}
	out := s.outbox(tx)
	out.heard.add(to.Tenant, told{to, e, body})
	if to.Webhook == "" {
		return nil
	}
	return s.Post(ctx, tx, to, e, body)
}

// Post writes an event with a body of its own for its receiver, and the job that delivers it. Listeners do not hear of it.
func (s *Service) Post(_ context.Context, tx *store.Tx, to event.Target, e event.Event, body []byte) error {
	_, address := addressOf(to.Webhook)
	s.outbox(tx).posted.add(receiver{to.Tenant, address}, told{to, e, body})
	return nil
}

// told is an event that a transaction tells.
type told struct {
	to   event.Target
	e    event.Event
	body []byte
}

// receiver is a client's host in an environment.
type receiver struct {
	tenant  store.Tenant
	address string
}

// outbox is what a transaction tells, to be written at its end: one statement a receiver counts its webhooks, and its row, which
// all who tell it wait for, is locked for no longer than the commit takes.
type outbox struct {
	heard  groups[store.Tenant]
	posted groups[receiver]
}

// groups are events by whom they are told, in their order.
type groups[K comparable] map[K][]told

func (g groups[K]) add(k K, t told) { g[k] = append(g[k], t) }

// sorted are the groups in an order that all transactions keep, so that none waits for another that waits for it.
func (g groups[K]) sorted() []K {
	return slices.SortedFunc(maps.Keys(g), func(a, b K) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

type outboxKey struct{ *Service }

func (s *Service) outbox(tx *store.Tx) *outbox {
	return tx.Own(outboxKey{s}, func() any {
		out := &outbox{groups[store.Tenant]{}, groups[receiver]{}}
		tx.BeforeCommit(func(ctx context.Context) error { return s.write(ctx, tx, out) })
		return out
	}).(*outbox)
}

// write writes what a transaction tells.
func (s *Service) write(ctx context.Context, tx *store.Tx, out *outbox) error {
	for _, tenant := range out.heard.sorted() {
		if err := s.keepHeard(ctx, tx, tenant, out.heard[tenant]); err != nil {
			return err
		}
	}
	for _, to := range out.posted.sorted() {
		if err := s.writePosted(ctx, tx, to, out.posted[to]); err != nil {
			return err
		}
	}
	return nil
}

var outboxColumns = []string{"webhook_id", "client_id", "environment", "item_id", "receiver", "position", "url", "webhook_type", "webhook_code",
	"body", "state", "alone", "attempts", "created_at", "expires_at", "finished_at"}

// writePosted writes a receiver's webhooks.
func (s *Service) writePosted(ctx context.Context, tx *store.Tx, to receiver, list []told) error {
	if slices.ContainsFunc(list, func(t told) bool { return t.e.Code == acknowledged }) { // whoever sets an address wants it tried
		if err := resume(ctx, tx, to.tenant, to.address); err != nil {
			return err
		}
	}
	var last int64
	var suspended *int64
	// This locks the receiver until the transaction ends: positions follow the order of commits.
	err := tx.QueryRow(ctx, `insert into webhook_receivers (client_id, environment, address, last_position, failures) values ($1, $2, $3, $4, 0)
		on conflict (client_id, environment, address) do update set last_position = webhook_receivers.last_position + $4
		returning last_position, suspended_at`, to.tenant.Client, to.tenant.Environment, to.address, len(list)).Scan(&last, &suspended)
	if err != nil {
		return err
	}
	now, expires := tx.Now.UnixMilli(), tx.Now.Add(s.retries.Horizon).UnixMilli()
	state, finished := Pending, (*int64)(nil)
	if suspended != nil {
		state, finished = Dead, &now
	}
	var rows [][]any
	var errands []errand
	for i, t := range list {
		position := last - int64(len(list)-1-i)
		target, _ := addressOf(t.to.Webhook)
		id := s.newID(tx.Now, position)
		rows = append(rows, []any{id, to.tenant.Client, to.tenant.Environment, t.to.ItemID, to.address, position, target, t.e.Type, t.e.Code,
			string(t.body), state, number(s.retries.Alone), 0, now, expires, finished})
		if e := s.errandFor(to.tenant, to.address, id); len(errands) == 0 || e != errands[0] {
			errands = append(errands, e)
		}
	}
	if err := tx.Insert(ctx, "webhooks", outboxColumns, rows, ""); err != nil || state == Dead {
		return err
	}
	tx.OnCommit(func() {
		for _, t := range list {
			s.metrics.Queued(t.e.Type, t.e.Code)
		}
	})
	for _, e := range errands {
		if err := s.enqueue(ctx, tx, e, false); err != nil {
			return err
		}
	}
	return nil
}

// errandFor is what delivers a webhook: a visit to its receiver, unless webhooks are tried alone.
func (s *Service) errandFor(tenant store.Tenant, address, id string) errand {
	e := errand{Client: tenant.Client, Environment: tenant.Environment, Receiver: address}
	if s.retries.Alone {
		e.Webhook = id
	}
	return e
}

// enqueue has a job do an errand: with soon at once, even where the receiver is left alone for a while.
func (s *Service) enqueue(ctx context.Context, tx *store.Tx, e errand, soon bool) error {
	_, err := s.errands.Enqueue(ctx, tx, e, job.Options{Key: e.key(), Again: true, Soon: soon})
	return err
}

// errand is the argument of a delivering job: a receiver, or one webhook of it that is tried alone.
type errand struct {
	Client      string `json:"client"`
	Environment string `json:"environment"`
	Receiver    string `json:"receiver"`
	Webhook     string `json:"webhook,omitempty"`
}

func (e errand) key() string {
	if e.Webhook != "" {
		return e.Webhook
	}
	return e.Client + " " + e.Environment + " " + e.Receiver
}

// timeKey is what the id of a webhook of a time begins with.
func timeKey(t time.Time) string { return fmt.Sprintf("%012x", t.UnixMilli()) }

// newID is an id that sorts by time and then by position, so that what was written in one transaction keeps its order in lists.
func (s *Service) newID(now time.Time, position int64) string {
	return fmt.Sprintf("%s%010x%s", timeKey(now), position, s.ids.Hex(8))
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// addressOf is a webhook's address as it is called, and its receiver. An address without a scheme is an https one.
func addressOf(webhook string) (target, receiver string) {
	if !strings.Contains(webhook, "://") {
		webhook = "https://" + webhook
	}
	u, err := url.Parse(webhook)
	if err != nil { // it was checked when it was given
		return webhook, "invalid"
	}
	return webhook, strings.ToLower(u.Scheme + "://" + u.Host)
}

// withUser are the types whose webhooks name the user that the Item belongs to.
var withUser = []string{"ITEM", "HOLDINGS", "INVESTMENTS_TRANSACTIONS", "LIABILITIES"}

// namesUser reports whether an event names the user: all of those types do, but one, and one of another type.
func namesUser(e event.Event) bool {
	if e.Code == "WEBHOOK_UPDATE_ACKNOWLEDGED" {
		return false
	}
	return plaid.Known(withUser, e.Type) || e.Code == "SYNC_UPDATES_AVAILABLE"
}

// bodyOf is a webhook's body as Plaid writes it: indented, the event's own members between those that all have.
func bodyOf(to event.Target, e event.Event) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	member := func(name string, value any) error {
		text, err := plaid.JSON(value)
		if err == nil {
			fmt.Fprintf(&b, "%q:%s,", name, text)
		}
		return err
	}
	head := []struct{ name, value string }{{"webhook_type", e.Type}, {"webhook_code", e.Code}}
	if e.Type != "ASSETS" && to.ItemID != "" { // those are of a report, others of a session of Link
		head = append(head, struct{ name, value string }{"item_id", to.ItemID})
	}
	if to.UserID != "" && namesUser(e) {
		head = append(head, struct{ name, value string }{"user_id", to.UserID})
	}
	for _, m := range head {
		if err := member(m.name, m.value); err != nil {
			return nil, err
		}
	}
	if e.Members != nil {
		own, err := plaid.JSON(e.Members)
		if err != nil {
			return nil, err
		}
		if own = bytes.TrimSuffix(bytes.TrimPrefix(own, []byte("{")), []byte("}")); len(own) > 0 {
			b.Write(append(own, ','))
		}
	}
	if e.Type != "LINK" || e.Code != "EVENTS" { // the one that has none
		if err := member("environment", to.Tenant.Environment); err != nil {
			return nil, err
		}
	}
	b.Truncate(b.Len() - 1)
	b.WriteByte('}')
	var out bytes.Buffer
	err := json.Indent(&out, b.Bytes(), "", "  ")
	return out.Bytes(), err
}
