package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"weft/internal/plaid"
	"weft/internal/product/link/settings"
	"weft/internal/store"
)

// How long a session lasts without its person doing anything, how long while they are in Link, and how long at most; and how long
// the address holds that opens it.
const (
	idle     = 30 * time.Minute
	awayFor  = time.Hour
	longest  = 4 * time.Hour
	openFor  = 2 * time.Minute
	idLength = 16
)

// keyKind and openingKind keep the hashes of a session's secrets apart, and formKind what its pages' forms bring.
const (
	keyKind     = "portal"
	openingKind = "portal-opening"
	formKind    = "portal-form"
)

// ErrEnded says that there is no session, or none any more.
var ErrEnded = errors.New("portal: the session has ended")

// Arrival is what a person comes with.
type Arrival struct {
	// Token is a token of a user (package bearer).
	Token string
	// CompletionURI is where they go when they are done, empty for nowhere. It must be one of the client's redirect URIs.
	CompletionURI string
	Language      string
	// Theme is LIGHT, DARK or SYSTEM.
	Theme string
}

// document is what a session keeps of an arrival.
type document struct {
	CompletionURI string `json:"completion_uri,omitempty"`
	Language      string `json:"language"`
	Theme         string `json:"theme"`
}

// visit is a session of the portal.
type visit struct {
	keyHash string
	tenant  store.Tenant
	userID  string
	document
}

// Enter begins a session. key is the secret for the browser's cookie; opening, an id that opens the portal once, together with it.
func (s *Service) Enter(ctx context.Context, a Arrival) (key, opening string, err error) {
	tenant, userID, err := s.Bearers.Find(ctx, s.Items.DB, a.Token)
	if err != nil {
		return "", "", err
	}
	if err := s.checkCompletion(ctx, tenant, a.CompletionURI); err != nil {
		return "", "", err
	}
	text, err := plaid.JSON(document{a.CompletionURI, a.Language, a.Theme})
	if err != nil {
		return "", "", err
	}
	key, opening = s.Items.IDs.Token("portal", tenant.Environment), s.Items.IDs.Hex(idLength)
	err = s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `delete from portal_sessions where ends_at <= $1`, tx.Now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into portal_sessions (key_hash, opening_hash, client_id, environment, user_id, document, opens_until, ends_at, last_at, token_hash)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, s.Items.Keys.Hash(keyKind, key), s.Items.Keys.Hash(openingKind, opening), tenant.Client, tenant.Environment,
			userID, string(text), tx.Now.Add(openFor).UnixMilli(), tx.Now.Add(idle).UnixMilli(), tx.Now.Add(longest).UnixMilli(), s.Bearers.Hash(a.Token))
		return err
	})
	return key, opening, err
}

// checkCompletion checks where a person is to go when they are done. It comes by way of their browser, so that it could be anybody's.
func (s *Service) checkCompletion(ctx context.Context, tenant store.Tenant, uri string) error {
	if uri == "" {
		return nil
	}
	set, err := settings.Read(ctx, s.Items.DB, tenant)
	if err != nil {
		return err
	}
	u, err := url.Parse(uri)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || !set.AllowsRedirect(tenant.Environment, uri) {
		return plaid.InvalidField("completion_redirect_uri", "must be a web address that is one of the client's redirect_uris: set them with /weft/link/settings/update")
	}
	return nil
}

// Open spends the id of the address that a person was led to. It opens nothing in another browser, which has not the key.
func (s *Service) Open(ctx context.Context, key, opening string) error {
	return s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update portal_sessions set opening_hash = null where key_hash = $1 and opening_hash = $2 and opens_until > $3`,
			s.Items.Keys.Hash(keyKind, key), s.Items.Keys.Hash(openingKind, opening), tx.Now.UnixMilli())
		if err == nil && n == 0 {
			err = ErrEnded
		}
		return err
	})
}

// findQuery is an open session whose user is there, and the token that it began with. One of before tokens were kept has none.
const findQuery = `select p.client_id, p.environment, p.user_id, p.document, p.last_at from portal_sessions p
	join users u on u.user_id = p.user_id and u.client_id = p.client_id and u.environment = p.environment
	left join user_bearers b on b.token_hash = p.token_hash and b.client_id = p.client_id and b.environment = p.environment
	where p.key_hash = $1 and p.opening_hash is null and p.ends_at > $2 and u.removed_at is null and (p.token_hash is null or b.token_hash is not null)`

// visit finds a session, which goes on for a time from now.
func (s *Service) visit(ctx context.Context, key string, lasts time.Duration) (v visit, err error) {
	v.keyHash = s.Items.Keys.Hash(keyKind, key)
	err = s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		var text string
		var last int64
		err := tx.QueryRow(ctx, findQuery, v.keyHash, tx.Now.UnixMilli()).Scan(&v.tenant.Client, &v.tenant.Environment, &v.userID, &text, &last)
		if errors.Is(err, store.ErrNotFound) {
			return ErrEnded
		}
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &v.document); err != nil {
			return fmt.Errorf("portal: stored session: %w", err)
		}
		ends := min(tx.Now.Add(lasts).UnixMilli(), last)
		_, err = tx.Exec(ctx, `update portal_sessions set ends_at = $1 where key_hash = $2 and client_id = $3 and environment = $4`,
			ends, v.keyHash, v.tenant.Client, v.tenant.Environment)
		return err
	})
	return v, err
}

// Form is what the forms of a session's pages bring: a page of another site does not know it, nor one of an earlier session.
func (s *Service) Form(key string) string { return s.Items.Keys.Hash(formKind, key) }

// Done ends a session, and says where its person goes then, empty for nowhere.
func (s *Service) Done(ctx context.Context, key string) (Visitor, error) {
	v, err := s.visit(ctx, key, idle)
	if err != nil {
		return Visitor{}, err
	}
	err = s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `delete from portal_sessions where key_hash = $1 and client_id = $2 and environment = $3`, v.keyHash, v.tenant.Client, v.tenant.Environment)
		return err
	})
	if err != nil {
		return Visitor{}, err
	}
	return s.visitor(ctx, v)
}
