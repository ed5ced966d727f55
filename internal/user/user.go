package user

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/user/bearer"
	"weft/internal/user/identity"
)

// tokenKind is the first word of a user token, and what keeps its hash apart from those of other tokens.
const tokenKind = "user"

// idPrefix begins the id of a user of today's kind, idLength is how many letters and digits follow.
const (
	idPrefix = "usr_"
	idLength = 14
)

// Service keeps users.
type Service struct {
	DB   *store.DB
	Keys *seal.Keys
	IDs  *ident.Source
}

// User is a user as it is kept.
type User struct {
	// ID is what the Items of the user have. Of a user with a token it is answered once, and names it in no request.
	ID, ClientUserID string
	// Token is that of a user of the older kind, empty for others.
	Token    string
	Identity *identity.Identity
	// UpdatedAt is CreatedAt where nothing has changed since.
	CreatedAt, UpdatedAt time.Time
}

// Name is what names the user in requests of today's kind.
func (u User) Name() string {
	if u.Token != "" {
		return u.Token
	}
	return u.ID
}

// record is what is sealed of a user.
type record struct {
	Token    string             `json:"token,omitempty"`
	Identity *identity.Identity `json:"identity,omitempty"`
}

// place is where a user's record stands.
func place(tenant store.Tenant, id string) seal.Place {
	return seal.Place{Tenant: tenant.Client + "/" + tenant.Environment, Table: "users", Column: "record", Row: id}
}

func (s *Service) seal(tenant store.Tenant, u User) (string, error) {
	plain, err := json.Marshal(record{u.Token, u.Identity})
	if err != nil {
		return "", err
	}
	return s.Keys.Seal(plain, place(tenant, u.ID))
}

// columns are a user's row as read understands it.
const columns = `user_id, client_user_id, record, created_at, updated_at`

func (s *Service) read(tenant store.Tenant, row store.Row) (u User, err error) {
	var sealed string
	var created, updated int64
	if err := row.Scan(&u.ID, &u.ClientUserID, &sealed, &created, &updated); err != nil {
		return User{}, err
	}
	u.CreatedAt, u.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	if sealed == "" { // it was removed
		return u, nil
	}
	plain, err := s.Keys.Open(sealed, place(tenant, u.ID))
	if err != nil {
		return User{}, err
	}
	var r record
	if err := json.Unmarshal(plain, &r); err != nil {
		return User{}, fmt.Errorf("user: stored record: %w", err)
	}
	u.Token, u.Identity = r.Token, r.Identity
	return u, nil
}

// Wanted is a user to be made.
type Wanted struct {
	ClientUserID string
	// Token: of the older kind, with a user_token.
	Token    bool
	Identity *identity.Identity
}

// createQuery makes a user, or takes the row of the one that has the client_user_id already for the rest of the transaction.
const createQuery = `insert into users (user_id, client_id, environment, client_user_id, token_hash, record, created_at, updated_at)
	values ($1, $2, $3, $4, $5, $6, $7, $7)
	on conflict (client_id, environment, client_user_id) do update set client_user_id = excluded.client_user_id
	returning ` + columns

// Create makes a user, and reports whether there was none of that client_user_id. Where there is one, a request of today's kind
// is answered with it, and what it tells of the person is added; one of the older kind is refused.
func (s *Service) Create(ctx context.Context, tenant store.Tenant, want Wanted) (u User, isNew bool, err error) {
	fresh := User{ID: idPrefix + s.IDs.ID()[:idLength], ClientUserID: want.ClientUserID, Identity: want.Identity}
	var hash *string
	if want.Token {
		fresh.ID, fresh.Token = s.IDs.ID(), s.IDs.Token(tokenKind, tenant.Environment)
		h := s.Keys.Hash(tokenKind, fresh.Token)
		hash = &h
	}
	sealed, err := s.seal(tenant, fresh)
	if err != nil {
		return User{}, false, err
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		insert := func() (err error) {
			u, err = s.read(tenant, tx.QueryRow(ctx, createQuery, fresh.ID, tenant.Client, tenant.Environment, fresh.ClientUserID, hash, sealed, tx.Now.UnixMilli()))
			isNew = u.ID == fresh.ID
			return err
		}
		if err := insert(); err != nil || isNew {
			return err
		}
		if want.Token {
			return plaid.InvalidField("client_user_id", "must be new: a user has been created for the given client_user_id")
		}
		gone, err := s.forget(ctx, tx, tenant, u.ID)
		if err != nil {
			return err
		}
		if gone {
			return insert()
		}
		return s.add(ctx, tx, tenant, &u, want.Identity)
	})
	return u, isNew, err
}

