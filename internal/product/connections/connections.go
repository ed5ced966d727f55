// Package connections is the product of logins at banks that reach several institutions, such as SimpleFIN's: they are opened
// with a token that the person has from there, and make an Item of each institution. `weft connections` on the command line
// does the same.
package connections

import (
	"context"
	"errors"
	"time"

	"weft/internal/connection"
	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// New is the product.
func New(items *item.Service, connections *connection.Service) product.Product {
	s := &service{connections}
	return product.Product{Name: "connections", Routes: []httpapi.Route{
		{Path: "/weft/connections/create", Summary: "Connect several institutions with a token, such as SimpleFIN's setup token", Endpoint: product.Endpoint(items.Clients, items.Clock, s.create)},
		{Path: "/weft/connections/list", Summary: "Connections, their Items, and what their last fetch has told", Endpoint: product.Endpoint(items.Clients, items.Clock, s.list)},
		{Path: "/weft/connections/refresh", Summary: "Ask a connection's institutions now", Endpoint: product.Endpoint(items.Clients, items.Clock, s.refresh)},
		{Path: "/weft/connections/remove", Summary: "Remove a connection with all of its Items", Endpoint: product.Endpoint(items.Clients, items.Clock, s.remove)},
		{Path: "/weft/accounts/correct", Summary: "Correct the type of an account where it was inferred", Endpoint: item.Endpoint(items, s.correct)},
	}}
}

type service struct{ connections *connection.Service }

type createRequest struct {
	// Connector is the source of data; simplefin if absent.
	Connector *string `json:"connector"`
	Token     string  `json:"token" weft:"required"`
}

// Validate refuses an empty token; what it is good for is the other side's to say.
func (r *createRequest) Validate(httpapi.Version) error {
	if r.Token == "" {
		return plaid.InvalidField("token", "must be a non-empty string")
	}
	return nil
}

// ItemResult is what became of one Item of a connection. AccessToken is set where the Item is new, and is shown this once.
type ItemResult struct {
	ItemID          string           `json:"item_id"`
	AccessToken     string           `json:"access_token,omitempty"`
	InstitutionID   string           `json:"institution_id"`
	InstitutionName string           `json:"institution_name"`
	Changes         item.Report      `json:"changes"`
	Error           *plaid.ItemError `json:"error"`
}

// Results are a round's results as they are answered.
func Results(round item.Round) []ItemResult {
	list := []ItemResult{}
	for _, r := range round.Results {
		one := ItemResult{ItemID: r.Item.ID, AccessToken: r.AccessToken, InstitutionID: r.Item.InstitutionID,
			InstitutionName: r.Item.InstitutionName, Changes: r.Report}
		if r.Report == nil {
			one.Changes = item.Report{}
		}
		if r.Err != nil {
			one.Error = wire(r.Err)
		}
		list = append(list, one)
	}
	return list
}

// createResponse has an error where the institutions could not be asked: the connection is there, and will ask them again.
type createResponse struct {
	ConnectionID string           `json:"connection_id"`
	Items        []ItemResult     `json:"items"`
	Error        *plaid.ItemError `json:"error"`
}

func (s *service) create(ctx context.Context, tenant store.Tenant, req createRequest) (createResponse, error) {
	name := "simplefin"
	if req.Connector != nil {
		name = *req.Connector
	}
	done, err := s.connections.Connect(ctx, tenant, name, req.Token)
	if err != nil {
		return createResponse{}, err
	}
	res := createResponse{ConnectionID: done.ID, Items: Results(done.Round)}
	if done.Err != nil {
		res.Error = done.Err.Wire()
	}
	return res, nil
}

// Connection is a connection as it is answered. Times are null for never.
type Connection struct {
	ConnectionID string           `json:"connection_id"`
	Connector    string           `json:"connector"`
	CreatedAt    string           `json:"created_at"`
	NextRefresh  *string          `json:"next_refresh"`
	Failures     int64            `json:"failures"`
	Items        []ConnectionItem `json:"items"`
	Notes        []connector.Note `json:"notes"`
}

// ConnectionItem is an Item of a connection.
type ConnectionItem struct {
	ItemID          string           `json:"item_id"`
	InstitutionID   string           `json:"institution_id"`
	InstitutionName string           `json:"institution_name"`
	Error           *plaid.ItemError `json:"error"`
}

type listResponse struct {
	Connections []Connection `json:"connections"`
}

func (s *service) list(ctx context.Context, tenant store.Tenant, _ httpapi.None) (listResponse, error) {
	all, err := s.connections.List(ctx, tenant)
	res := listResponse{Connections: []Connection{}}
	for _, c := range all {
		one := Connection{ConnectionID: c.ID, Connector: c.Connection.Connector, CreatedAt: plaid.Timestamp(c.CreatedAt),
			NextRefresh: timestamp(c.Due), Failures: c.Failures, Items: []ConnectionItem{}, Notes: c.Notes}
		if one.Notes == nil {
			one.Notes = []connector.Note{}
		}
		for _, it := range c.Items {
			ci := ConnectionItem{ItemID: it.ID, InstitutionID: it.InstitutionID, InstitutionName: it.InstitutionName}
			if err := it.Failed(); err != nil {
				ci.Error = wire(err)
			}
			one.Items = append(one.Items, ci)
		}
		res.Connections = append(res.Connections, one)
	}
	return res, err
}

func timestamp(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := plaid.Timestamp(*t)
	return &s
}

type idRequest struct {
	ConnectionID string `json:"connection_id" weft:"required"`
}

type refreshResponse struct {
	Items []ItemResult `json:"items"`
}

func (s *service) refresh(ctx context.Context, tenant store.Tenant, req idRequest) (refreshResponse, error) {
	round, err := s.connections.Refresh(ctx, tenant, req.ConnectionID)
	return refreshResponse{Results(round)}, err
}

func (s *service) remove(ctx context.Context, tenant store.Tenant, req idRequest) (httpapi.None, error) {
	return httpapi.None{}, s.connections.Remove(ctx, tenant, req.ConnectionID)
}

type correctRequest struct {
	AccountID string  `json:"account_id" weft:"required"`
	Type      string  `json:"type" weft:"required"`
	Subtype   *string `json:"subtype"`
}

// correctResponse has an error where the institution could not be asked: the account is corrected with its next answer.
type correctResponse struct {
	Item  plaid.Item       `json:"item"`
	Error *plaid.ItemError `json:"error"`
}

func (s *service) correct(ctx context.Context, it item.Item, req correctRequest) (correctResponse, error) {
	subtype := ""
	if req.Subtype != nil {
		subtype = *req.Subtype
	}
	fresh, later, err := s.connections.Correct(ctx, it, req.AccountID, req.Type, subtype)
	res := correctResponse{Item: fresh.Wire(fresh.ID)}
	if later != nil {
		res.Error = later.Wire()
	}
	return res, err
}

// wire is an error inside an answer; what is no *plaid.Error is told as the server's own.
func wire(err error) *plaid.ItemError {
	var pe *plaid.Error
	if !errors.As(err, &pe) {
		pe = plaid.Err(plaid.InternalServerError)
	}
	return pe.Wire()
}
