// Package bearer keeps the tokens that open all Items of a user by themselves, without a client's secret. They are no user_token,
// which names a user to whoever has the secret and opens nothing alone. The database has their keyed hashes only.
package bearer

import (
	"context"
	"errors"
	"strings"

	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// kind is the first words of a token, and what keeps its hash apart from those of other tokens.
const kind = "access-user"

// Service keeps tokens of users.
type Service struct {
	DB   *store.DB
	Keys *seal.Keys
	IDs  *ident.Source
}

// Is reports whether a text looks like a token of a user, rather than one of an Item.
func Is(token string) bool { return strings.HasPrefix(token, kind+"-") }

// Hash is what the database has of a token.
func (s *Service) Hash(token string) string { return s.Keys.Hash(kind, token) }

// holdQuery takes the row of a user that is there for the rest of the transaction: no token comes to one that is being removed.
const holdQuery = `update users set user_id = user_id where user_id = $1 and client_id = $2 and environment = $3 and removed_at is null`

// Mint makes one more token of a user, which is answered this once. A user that is gone is USER_NOT_FOUND.
func (s *Service) Mint(ctx context.Context, tenant store.Tenant, userID string) (token string, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		token, err = s.mint(ctx, tx, tenant, userID)
		return err
	})
	return token, err
}

// Rotate is Mint where all tokens that the user had before end.
func (s *Service) Rotate(ctx context.Context, tenant store.Tenant, userID string) (token string, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if err := s.Revoke(ctx, tx, tenant, userID); err != nil {
			return err
		}
		token, err = s.mint(ctx, tx, tenant, userID)
		return err
	})
	return token, err
}

func (s *Service) mint(ctx context.Context, tx *store.Tx, tenant store.Tenant, userID string) (string, error) {
	n, err := tx.Exec(ctx, holdQuery, userID, tenant.Client, tenant.Environment)
	if err != nil {
		return "", err
	}
	if n == 0 {
		return "", plaid.Err("USER_NOT_FOUND")
	}
	token := s.IDs.Token(kind, tenant.Environment)
	_, err = tx.Exec(ctx, `insert into user_bearers (token_hash, client_id, environment, user_id, created_at) values ($1, $2, $3, $4, $5)`,
		s.Hash(token), tenant.Client, tenant.Environment, userID, tx.Now.UnixMilli())
	return token, err
}

// findQuery finds whose a token is. A user that is gone has none, whatever is left of them.
const findQuery = `select b.client_id, b.environment, b.user_id from user_bearers b
	join users u on u.user_id = b.user_id and u.client_id = b.client_id and u.environment = b.environment
	where b.token_hash = $1 and u.removed_at is null`

// Find is the user whose token it is, and whose user that is: nothing else tells the tenant.
func (s *Service) Find(ctx context.Context, q store.Querier, token string) (tenant store.Tenant, userID string, err error) {
	if !Is(token) {
		return store.Tenant{}, "", plaid.Errf("INVALID_ACCESS_TOKEN", "provided access token is in an invalid format. expected format: %s-<environment>-<identifier>", kind)
	}
	err = q.QueryRow(ctx, findQuery, s.Hash(token)).Scan(&tenant.Client, &tenant.Environment, &userID)
	if errors.Is(err, store.ErrNotFound) {
		err = plaid.Err("INVALID_ACCESS_TOKEN")
	}
	return tenant, userID, err
}

// revokeQuery ends all tokens of a user.
const revokeQuery = `delete from user_bearers where user_id = $1 and client_id = $2 and environment = $3`

// Revoke ends all tokens of a user, also of one who has none.
func (s *Service) Revoke(ctx context.Context, tx *store.Tx, tenant store.Tenant, userID string) error {
	_, err := tx.Exec(ctx, revokeQuery, userID, tenant.Client, tenant.Environment)
	return err
}
