// Package institutions stores the institutions that came with a client's own data, and that no connector lists.
package institutions

import (
	"context"
	"encoding/json"

	"weft/internal/connector"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Put remembers an institution that came with a tenant's data.
func Put(ctx context.Context, tx *store.Tx, tenant store.Tenant, ins connector.Institution) error {
	doc, err := plaid.JSON(ins)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into institutions (client_id, environment, institution_id, document) values ($1, $2, $3, $4)
		on conflict (client_id, environment, institution_id) do update set document = excluded.document where institutions.document <> excluded.document`,
		tenant.Client, tenant.Environment, ins.InstitutionID, string(doc))
	return err
}

// List is the institutions that came with a tenant's data, in a stable order.
func List(ctx context.Context, q store.Querier, tenant store.Tenant) ([]connector.Institution, error) {
	rows, err := q.Query(ctx, `select document from institutions where client_id = $1 and environment = $2 order by institution_id`,
		tenant.Client, tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []connector.Institution
	for rows.Next() {
		var doc string
		var ins connector.Institution
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(doc), &ins); err != nil {
			return nil, err
		}
		list = append(list, ins)
	}
	return list, rows.Err()
}
