package users

import (
	"context"
	"net/http"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/user"
	"weft/internal/user/identity"
)

// Names of the two forms of an identity.
const (
	present = "identity"
	older   = "consumer_report_user_identity"
)

type createRequest struct {
	ClientUserID string             `json:"client_user_id" weft:"required"`
	Identity     *identity.Identity `json:"identity"`
	// EndCustomer is a reseller's own customer, for whom reports are billed. Nothing here is, so it is not kept.
	EndCustomer      *string            `json:"end_customer"`
	Consumer         *identity.Consumer `json:"consumer_report_user_identity"`
	WithUpgradedUser *bool              `json:"with_upgraded_user"`
}

// most is how many characters a client's own ids may have.
const most = 128

// Validate checks the fields by themselves.
func (r *createRequest) Validate(httpapi.Version) error {
	switch {
	case r.ClientUserID == "":
		return plaid.InvalidField("client_user_id", "must be a non-empty string")
	case len([]rune(r.ClientUserID)) > most:
		return plaid.InvalidField("client_user_id", "must have at most 128 characters")
	case r.EndCustomer != nil && len([]rune(*r.EndCustomer)) > most:
		return plaid.InvalidField("end_customer", "must have at most 128 characters")
	}
	return nil
}

// older reports whether a user with a token is meant. The request's own field decides, then the header, then the form of the
// identity; where nothing is said it is a user of today's kind.
func (r *createRequest) older(header *bool) (bool, error) {
	token := r.Consumer != nil
	switch {
	case r.WithUpgradedUser != nil:
		token = !*r.WithUpgradedUser
	case header != nil:
		token = !*header
	}
	switch {
	case token && r.Identity != nil:
		return false, plaid.InvalidField(present, "is for users without a user_token: leave out "+older+" and set with_upgraded_user to true")
	case !token && r.Consumer != nil:
		return false, plaid.InvalidField(older, "is for users with a user_token: give "+present+", or set with_upgraded_user to false")
	}
	return token, nil
}

type createResponse struct {
	UserID    string `json:"user_id"`
	UserToken string `json:"user_token,omitempty"`
}

// create makes a user: 201. Where the client_user_id has one already it is answered with 200, and a user_token is refused.
func (s *service) create(ctx context.Context, tenant store.Tenant, req createRequest) (createResponse, error) {
	call := httpapi.CallOf(ctx)
	known, err := s.told(req.Identity, req.Consumer)
	if err != nil {
		return createResponse{}, err
	}
	token, err := req.older(call.NewUsers)
	if err != nil {
		return createResponse{}, err
	}
	u, isNew, err := s.users.Create(ctx, tenant, user.Wanted{ClientUserID: req.ClientUserID, Token: token, Identity: known})
	if err != nil {
		return createResponse{}, err
	}
	if token {
		return createResponse{UserID: u.ID, UserToken: u.Token}, nil
	}
	if isNew {
		call.Status = http.StatusCreated
	}
	return createResponse{UserID: u.Name()}, nil
}

// told is what a request tells of a person in one of the two forms, nil for nothing.
func (s *service) told(id *identity.Identity, consumer *identity.Consumer) (*identity.Identity, error) {
	today := plaid.DateOf(s.items.Clock.Now())
	if consumer != nil {
		converted, err := consumer.Identity(older, today)
		if err == nil && id != nil {
			err = plaid.InvalidField(older, "must not be given together with "+present)
		}
		return &converted, err
	}
	if id != nil {
		return id, id.Normalise(present, today)
	}
	return nil, nil
}

type updateRequest struct {
	UserID    *string            `json:"user_id"`
	UserToken *string            `json:"user_token"`
	Identity  *identity.Identity `json:"identity"`
	Consumer  *identity.Consumer `json:"consumer_report_user_identity"`
}

// update changes what is known of a user: fields that are given take the place of those that are there, the others stay.
func (s *service) update(ctx context.Context, tenant store.Tenant, req updateRequest) (httpapi.None, error) {
	newer, err := s.told(req.Identity, req.Consumer)
	if err != nil {
		return httpapi.None{}, err
	}
	return httpapi.None{}, s.users.Update(ctx, tenant, req.UserID, req.UserToken, func(u user.User) (identity.Identity, error) {
		switch {
		case newer == nil:
			return identity.Identity{}, plaid.MissingFields(present)
		case req.Consumer != nil && u.Token == "":
			return identity.Identity{}, plaid.InvalidField(older, "is for users with a user_token: give "+present)
		}
		return *newer, nil
	})
}
