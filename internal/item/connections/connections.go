// Package connections stores logins at banks: their sealed credentials, what the connector remembers, who may ask the bank
// now, and when it is asked next.
package connections

import (
	"context"
	"encoding/json"
	"time"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// Connection is a stored login at a bank.
type Connection struct {
	Tenant store.Tenant
	// Connector is the connector's name.
	Connector string
	connector.Connection
	// Due is when it is asked next by itself, nil for never; Failures is how often that has failed in a row.
	Due      *time.Time
	Failures int64
	// Rounds is how often it has been asked with success, and BalanceRounds how often beside those for balances alone.
	Rounds, BalanceRounds int64
}

// Insert writes a new connection.
func Insert(ctx context.Context, tx *store.Tx, keys *seal.Keys, c Connection) error {
	sealed, err := keys.Seal(c.Credentials, place(c.Tenant, c.ID))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into connections (connection_id, client_id, environment, connector, institution_id, credentials, declined, created_at, due_at, failures, rounds)
		values ($1, $2, $3, $4, $5, $6, '[]', $7, $8, 0, 0)`,
		c.ID, c.Tenant.Client, c.Tenant.Environment, c.Connector, c.InstitutionID, sealed, tx.Now.UnixMilli(), millis(c.Due))
	return err
}

// Seal and Open are the form in which credentials of a connection are stored, for those who copy one.
func Seal(keys *seal.Keys, tenant store.Tenant, id string, credentials []byte) (string, error) {
	return keys.Seal(credentials, place(tenant, id))
}

// Open opens what Seal has sealed.
func Open(keys *seal.Keys, tenant store.Tenant, id, sealed string) ([]byte, error) {
	return keys.Open(sealed, place(tenant, id))
}

func place(tenant store.Tenant, id string) seal.Place {
	return seal.Place{Tenant: tenant.Client + "/" + tenant.Environment, Table: "connections", Column: "credentials", Row: id}
}

func millis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}

const columns = `connection_id, connector, institution_id, credentials, memory, declined, created_at, due_at, failures, rounds, balance_rounds`

// Read reads and opens a connection. One that is gone, or another tenant's, is store.ErrNotFound.
func Read(ctx context.Context, q store.Querier, keys *seal.Keys, tenant store.Tenant, id string) (Connection, error) {
	return scan(q.QueryRow(ctx, `select `+columns+` from connections where connection_id = $1 and client_id = $2 and environment = $3`,
		id, tenant.Client, tenant.Environment), keys, tenant)
}

// List reads and opens the connections of a tenant to one connector, oldest first.
func List(ctx context.Context, q store.Querier, keys *seal.Keys, tenant store.Tenant, connectorName string) ([]Connection, error) {
	rows, err := q.Query(ctx, `select `+columns+` from connections where client_id = $1 and environment = $2 and connector = $3
		order by created_at, connection_id`, tenant.Client, tenant.Environment, connectorName)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Connection
	for rows.Next() {
		c, err := scan(rows, keys, tenant)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

func scan(row store.Row, keys *seal.Keys, tenant store.Tenant) (Connection, error) {
	c := Connection{Tenant: tenant}
	var sealed, declined string
	var memory *string
	var created int64
	var due *int64
	if err := row.Scan(&c.ID, &c.Connector, &c.InstitutionID, &sealed, &memory, &declined, &created, &due, &c.Failures, &c.Rounds, &c.BalanceRounds); err != nil {
		return Connection{}, err
	}
	c.CreatedAt, c.Due = time.UnixMilli(created).UTC(), clock.Moment(due)
	if memory != nil {
		c.Memory = json.RawMessage(*memory)
	}
	if err := json.Unmarshal([]byte(declined), &c.Declined); err != nil {
		return Connection{}, err
	}
	var err error
	c.Credentials, err = keys.Open(sealed, place(tenant, c.ID))
	return c, err
}

// Declined are the institutions of a connection that are not wanted, as they are now, with the connection's row locked.
func Declined(ctx context.Context, tx *store.Tx, tenant store.Tenant, id string) (list []string, err error) {
	var text string
	err = tx.QueryRow(ctx, `update connections set failures = failures where connection_id = $1 and client_id = $2 and environment = $3 returning declined`,
		id, tenant.Client, tenant.Environment).Scan(&text)
	if err == nil {
		err = json.Unmarshal([]byte(text), &list)
	}
	return list, err
}

// SetDeclined writes the institutions of a connection that are not wanted. A connection that is gone is left alone.
func SetDeclined(ctx context.Context, tx *store.Tx, tenant store.Tenant, id string, list []string) error {
	if list == nil {
		list = []string{}
	}
	text, err := plaid.JSON(list)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update connections set declined = $1 where connection_id = $2 and client_id = $3 and environment = $4`,
		string(text), id, tenant.Client, tenant.Environment)
	return err
}

// SetCredentials replaces what a connection logs in with.
func SetCredentials(ctx context.Context, tx *store.Tx, keys *seal.Keys, tenant store.Tenant, id string, credentials json.RawMessage) error {
	sealed, err := keys.Seal(credentials, place(tenant, id))
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `update connections set credentials = $1 where connection_id = $2 and client_id = $3 and environment = $4`,
		sealed, id, tenant.Client, tenant.Environment)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return err
}

// Remove deletes a connection that no Item uses any more, and leaves one alone that is used.
func Remove(ctx context.Context, tx *store.Tx, tenant store.Tenant, id string) (removed bool, err error) {
	n, err := tx.Exec(ctx, `delete from connections where connection_id = $1 and client_id = $2 and environment = $3
		and not exists (select 1 from items where items.connection_id = connections.connection_id)`, id, tenant.Client, tenant.Environment)
	return n > 0, err
}

// Rest has a connection asked no more by itself, unless it was asked since so many rounds.
func Rest(ctx context.Context, tx *store.Tx, tenant store.Tenant, id string, rounds int64) error {
	_, err := tx.Exec(ctx, `update connections set due_at = null where connection_id = $1 and client_id = $2 and environment = $3 and rounds = $4`,
		id, tenant.Client, tenant.Environment, rounds)
	return err
}

// Ref names a connection.
type Ref struct {
	Tenant store.Tenant
	ID     string
}

// Due are the connections, of all tenants, that are to be asked now and that nobody asks, the longest due first.
func Due(ctx context.Context, q store.Querier, now time.Time, most int) ([]Ref, error) {
	rows, err := q.Query(ctx, `select client_id, environment, connection_id from connections
		where due_at <= $1 and (lease_until is null or lease_until <= $1) order by due_at limit $2`, now.UnixMilli(), most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Ref
	for rows.Next() {
		var r Ref
		if err := rows.Scan(&r.Tenant.Client, &r.Tenant.Environment, &r.ID); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// Imported is the Item of a tenant's imports at an institution, from the named connector.
func Imported(ctx context.Context, tx *store.Tx, tenant store.Tenant, from string, ins connector.Institution) (itemID string, err error) {
	err = tx.QueryRow(ctx, `select i.item_id from connections c
		join items i on i.connection_id = c.connection_id and i.client_id = c.client_id and i.environment = c.environment
		where c.client_id = $1 and c.environment = $2 and c.connector = $3 and c.institution_id = $4
		order by c.created_at, c.connection_id limit 1`,
		tenant.Client, tenant.Environment, from, ins.InstitutionID).Scan(&itemID)
	return itemID, err
}
