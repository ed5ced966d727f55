// Package processors keeps the tokens of processors: each reads one account of an Item, for whoever it was made. The database
// has their keyed hashes alone.
package processors

import (
	"context"
	"encoding/json"
	"errors"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/item/cache"
	"weft/internal/item/rows"
	"weft/internal/item/tokens"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// Tokens are the tokens of processors.
type Tokens struct {
	DB      *store.DB
	Keys    *seal.Keys
	IDs     *ident.Source
	Clock   clock.Clock
	Clients *client.Service
	Cache   *cache.Cache
}

// Grant is what a processor token allows its caller.
type Grant struct {
	// Item is that of the account. It belongs to the client that made the token, whoever calls.
	Item      rows.Item
	AccountID string
	// Products are those that may be read, empty for all.
	Products []string
	// Caller is the client that calls: the Item's own, or the processor.
	Caller store.Tenant

	hash string
}

// Own reports whether the caller is the client that made the token.
func (g Grant) Own() bool { return g.Caller == g.Item.Tenant }

// hash is what the database knows a token by.
func (t Tokens) hash(token string) string { return t.Keys.Hash(tokens.ProcessorKind, token) }

// Create makes a token for an account of a locked Item. An empty processor is nobody: only the Item's client may use it.
func (t Tokens) Create(ctx context.Context, tx *store.Tx, it rows.Item, accountID, processor string) (string, error) {
	return t.insert(ctx, tx, it, accountID, processor, t.IDs.Token(tokens.ProcessorKind, it.Tenant.Environment))
}

// stripeLetters is how long Stripe's tokens are behind their prefix.
const stripeLetters = 20

// CreateStripe is Create for Stripe, whose tokens have a form of their own.
func (t Tokens) CreateStripe(ctx context.Context, tx *store.Tx, it rows.Item, accountID string) (string, error) {
	return t.insert(ctx, tx, it, accountID, plaid.Stripe, "btok_"+t.IDs.ID()[:stripeLetters])
}

func (t Tokens) insert(ctx context.Context, tx *store.Tx, it rows.Item, accountID, processor, token string) (string, error) {
	_, err := tx.Exec(ctx, `insert into processor_tokens (token_hash, client_id, environment, item_id, account_id, processor, products, created_at)
		values ($1, $2, $3, $4, $5, $6, '[]', $7)`,
		t.hash(token), it.Tenant.Client, it.Tenant.Environment, it.ID, accountID, processor, tx.Now.UnixMilli())
	return token, err
}

// authorizeQuery finds a secret's client, a token that is the client's own or made for the processor that the client is, and
// the token's Item, in one point read. Another's token does not join, so it looks like an unknown one.
const authorizeQuery = `select k.environment, t.client_id, t.item_id, t.account_id, t.products, t.removed_at,
		i.item_key, i.connection_id, i.version, i.state
	from client_keys k
	join clients c on c.client_id = k.client_id
	left join processor_tokens t on t.token_hash = $1 and t.environment = k.environment and (t.client_id = k.client_id or t.processor = c.processor)
	left join items i on i.item_id = t.item_id and i.client_id = t.client_id and i.environment = t.environment
	where k.secret_hash = $2 and k.client_id = $3 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $4)`

// Authorize finds what the token of a call allows, and with it whether the call may be made at all.
func (t Tokens) Authorize(ctx context.Context, call *httpapi.Call) (Grant, error) {
	var environment string
	var owner, itemID, account, products, key, connection, record *string
	var removed, version *int64
	g := Grant{hash: t.hash(call.AccessToken)}
	err := t.DB.QueryRow(ctx, authorizeQuery, g.hash, t.Clients.Hash(call.Secret), call.ClientID, t.Clock.Now().UnixMilli()).
		Scan(&environment, &owner, &itemID, &account, &products, &removed, &key, &connection, &version, &record)
	if errors.Is(err, store.ErrNotFound) {
		return Grant{}, plaid.Err("INVALID_API_KEYS")
	}
	if err != nil {
		return Grant{}, err
	}
	g.Caller = store.Tenant{Client: call.ClientID, Environment: environment}
	call.Tenant = g.Caller
	switch {
	case itemID == nil:
		return Grant{}, tokens.ProcessorProblem(call.AccessToken, environment)
	case removed != nil || key == nil:
		return Grant{}, plaid.Err("ITEM_NOT_FOUND")
	}
	call.ItemID, g.AccountID = *itemID, *account
	if err := json.Unmarshal([]byte(*products), &g.Products); err != nil {
		return Grant{}, err
	}
	g.Item, err = rows.WithState(t.Cache, rows.Item{
		Key: *key, ID: *itemID, Tenant: store.Tenant{Client: *owner, Environment: environment}, ConnectionID: *connection, Version: *version,
	}, *record)
	return g, err
}

// Open is Authorize for what is read of the account, which the user must share and the bank must have. A user who shares it
// again, or a bank that states it again, has its tokens work again.
func (t Tokens) Open(ctx context.Context, call *httpapi.Call) (Grant, error) {
	g, err := t.Authorize(ctx, call)
	if err == nil && plaid.Known(g.Item.Gone, g.AccountID) {
		err = plaid.Err("INVALID_ACCOUNT_ID")
	}
	return g, err
}

// Allow refuses a token that is limited to other products than those that a route is of.
func (g Grant) Allow(products []string) error {
	if len(g.Products) == 0 || len(products) == 0 {
		return nil
	}
	for _, p := range products {
		if plaid.Known(g.Products, p) {
			return nil
		}
	}
	return plaid.Errf("INVALID_PRODUCT", "client is not authorized to access the following products: %s", plaid.Quoted(products[:1]))
}

// Limit sets the products that a token may read; none are all.
func (t Tokens) Limit(ctx context.Context, g Grant, products []string) error {
	text, err := plaid.JSON(append([]string{}, products...)) // not nil, which would be null
	if err != nil {
		return err
	}
	return t.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update processor_tokens set products = $1 where token_hash = $2 and client_id = $3 and environment = $4`,
			string(text), g.hash, g.Item.Tenant.Client, g.Item.Tenant.Environment)
		return err
	})
}
