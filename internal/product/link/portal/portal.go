// Package portal is where people look after their own links: with a token of their user, and no link token of their client's, they
// see what they have linked, link more, repair and remove. A session of it is that of one browser, which has its key in a cookie;
// what is linked and repaired is so in sessions of Link, on hosted pages.
package portal

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/ofuser"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/product/link/settings"
	"weft/internal/product/link/token"
	"weft/internal/store"
	"weft/internal/user/bearer"
)

// Service keeps the sessions of the portal.
type Service struct {
	Items   *item.Service
	Bearers *bearer.Service
	// BaseURL is where people reach the server.
	BaseURL string
}

// New is the portal of a server that people reach at baseURL.
func New(items *item.Service, baseURL string) *Service {
	return &Service{Items: items, Bearers: &bearer.Service{DB: items.DB, Keys: items.Keys, IDs: items.IDs}, BaseURL: baseURL}
}

// Path is the portal's home, to which Link leads back.
const Path = "/portal"

// Visitor is who is there, and how pages are for them.
type Visitor struct {
	ClientName, Environment, Language, Theme string
	// CompletionURI is where they go when they are done, empty for nowhere.
	CompletionURI string
}

// Home is what a person has linked.
type Home struct {
	Visitor
	Items []Item
}

// Item is one of them, oldest first.
type Item struct {
	ID            string
	InstitutionID string
	// Name is the institution's, empty for account numbers that were typed without one.
	Name, Color string
	HasLogo     bool
	// Attention: it does not work until it is repaired. AwaitsCode: it is to be confirmed by a code from a deposit.
	Attention, AwaitsCode bool
	Accounts              []Account
}

// Account is an account that is shared. Mask is the end of its number, empty if unknown.
type Account struct{ Name, Mask, Type, Subtype string }

// visitor is the person of a session.
func (s *Service) visitor(ctx context.Context, v visit) (Visitor, error) {
	set, err := settings.Read(ctx, s.Items.DB, v.tenant)
	if err != nil {
		return Visitor{}, err
	}
	name, err := s.name(ctx, v, set)
	return Visitor{ClientName: name, Environment: v.tenant.Environment, Language: v.Language, Theme: strings.ToLower(v.Theme), CompletionURI: v.CompletionURI}, err
}

// name is what a session's client is called.
func (s *Service) name(ctx context.Context, v visit, set settings.Settings) (string, error) {
	if set.PortalName != "" {
		return set.PortalName, nil
	}
	return s.Items.Clients.Name(ctx, v.tenant.Client)
}

// Home is what the person of a session has linked.
func (s *Service) Home(ctx context.Context, key string) (Home, error) {
	v, err := s.visit(ctx, key, idle)
	if err != nil {
		return Home{}, err
	}
	who, err := s.visitor(ctx, v)
	if err != nil {
		return Home{}, err
	}
	home := Home{Visitor: who}
	all, err := ofuser.Items(ctx, s.Items.DB, v.tenant, v.userID)
	if err != nil {
		return home, err
	}
	for _, one := range all {
		shown, err := s.shown(ctx, v.tenant, one)
		var gone *plaid.Error
		if errors.As(err, &gone) { // it was removed meanwhile
			continue
		}
		if err != nil {
			return home, err
		}
		home.Items = append(home.Items, shown)
	}
	return home, nil
}

