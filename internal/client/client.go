package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// secretKind keeps the hashes of client secrets apart from those of tokens.
const secretKind = "secret"

// Service keeps clients.
type Service struct {
	DB   *store.DB
	Keys *seal.Keys
	IDs  *ident.Source
}

// Client is an API client.
type Client struct {
	ClientID, PublicKey, Name string
	// Processor is the processor that the client is, empty for none: tokens that are made for it are the client's to use.
	Processor string
	CreatedAt time.Time
}

// Key is one secret of a client, without the secret. Last4 are its last four characters.
type Key struct {
	KeyID, ClientID, Environment, Last4 string
	CreatedAt                           time.Time
	ExpiresAt, RevokedAt                *time.Time
}

// Valid reports whether the key opens calls at a moment.
func (k Key) Valid(now time.Time) bool {
	return k.RevokedAt == nil && (k.ExpiresAt == nil || k.ExpiresAt.After(now))
}

// Secrets are freshly made secrets by environment. They are shown once.
type Secrets map[string]string

// Preset are credentials that the operator chooses: the client_id and secrets by environment, each may be empty.
type Preset struct {
	ClientID string
	Secrets  Secrets
}

// Hash is what is stored of a secret.
func (s *Service) Hash(secret string) string { return s.Keys.Hash(secretKind, secret) }

// KeysMark is the mark of which keys there are ([store.DB.Mark]), of all clients.
const KeysMark = "client keys"

// Authorize finds whose secret it is. Unknown, foreign, expired and revoked secrets have one answer.
func (s *Service) Authorize(ctx context.Context, clientID, secret string, now time.Time) (store.Tenant, error) {
	var environment string
	err := s.DB.QueryRow(ctx, authorizeQuery, s.Hash(secret), clientID, now.UnixMilli()).Scan(&environment)
	if errors.Is(err, store.ErrNotFound) {
		return store.Tenant{}, plaid.Err("INVALID_API_KEYS")
	}
	return store.Tenant{Client: clientID, Environment: environment}, err
}

const authorizeQuery = `select environment from client_keys
	where secret_hash = $1 and client_id = $2 and revoked_at is null and (expires_at is null or expires_at > $3)`

// EnsureFirst makes the first client where there is none, and makes the operator's preset secrets valid, but for those that
// were rotated out or revoked. It returns the secrets that it has made up, which nobody knows yet.
func (s *Service) EnsureFirst(ctx context.Context, preset Preset) (first Client, made Secrets, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		made = Secrets{}
		// Servers that start at once on one PostgreSQL wait here for each other: else each would make a first client.
		if _, err := tx.Exec(ctx, `update instance set epoch = epoch where id = 1`); err != nil {
			return err
		}
		first, err = s.first(ctx, tx, preset.ClientID)
		if errors.Is(err, store.ErrNotFound) {
			first, made, err = s.create(ctx, tx, "first client", preset)
			return err
		}
		if err != nil {
			return err
		}
		for _, env := range plaid.Environments {
			if secret := preset.Secrets[env]; secret != "" {
				if err := s.ensureKey(ctx, tx, first.ClientID, env, secret); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return first, made, err
}

// first finds the preset client, or the oldest one where none is preset.
func (s *Service) first(ctx context.Context, tx *store.Tx, clientID string) (Client, error) {
	if clientID != "" {
		return s.scanClient(tx.QueryRow(ctx, `select client_id, public_key, name, coalesce(processor, ''), created_at from clients where client_id = $1`, clientID))
	}
	return s.scanClient(tx.QueryRow(ctx, `select client_id, public_key, name, coalesce(processor, ''), created_at from clients order by created_at, client_id limit 1`))
}

func (s *Service) scanClient(row store.Row) (Client, error) {
	var c Client
	var created int64
	err := row.Scan(&c.ClientID, &c.PublicKey, &c.Name, &c.Processor, &created)
	c.CreatedAt = time.UnixMilli(created).UTC()
	return c, err
}

func (s *Service) ensureKey(ctx context.Context, tx *store.Tx, clientID, env, secret string) error {
	var owner, ownerEnv string
	err := tx.QueryRow(ctx, `select client_id, environment from client_keys where secret_hash = $1`, s.Hash(secret)).Scan(&owner, &ownerEnv)
	if errors.Is(err, store.ErrNotFound) {
		_, err = s.addKey(ctx, tx, clientID, env, secret)
		return err
	}
	if err == nil && (owner != clientID || ownerEnv != env) {
		return fmt.Errorf("the %s secret is in use already: each environment of each client needs a secret of its own", env)
	}
	return err
}

// Create makes a client with a secret for each environment.
func (s *Service) Create(ctx context.Context, name string) (c Client, secrets Secrets, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		c, secrets, err = s.create(ctx, tx, name, Preset{})
		return err
	})
	return c, secrets, err
}

