// Package own makes and repairs Items of what people bring themselves: statement files, and tokens of other services.
package own

import (
	"context"
	"encoding/json"
	"errors"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/connections"
	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/token"
	"weft/internal/store"
)

// FileNames are the endings of the names of statement files.
var FileNames = []string{".ofx", ".qfx", ".qbo"}

// Offered says whether an environment takes statement files, and tokens of other services.
func Offered(connectors []connector.Connector) (files, tokens bool) {
	for _, con := range connectors {
		_, isFiles := con.(connector.Files)
		_, isTokens := con.(connector.Tokens)
		files, tokens = files || isFiles, tokens || isTokens
	}
	return files, tokens
}

// Source is where an Item's data comes from: session.SourceFile, session.SourceToken, or empty for a bank at which people log in.
func Source(ctx context.Context, items *item.Service, it item.Item) (string, error) {
	conn, err := connection(ctx, items, it)
	if err != nil {
		return "", err
	}
	con, err := items.Connectors.Find(it.Tenant.Environment, conn.Connector)
	switch files, tokens := Offered([]connector.Connector{con}); {
	case files:
		return session.SourceFile, err
	case tokens:
		return session.SourceToken, err
	}
	return "", err
}

func connection(ctx context.Context, items *item.Service, it item.Item) (connections.Connection, error) {
	conn, err := connections.Read(ctx, items.DB, items.Keys, it.Tenant, it.ConnectionID)
	if errors.Is(err, store.ErrNotFound) {
		return conn, plaid.Err("ITEM_NOT_FOUND")
	}
	return conn, err
}

// File makes Items of a statement file, or brings the one that is to be repaired up to date.
func File(ctx context.Context, items *item.Service, t token.Token, content []byte, repair *session.Repair, then item.ThenAll) error {
	var err error = plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
	for _, con := range items.Connectors[t.Tenant.Environment] {
		files, ok := con.(connector.Files)
		if !ok {
			continue
		}
		file, readErr := files.ReadFile(content)
		if readErr != nil {
			err = unreadable(readErr)
			continue
		}
		if repair == nil {
			return items.ImportNew(ctx, t.Tenant, con.Name(), file.Statements, terms(t), then)
		}
		it, err := items.ItemByID(ctx, t.Tenant, repair.ItemID)
		if err != nil {
			return err
		}
		return items.ImportTo(ctx, it, file.Statements, then)
	}
	return err
}

// unreadable is a file that is no statement.
func unreadable(err error) error {
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe
	}
	return &plaid.Error{Definition: plaid.Errf("INVALID_FIELD", "the file is no statement that can be read").Definition, Cause: err}
}

func terms(t token.Token) item.Terms {
	out := item.Terms{UserID: t.UserID}
	if t.Request.Webhook != nil {
		out.Webhook = *t.Request.Webhook
	}
	return out
}

// claimed is what a token was spent for, as a session keeps it.
type claimed struct {
	Connector string       `json:"connector"`
	Opening   item.Opening `json:"opening"`
}

// Claim spends a token. It is good for one claim, so what it gives is to be stored before it is used.
func Claim(ctx context.Context, items *item.Service, environment, setupToken string) (json.RawMessage, error) {
	for _, con := range items.Connectors[environment] {
		tokens, ok := con.(connector.Tokens)
		if !ok {
			continue
		}
		credentials, err := tokens.Claim(ctx, setupToken)
		if err != nil {
			return nil, err
		}
		return plaid.JSON(claimed{Connector: con.Name(), Opening: items.Opening("", connector.Opened{Credentials: credentials})})
	}
	return nil, plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
}

// Bring connects all banks behind what was claimed, or repairs an Item with it: with what the Item has where nothing was claimed.
func Bring(ctx context.Context, items *item.Service, t token.Token, stored json.RawMessage, repair *session.Repair, then item.ThenAll) error {
	var c *claimed
	if stored != nil {
		if err := json.Unmarshal(stored, &c); err != nil {
			return err
		}
	}
	if repair != nil {
		return renew(ctx, items, t, repair.ItemID, c, then)
	}
	return items.Bring(ctx, t.Tenant, c.Connector, c.Opening, terms(t), then)
}

// renew asks the banks of an Item's connection, with newly claimed credentials where there are any.
func renew(ctx context.Context, items *item.Service, t token.Token, itemID string, c *claimed, then item.ThenAll) error {
	it, err := items.ItemByID(ctx, t.Tenant, itemID)
	if err != nil {
		return err
	}
	conn, err := connection(ctx, items, it)
	if err != nil {
		return err
	}
	opened := connector.Opened{Credentials: conn.Credentials}
	if c != nil {
		opened = c.Opening.Opened
		con, err := items.Connectors.Find(t.Tenant.Environment, conn.Connector)
		if err != nil {
			return err
		}
		if renewing, ok := con.(connector.Renewing); ok {
			if opened.Credentials, err = renewing.Renew(conn.Credentials, opened.Credentials); err != nil {
				return err
			}
		}
	}
	_, err = items.Repair(ctx, it, opened, item.Renewal{Consented: t.Request.AdditionalConsented}, func(ctx context.Context, tx *store.Tx, l item.Linked) error {
		return then(ctx, tx, []item.Linked{l})
	})
	return err
}