// shown is an Item as its person sees it. Of one whose person has taken back all, no account is told.
func (s *Service) shown(ctx context.Context, tenant store.Tenant, one ofuser.Item) (Item, error) {
	out := Item{
		ID: one.ID, InstitutionID: one.InstitutionID, Name: one.InstitutionName, Attention: one.Error != "",
		AwaitsCode: one.Typed != nil && one.Typed.Status == plaid.PendingManual,
	}
	if ins, con, err := s.Items.Connectors.Institution(tenant.Environment, one.InstitutionID, s.Items.Clock.Now()); err == nil {
		if ins.PrimaryColor != nil {
			out.Color = *ins.PrimaryColor
		}
		if logos, ok := con.(connector.Logos); ok {
			_, out.HasLogo = logos.Logo(one.InstitutionID)
		}
	}
	if one.Revoked() != nil {
		return out, nil
	}
	it, err := s.Items.ItemByID(ctx, tenant, one.ID)
	if err != nil {
		return out, err
	}
	docs, err := item.ReadDocuments(ctx, s.Items.DB, it, item.AccountsDocument)
	if err != nil {
		return out, err
	}
	var accounts []plaid.Account
	if err := json.Unmarshal(docs.ByKind[item.AccountsDocument], &accounts); err != nil {
		return out, err
	}
	for _, a := range accounts {
		if !slices.Contains(it.Gone, a.AccountID) {
			out.Accounts = append(out.Accounts, Account{Name: a.Name, Mask: text(a.Mask), Type: string(a.Type), Subtype: text(a.Subtype)})
		}
	}
	return out, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// mostMade is how many times an hour a person may begin to link or repair. Each session of Link bounds how often a bank's login may
// be tried; this bounds how many there are.
const (
	mostMade  = 20
	madeSince = time.Hour
)

// ErrTooMany says that a person has begun too often.
var ErrTooMany = errors.New("portal: too many sessions of Link in an hour")

// Link has the person of a session link accounts: at the path of a hosted page, which leads back.
func (s *Service) Link(ctx context.Context, key string) (path string, err error) {
	v, err := s.visit(ctx, key, awayFor)
	if err != nil {
		return "", err
	}
	set, err := settings.Read(ctx, s.Items.DB, v.tenant)
	if err != nil {
		return "", err
	}
	yes := true
	req := token.Request{EnableMultiItemLink: &yes}
	req.Products, req.RequiredIfSupported, req.Optional = set.Portal()
	return s.page(ctx, v, set, token.Terms{Request: req})
}

// Repair has the person of a session bring one of their Items up to date.
func (s *Service) Repair(ctx context.Context, key, itemID string) (path string, err error) {
	v, err := s.visit(ctx, key, awayFor)
	if err != nil {
		return "", err
	}
	it, err := s.own(ctx, v, itemID)
	if err != nil {
		return "", err
	}
	set, err := settings.Read(ctx, s.Items.DB, v.tenant)
	if err != nil {
		return "", err
	}
	return s.page(ctx, v, set, token.Terms{ItemIDs: []string{it.ID}})
}

// own is an Item of a session's person: another's is ITEM_NOT_FOUND, as one that is gone.
func (s *Service) own(ctx context.Context, v visit, itemID string) (item.Item, error) {
	it, err := s.Items.ItemByID(ctx, v.tenant, itemID)
	if err == nil && it.UserID != v.userID {
		err = plaid.Err("ITEM_NOT_FOUND")
	}
	return it, err
}

// page makes the hosted page of a person.
func (s *Service) page(ctx context.Context, v visit, set settings.Settings, terms token.Terms) (string, error) {
	name, err := s.name(ctx, v, set)
	if err != nil {
		return "", err
	}
	back := s.BaseURL + Path
	terms.UserID = v.userID
	r := &terms.Request
	r.ClientName, r.Language, r.CountryCodes, r.AppearanceMode = name, v.Language, plaid.CountryCodes, &v.Theme
	r.HostedLink = &token.HostedLink{CompletionRedirectURI: &back}
	if set.PortalWebhook != "" {
		r.Webhook = &set.PortalWebhook
	}
	return token.Page(ctx, s.Items, v.tenant, terms, func(tx *store.Tx) error {
		made, err := token.Made(ctx, tx, v.tenant, v.userID, tx.Now.Add(-madeSince))
		if err == nil && made >= mostMade {
			err = ErrTooMany
		}
		return err
	})
}

// Find is an Item of the person of a session, which is asked about before it is removed.
func (s *Service) Find(ctx context.Context, key, itemID string) (Home, error) {
	home, err := s.Home(ctx, key)
	if err != nil {
		return home, err
	}
	home.Items = slices.DeleteFunc(home.Items, func(i Item) bool { return i.ID != itemID })
	if len(home.Items) == 0 {
		err = plaid.Err("ITEM_NOT_FOUND")
	}
	return home, err
}

// Remove removes an Item of the person of a session with all that is stored of it. The client is told that they have taken back
// what they shared.
func (s *Service) Remove(ctx context.Context, key, itemID string) error {
	v, err := s.visit(ctx, key, idle)
	if err != nil {
		return err
	}
	it, err := s.own(ctx, v, itemID)
	if err != nil {
		return err
	}
	return s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		if it.Revoked() == nil { // else it was told before
			if err := s.Items.Events.Tell(ctx, tx, it.Target(), state.ErrorEvent("USER_PERMISSION_REVOKED")); err != nil {
				return err
			}
		}
		return s.Items.RemoveIn(ctx, tx, it)
	})
}
