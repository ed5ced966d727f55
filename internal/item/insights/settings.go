package insights

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"weft/internal/plaid"
	"weft/internal/store"
)

// Settings of a client in an environment. In the zero value insights are off.
type Settings struct {
	Enabled bool `json:"enabled"`
	// CTAURL is the address of the client's pages about insights, which an insight's kind is added to; nil for none.
	CTAURL *string `json:"cta_url"`
}

const settingsQuery = `select document from insights_settings where client_id = $1 and environment = $2`

// ReadSettings is a tenant's settings.
func ReadSettings(ctx context.Context, q store.Querier, tenant store.Tenant) (s Settings, err error) {
	var text []byte
	err = q.QueryRow(ctx, settingsQuery, tenant.Client, tenant.Environment).Scan(&text)
	if errors.Is(err, store.ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("insights: stored settings: %w", err)
	}
	return s, nil
}

// WriteSettings replaces a tenant's settings.
func WriteSettings(ctx context.Context, tx *store.Tx, tenant store.Tenant, s Settings) error {
	text, err := plaid.JSON(s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into insights_settings (client_id, environment, document) values ($1, $2, $3)
		on conflict (client_id, environment) do update set document = excluded.document`, tenant.Client, tenant.Environment, string(text))
	return err
}