// forget deletes what is left of a user with a token that was removed, and reports whether the user is such a one.
func (s *Service) forget(ctx context.Context, tx *store.Tx, tenant store.Tenant, id string) (bool, error) {
	n, err := tx.Exec(ctx, `delete from users where user_id = $1 and client_id = $2 and environment = $3 and removed_at is not null`,
		id, tenant.Client, tenant.Environment)
	return n > 0, err
}

// Update adds to what is known of a user: the fields that are given take the place of those that are there.
func (s *Service) Update(ctx context.Context, tenant store.Tenant, userID, userToken *string, newer func(User) (identity.Identity, error)) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		id, err := s.Find(ctx, tx, tenant, userID, userToken)
		if err != nil {
			return err
		}
		u, err := s.read(tenant, tx.QueryRow(ctx, holdQuery+` returning `+columns, id, tenant.Client, tenant.Environment))
		if err != nil {
			return gone(err)
		}
		with, err := newer(u)
		if err != nil {
			return err
		}
		return s.add(ctx, tx, tenant, &u, &with)
	})
}

// add writes what a user whose row is held is told to have besides, if anything.
func (s *Service) add(ctx context.Context, tx *store.Tx, tenant store.Tenant, u *User, newer *identity.Identity) error {
	if newer == nil {
		return nil
	}
	var known identity.Identity
	if u.Identity != nil {
		known = *u.Identity
	}
	known = known.With(*newer)
	u.Identity, u.UpdatedAt = &known, tx.Now
	sealed, err := s.seal(tenant, *u)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update users set record = $1, updated_at = $2 where user_id = $3 and client_id = $4 and environment = $5`,
		sealed, tx.Now.UnixMilli(), u.ID, tenant.Client, tenant.Environment)
	return err
}

// Get is a user with what is known of them.
func (s *Service) Get(ctx context.Context, tenant store.Tenant, userID string) (u User, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		id, err := s.Find(ctx, tx, tenant, &userID, nil)
		if err != nil {
			return err
		}
		u, err = s.read(tenant, tx.QueryRow(ctx, `select `+columns+` from users where user_id = $1 and client_id = $2 and environment = $3 and removed_at is null`,
			id, tenant.Client, tenant.Environment))
		return gone(err)
	})
	return u, err
}

// ByID is the user that an Item names. One that is gone is store.ErrNotFound.
func (s *Service) ByID(ctx context.Context, tenant store.Tenant, id string) (User, error) {
	return s.read(tenant, s.DB.QueryRow(ctx, `select `+columns+` from users where user_id = $1 and client_id = $2 and environment = $3 and removed_at is null`,
		id, tenant.Client, tenant.Environment))
}

// Remove deletes a user whose row is held and whose Items are gone, with the tokens that open their Items. Of a user with a
// user_token the client_user_id stays.
func (s *Service) Remove(ctx context.Context, tx *store.Tx, tenant store.Tenant, id string) error {
	bearers := bearer.Service{DB: s.DB, Keys: s.Keys, IDs: s.IDs}
	if err := bearers.Revoke(ctx, tx, tenant, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update users set token_hash = null, record = '', updated_at = $1, removed_at = $1
		where user_id = $2 and client_id = $3 and environment = $4 and token_hash is not null`, tx.Now.UnixMilli(), id, tenant.Client, tenant.Environment)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from users where user_id = $1 and client_id = $2 and environment = $3 and removed_at is null`,
		id, tenant.Client, tenant.Environment)
	return err
}
