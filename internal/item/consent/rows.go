package consent

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"weft/internal/item/rows"
	"weft/internal/store"
)

// kept is for how many years events are kept.
const kept = 3

func insert(ctx context.Context, tx *store.Tx, it rows.Item, e Event, doc string) error {
	// Old events, of whatever tenant, are deleted as new ones come.
	if _, err := tx.Exec(ctx, `delete from consent_events where created_at < $1`, tx.Now.AddDate(-kept, 0, 0).UnixMilli()); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into consent_events (client_id, environment, item_id, number, created_at, activity, type, code, initiator, document)
		values ($1, $2, $3, (select coalesce(max(number), 0) + 1 from consent_events where client_id = $1 and environment = $2 and item_id = $3),
			$4, $5, $6, $7, $8, $9)`,
		it.Tenant.Client, it.Tenant.Environment, it.ID, tx.Now.UnixMilli(), e.Activity, e.Type, e.Code, e.Initiator, doc)
	return err
}

// String is the position as a cursor.
func (p Position) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %d %s", p.CreatedAt, p.Number, p.ItemID))
}

var itemID = regexp.MustCompile(`^[0-9A-Za-z]+$`)

// ParsePosition reads a cursor.
func ParsePosition(cursor string) (p Position, err error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return p, err
	}
	parts := strings.Split(string(text), " ")
	if len(parts) != 3 || !itemID.MatchString(parts[2]) {
		return p, errors.New("consent: not a cursor")
	}
	p.ItemID = parts[2]
	p.CreatedAt, err = strconv.ParseInt(parts[0], 10, 64)
	if err == nil {
		p.Number, err = strconv.ParseInt(parts[1], 10, 64)
	}
	if err == nil && p.String() != cursor {
		err = errors.New("consent: not a cursor as it is written")
	}
	return p, err
}

const columns = `item_id, number, created_at, activity, type, code, initiator, document`

// Position is an event's place in a list, for the page after it.
type Position struct {
	CreatedAt int64
	ItemID    string
	Number    int64
}

// First is the position before all events.
var First = Position{CreatedAt: 1 << 62, Number: 1 << 62}

// Position is where the event stands in lists.
func (r Record) Position() Position { return Position{r.CreatedAt.UnixMilli(), r.ItemID, r.Number} }

// OfItem are at most so many events of a tenant's Item after a position, newest first.
func OfItem(ctx context.Context, q store.Querier, tenant store.Tenant, itemID string, after Position, most int64) ([]Record, error) {
	return read(ctx, q, `select `+columns+` from consent_events
		where client_id = $1 and environment = $2 and item_id = $3 and number < $4 order by number desc limit $5`,
		tenant.Client, tenant.Environment, itemID, after.Number, most)
}

// OfTenant are at most so many events of all Items of a tenant after a position, newest first.
func OfTenant(ctx context.Context, q store.Querier, tenant store.Tenant, after Position, most int64) ([]Record, error) {
	return read(ctx, q, `select `+columns+` from consent_events
		where client_id = $1 and environment = $2 and (created_at, item_id, number) < ($3, $4, $5)
		order by created_at desc, item_id desc, number desc limit $6`,
		tenant.Client, tenant.Environment, after.CreatedAt, after.ItemID, after.Number, most)
}

func read(ctx context.Context, q store.Querier, query string, args ...any) ([]Record, error) {
	found, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	list := []Record{}
	for found.Next() {
		var r Record
		var at int64
		var doc string
		if err := found.Scan(&r.ItemID, &r.Number, &at, &r.Activity, &r.Type, &r.Code, &r.Initiator, &doc); err != nil {
			return nil, err
		}
		r.CreatedAt = time.UnixMilli(at)
		if doc != "" {
			if err := json.Unmarshal([]byte(doc), &r.Consent); err != nil {
				return nil, fmt.Errorf("consent: stored event: %w", err)
			}
		}
		list = append(list, r)
	}
	return list, found.Err()
}