func (s *Service) create(ctx context.Context, tx *store.Tx, name string, preset Preset) (Client, Secrets, error) {
	c := Client{ClientID: preset.ClientID, PublicKey: s.IDs.Hex(16), Name: name, CreatedAt: tx.Now}
	if c.ClientID == "" {
		c.ClientID = s.IDs.Hex(12)
	}
	_, err := tx.Exec(ctx, `insert into clients (client_id, public_key, name, created_at) values ($1, $2, $3, $4)`,
		c.ClientID, c.PublicKey, c.Name, tx.Now.UnixMilli())
	if err != nil {
		return Client{}, nil, fmt.Errorf("client %s: %w", c.ClientID, err)
	}
	made := Secrets{}
	for _, env := range plaid.Environments {
		secret := preset.Secrets[env]
		if secret == "" {
			secret = s.IDs.Hex(16)
			made[env] = secret
		}
		if err := s.ensureKey(ctx, tx, c.ClientID, env, secret); err != nil {
			return Client{}, nil, err
		}
	}
	return c, made, nil
}

// SetProcessor makes a client the processor of a name, so that it may use the tokens that are made for that; an empty name ends
// it. Several clients may be one processor.
func (s *Service) SetProcessor(ctx context.Context, clientID, processor string) error {
	if processor != "" && processor != plaid.Stripe && !plaid.Known(plaid.Processors, processor) {
		return fmt.Errorf("there is no processor %q", processor)
	}
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update clients set processor = nullif($1, '') where client_id = $2`, processor, clientID)
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: %s", ErrUnknown, clientID)
		}
		return err
	})
}

func (s *Service) addKey(ctx context.Context, tx *store.Tx, clientID, env, secret string) (Key, error) {
	letters := []rune(secret) // an operator's own secret may be any text
	k := Key{KeyID: s.IDs.Key(tx.Now), ClientID: clientID, Environment: env, Last4: string(letters[max(0, len(letters)-4):]), CreatedAt: tx.Now}
	_, err := tx.Exec(ctx, `insert into client_keys (key_id, client_id, environment, secret_hash, last4, created_at) values ($1, $2, $3, $4, $5, $6)`,
		k.KeyID, clientID, env, s.Hash(secret), k.Last4, tx.Now.UnixMilli())
	return k, err
}

// Name is a client's name.
func (s *Service) Name(ctx context.Context, clientID string) (name string, err error) {
	err = s.DB.QueryRow(ctx, `select name from clients where client_id = $1`, clientID).Scan(&name)
	return name, err
}

// List is every client, oldest first.
func (s *Service) List(ctx context.Context) ([]Client, error) {
	rows, err := s.DB.Query(ctx, `select client_id, public_key, name, coalesce(processor, ''), created_at from clients order by created_at, client_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Client
	for rows.Next() {
		c, err := s.scanClient(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// ListKeys is every key of a client, by environment, oldest first.
func (s *Service) ListKeys(ctx context.Context, clientID string) ([]Key, error) {
	rows, err := s.DB.Query(ctx, `select key_id, client_id, environment, last4, created_at, expires_at, revoked_at
		from client_keys where client_id = $1 order by environment, created_at, key_id`, clientID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Key
	for rows.Next() {
		k, err := scanKey(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, rows.Err()
}

func scanKey(row store.Row) (Key, error) {
	var k Key
	var created int64
	var expires, revoked *int64
	err := row.Scan(&k.KeyID, &k.ClientID, &k.Environment, &k.Last4, &created, &expires, &revoked)
	k.CreatedAt = time.UnixMilli(created).UTC()
	k.ExpiresAt, k.RevokedAt = clock.Moment(expires), clock.Moment(revoked)
	return k, err
}

// ErrUnknown says that there is no such client or key.
var ErrUnknown = errors.New("no such client or key")

// Rotate makes a new secret for an environment and lets the valid older ones live for the overlap, at most as long as
// they had to live anyway. An overlap of 0 ends them at once.
func (s *Service) Rotate(ctx context.Context, clientID, environment string, overlap time.Duration) (secret string, key Key, err error) {
	if !slices.Contains(plaid.Environments, environment) {
		return "", Key{}, fmt.Errorf("there is no environment %q; use sandbox, development or production", environment)
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		var n int64
		if err := tx.QueryRow(ctx, `select count(*) from clients where client_id = $1`, clientID).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%w: %s", ErrUnknown, clientID)
		}
		tx.Changing(KeysMark)
		end := tx.Now.Add(overlap).UnixMilli()
		_, err := tx.Exec(ctx, `update client_keys set expires_at = $1
			where client_id = $2 and environment = $3 and revoked_at is null and (expires_at is null or expires_at > $1)`,
			end, clientID, environment)
		if err != nil {
			return err
		}
		secret = s.IDs.Hex(16)
		key, err = s.addKey(ctx, tx, clientID, environment, secret)
		return err
	})
	return secret, key, err
}

// Revoke ends a key at once.
func (s *Service) Revoke(ctx context.Context, keyID string) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		tx.Changing(KeysMark)
		n, err := tx.Exec(ctx, `update client_keys set revoked_at = $1 where key_id = $2 and revoked_at is null`, tx.Now.UnixMilli(), keyID)
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: %s", ErrUnknown, keyID)
		}
		return err
	})
}
