// Package tokens makes and spends the tokens that stand for Items. The database has their keyed hashes alone.
package tokens

import (
	"context"
	"errors"
	"time"

	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// Kinds of tokens: their first word, and what keeps their hashes apart.
const (
	accessKind = "access"
	publicKind = "public"
)

// ProcessorKind is that of the tokens of processors, which package processors keeps.
const ProcessorKind = "processor"

// PublicLife is how long a public token can be exchanged.
const PublicLife = 30 * time.Minute

// publicMemory is how long an expired public token is known as such.
const publicMemory = 24 * time.Hour

// Tokens are the tokens of Items.
type Tokens struct {
	Keys *seal.Keys
	IDs  *ident.Source
}

// Hash is what the database knows an access token by.
func (t Tokens) Hash(accessToken string) string { return t.Keys.Hash(accessKind, accessToken) }

// Public makes a token that can be exchanged once for an access token of the Item.
func (t Tokens) Public(ctx context.Context, tx *store.Tx, tenant store.Tenant, itemID string) (token string, expires time.Time, err error) {
	token, expires = t.IDs.Token(publicKind, tenant.Environment), tx.Now.Add(PublicLife)
	// Expired tokens, of whatever tenant, are told apart from unknown ones for a day.
	if _, err := tx.Exec(ctx, `delete from public_tokens where expires_at <= $1`, tx.Now.Add(-publicMemory).UnixMilli()); err != nil {
		return "", time.Time{}, err
	}
	_, err = tx.Exec(ctx, `insert into public_tokens (token_hash, client_id, environment, item_id, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6)`, t.Keys.Hash(publicKind, token), tenant.Client, tenant.Environment, itemID, tx.Now.UnixMilli(), expires.UnixMilli())
	return token, expires, err
}

// Access makes one more access token of an Item.
func (t Tokens) Access(ctx context.Context, tx *store.Tx, tenant store.Tenant, itemID string) (string, error) {
	token := t.IDs.Token(accessKind, tenant.Environment)
	_, err := tx.Exec(ctx, `insert into access_tokens (token_hash, client_id, environment, item_id, created_at) values ($1, $2, $3, $4, $5)`,
		t.Hash(token), tenant.Client, tenant.Environment, itemID, tx.Now.UnixMilli())
	return token, err
}

// Forget deletes all access tokens of an Item.
func (t Tokens) Forget(ctx context.Context, tx *store.Tx, tenant store.Tenant, itemID string) error {
	tx.Changing(itemID)
	_, err := tx.Exec(ctx, `delete from access_tokens where item_id = $1 and client_id = $2 and environment = $3`,
		itemID, tenant.Client, tenant.Environment)
	return err
}

// Exchange spends a public token for an access token of its Item. Of any number of exchanges at once, one wins.
func (t Tokens) Exchange(ctx context.Context, tx *store.Tx, tenant store.Tenant, publicToken string) (accessToken, itemID string, err error) {
	hash := t.Keys.Hash(publicKind, publicToken)
	err = tx.QueryRow(ctx, `update public_tokens set used_at = $1
		where token_hash = $2 and client_id = $3 and environment = $4 and used_at is null and expires_at > $1 returning item_id`,
		tx.Now.UnixMilli(), hash, tenant.Client, tenant.Environment).Scan(&itemID)
	if errors.Is(err, store.ErrNotFound) {
		return "", "", publicProblem(ctx, tx, tenant, hash, publicToken)
	}
	if err != nil {
		return "", "", err
	}
	accessToken, err = t.Access(ctx, tx, tenant, itemID)
	return accessToken, itemID, err
}

// publicProblem tells why a public token of the tenant's own cannot be exchanged.
func publicProblem(ctx context.Context, tx *store.Tx, tenant store.Tenant, hash, token string) error {
	var expires int64
	err := tx.QueryRow(ctx, `select expires_at from public_tokens where token_hash = $1 and client_id = $2 and environment = $3`,
		hash, tenant.Client, tenant.Environment).Scan(&expires)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return problem("INVALID_PUBLIC_TOKEN", publicKind, "public token", token, tenant.Environment)
	case err != nil:
		return err
	case expires <= tx.Now.UnixMilli():
		return plaid.Errf("INVALID_PUBLIC_TOKEN", "provided public token is expired. Public tokens expire 30 minutes after creation at which point they can no longer be exchanged")
	}
	return plaid.Errf("INVALID_PUBLIC_TOKEN", "provided public token was exchanged already. Public tokens can be exchanged once")
}

// AccessProblem tells what is wrong with an access token that was not found.
func AccessProblem(token, environment string) error {
	return problem("INVALID_ACCESS_TOKEN", accessKind, "access token", token, environment)
}

// ProcessorProblem tells what is wrong with a processor token that was not found.
func ProcessorProblem(token, environment string) error {
	return problem("INVALID_PROCESSOR_TOKEN", ProcessorKind, "processor token", token, environment)
}

// problem tells what is wrong with a token that was not found, from its text alone: whether it exists for someone else is
// not told.
func problem(code plaid.Code, kind, name, token, environment string) error {
	if problem := ident.TokenProblem(token, kind, name, environment); problem != "" {
		return plaid.Errf(code, "%s", problem)
	}
	return plaid.Err(code)
}
