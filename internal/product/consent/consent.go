// Package consent is the product of what users agree to share: the history of it, and the applications that have access.
// An application is an API client; its application_id is its client_id.
package consent

import (
	"context"
	"errors"
	"strconv"

	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/consent"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// New is the product.
func New(items *item.Service) product.Product {
	s := &service{items}
	return product.Product{Name: "consent", Routes: []httpapi.Route{
		{Path: "/consent/events/get", Summary: "What an Item's user has agreed to share and taken back", Endpoint: item.Endpoint(items, s.events)},
		{Path: "/item/activity/list", Summary: "What has happened to the consent of an Item, or of all Items", Endpoint: product.Endpoint(items.Clients, items.Clock, s.activities)},
		{Path: "/item/application/list", Summary: "The applications that have access to an Item", Endpoint: product.Endpoint(items.Clients, items.Clock, s.applications)},
		{Path: "/item/application/unlink", Summary: "Take an application's access to an Item back", Endpoint: item.Endpoint(items, s.unlink)},
	}}
}

type service struct{ items *item.Service }

// Event is a consent event as the contract has it.
type Event struct {
	ItemID            string            `json:"item_id"`
	CreatedAt         string            `json:"created_at"`
	EventType         string            `json:"event_type"`
	EventCode         string            `json:"event_code"`
	InstitutionID     string            `json:"institution_id"`
	InstitutionName   string            `json:"institution_name"`
	Initiator         string            `json:"initiator"`
	ConsentedUseCases []string          `json:"consented_use_cases"`
	ConsentedScopes   []string          `json:"consented_data_scopes"`
	ConsentedAccounts []consent.Account `json:"consented_accounts"`
}

type eventsResponse struct {
	Events []Event `json:"consent_events"`
}

// eventsPage is how many events are read at once: the answer has all of them.
const eventsPage = 500

// events are all events of an Item, newest first.
func (s *service) events(ctx context.Context, it item.Item, _ httpapi.None) (eventsResponse, error) {
	res := eventsResponse{Events: []Event{}}
	for at := consent.First; ; {
		list, err := consent.OfItem(ctx, s.items.DB, it.Tenant, it.ID, at, eventsPage)
		if err != nil || len(list) == 0 {
			return res, err
		}
		for _, r := range list {
			if r.Type != "" && r.Consent != nil {
				res.Events = append(res.Events, event(r))
			}
		}
		at = list[len(list)-1].Position()
	}
}

func event(r consent.Record) Event {
	return Event{
		ItemID: r.ItemID, CreatedAt: plaid.Timestamp(r.CreatedAt), EventType: r.Type, EventCode: r.Code, Initiator: r.Initiator,
		InstitutionID: r.Consent.InstitutionID, InstitutionName: r.Consent.InstitutionName,
		ConsentedUseCases: []string{}, ConsentedScopes: r.Consent.Scopes, ConsentedAccounts: r.Consent.Accounts,
	}
}

// mostActivities is the greatest page, and the one where none is asked for.
const mostActivities = 50

type activitiesRequest struct {
	AccessToken *string `json:"access_token"`
	Cursor      *string `json:"cursor"`
	Count       *int64  `json:"count"`
}

// Validate checks the page.
func (r *activitiesRequest) Validate(httpapi.Version) error {
	if r.Count != nil && (*r.Count < 1 || *r.Count > mostActivities) {
		return plaid.InvalidField("count", "must be between 1 and 50")
	}
	_, err := r.after()
	return err
}

// after is where the page begins.
func (r *activitiesRequest) after() (consent.Position, error) {
	if r.Cursor == nil || *r.Cursor == "" {
		return consent.First, nil
	}
	at, err := consent.ParsePosition(*r.Cursor)
	if err != nil {
		return at, plaid.InvalidField("cursor", "must be the cursor of an answer of /item/activity/list")
	}
	return at, nil
}

// Activity is an event as /item/activity/list tells it.
type Activity struct {
	Activity      string     `json:"activity"`
	InitiatedDate plaid.Date `json:"initiated_date"`
	ID            string     `json:"id"`
	Initiator     string     `json:"initiator"`
	State         string     `json:"state"`
	Target        string     `json:"target_application_id"`
	Scopes        *Scopes    `json:"scopes"`
}

// Accesses would say when an application has last read what.
type Accesses struct{}

type activitiesResponse struct {
	Activities []Activity `json:"activities"`
	// Accesses is empty: what was read when is not recorded.
	Accesses []Accesses `json:"last_data_access_times"`
	Cursor   string     `json:"cursor,omitempty"`
}

// activities are a page of an Item's events, or of those of all of the client's Items, newest first. Those of Items that were
// removed are among the latter.
func (s *service) activities(ctx context.Context, tenant store.Tenant, req activitiesRequest) (activitiesResponse, error) {
	count := int64(mostActivities)
	if req.Count != nil {
		count = *req.Count
	}
	list, err := s.page(ctx, tenant, req, count+1)
	if err != nil {
		return activitiesResponse{}, err
	}
	res := activitiesResponse{Activities: []Activity{}, Accesses: []Accesses{}}
	if int64(len(list)) > count {
		list = list[:count]
		res.Cursor = list[count-1].Position().String()
	}
	for _, r := range list {
		res.Activities = append(res.Activities, Activity{
			Activity: r.Activity, InitiatedDate: plaid.DateOf(r.CreatedAt), State: "SUCCESS",
			ID: ident.Derive("activity", r.ItemID, strconv.FormatInt(r.Number, 10)), Initiator: tenant.Client, Target: tenant.Client, Scopes: scopes(r.Consent),
		})
	}
	return res, nil
}

// page are so many events of the Item that the request names, or of all.
func (s *service) page(ctx context.Context, tenant store.Tenant, req activitiesRequest, count int64) ([]consent.Record, error) {
	after, err := req.after()
	if err != nil {
		return nil, err
	}
	it, named, err := s.named(ctx, tenant, req.AccessToken)
	switch {
	case err != nil:
		return nil, err
	case named:
		return consent.OfItem(ctx, s.items.DB, tenant, it.ID, after, count)
	}
	return consent.OfTenant(ctx, s.items.DB, tenant, after, count)
}

// named is the Item that a request may name.
func (s *service) named(ctx context.Context, tenant store.Tenant, accessToken *string) (it item.Item, named bool, err error) {
	token := httpapi.CallOf(ctx).AccessToken // the bearer's
	if accessToken != nil {
		if token = *accessToken; token == "" {
			return item.Item{}, false, plaid.InvalidField("access_token", "must be a non-empty string")
		}
	}
	if token == "" {
		return item.Item{}, false, nil
	}
	it, err = s.items.ItemOf(ctx, tenant, token)
	return it, true, err
}

// errNobody is the answer for an application that has no access.
var errNobody = plaid.InvalidField("application_id", "names no application that has access to the Item")

type unlinkRequest struct {
	ApplicationID string `json:"application_id" weft:"required"`
}

// unlink takes the access back: the Item answers nothing more until its user links it anew.
func (s *service) unlink(ctx context.Context, it item.Item, req unlinkRequest) (httpapi.None, error) {
	if req.ApplicationID != it.Tenant.Client {
		return httpapi.None{}, errNobody
	}
	err := s.items.Unlink(ctx, it)
	if errors.Is(err, item.ErrUnlinked) {
		err = errNobody
	}
	return httpapi.None{}, err
}
