package user

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"weft/internal/plaid"
	"weft/internal/store"
)

// Queries that find a tenant's user by either of its names.
const (
	byIDQuery    = `select user_id from users where user_id = $1 and client_id = $2 and environment = $3`
	byTokenQuery = `select user_id from users where token_hash = $1 and client_id = $2 and environment = $3`
)

var idShape = regexp.MustCompile(`^` + idPrefix + `[0-9A-Za-z]+$`)

// Find is the id of the user that a request names by user_id, by user_token, or by both, which must then be one user's. What is
// another tenant's is answered as what nobody has.
func (s *Service) Find(ctx context.Context, q store.Querier, tenant store.Tenant, userID, userToken *string) (id string, err error) {
	hash := func(token string) string { return s.Keys.Hash(tokenKind, token) }
	if userToken != nil {
		if id, err = find(ctx, q, byTokenQuery, hash(*userToken), tenant, "INVALID_USER_TOKEN"); err != nil {
			return "", err
		}
		if userID != nil && *userID != id && *userID != *userToken {
			return "", plaid.Errf("INVALID_USER_TOKEN", "user_token is not that of the user_id")
		}
		return id, nil
	}
	switch {
	case userID == nil:
		return "", plaid.MissingFields("user_id")
	case strings.HasPrefix(*userID, tokenKind+"-"):
		return find(ctx, q, byTokenQuery, hash(*userID), tenant, "USER_NOT_FOUND")
	case *userID == "":
		return "", plaid.Errf("INVALID_USER_ID", "user_id must be a non-empty string")
	case !idShape.MatchString(*userID):
		return "", plaid.Errf("INVALID_USER_ID", "user_id must be a properly formatted user_id, which begins with %s; a client_user_id is none", idPrefix)
	}
	return find(ctx, q, byIDQuery, *userID, tenant, "USER_NOT_FOUND")
}

func find(ctx context.Context, q store.Querier, query, name string, tenant store.Tenant, unknown plaid.Code) (id string, err error) {
	err = q.QueryRow(ctx, query, name, tenant.Client, tenant.Environment).Scan(&id)
	if errors.Is(err, store.ErrNotFound) {
		return "", plaid.Err(unknown)
	}
	return id, err
}

// holdQuery takes the row of a user that is there.
const holdQuery = `update users set user_id = user_id where user_id = $1 and client_id = $2 and environment = $3 and removed_at is null`

// Hold takes a user's row for the rest of the transaction: no Item comes to the user while another transaction removes it. A
// user that is gone is USER_NOT_FOUND.
func Hold(ctx context.Context, tx *store.Tx, tenant store.Tenant, id string) error {
	n, err := tx.Exec(ctx, holdQuery, id, tenant.Client, tenant.Environment)
	if err == nil && n == 0 {
		return plaid.Err("USER_NOT_FOUND")
	}
	return err
}

// gone is USER_NOT_FOUND for a user that was found and is not there any more.
func gone(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return plaid.Err("USER_NOT_FOUND")
	}
	return err
}
