package simplefin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Bounds of an access.
const (
	mostItems   = 100
	longestName = 100
)

type createRequest struct {
	AccessTokens []string `json:"access_tokens" weft:"required"`
	Name         *string  `json:"name"`
}

// Validate checks the fields by themselves.
func (r *createRequest) Validate(httpapi.Version) error {
	if len(r.AccessTokens) == 0 || len(r.AccessTokens) > mostItems {
		return plaid.InvalidField("access_tokens", fmt.Sprintf("must name 1 to %d Items", mostItems))
	}
	if r.Name == nil {
		return nil
	}
	return CheckName("name", *r.Name)
}

// CheckName checks what an access is called. The name is shown on terminals too.
func CheckName(field, name string) error {
	if len([]rune(name)) > longestName || strings.ContainsFunc(name, unicode.IsControl) {
		return plaid.InvalidField(field, fmt.Sprintf("must have at most %d characters, and no control characters", longestName))
	}
	return nil
}

type createResponse struct {
	AccessID   string `json:"access_id"`
	SetupToken string `json:"setup_token"`
	Expiration string `json:"expiration"`
}

func (s *service) create(ctx context.Context, tenant store.Tenant, req createRequest) (createResponse, error) {
	var ids []string
	for _, token := range req.AccessTokens {
		it, err := s.items.ItemOf(ctx, tenant, token)
		if err != nil {
			return createResponse{}, err
		}
		if !slices.Contains(ids, it.ID) {
			ids = append(ids, it.ID)
		}
	}
	name := ""
	if req.Name != nil {
		name = *req.Name
	}
	made, err := s.accesses.Create(ctx, tenant, s.baseURL, name, ids)
	return createResponse{AccessID: made.ID, SetupToken: made.SetupToken, Expiration: plaid.Timestamp(made.ExpiresAt)}, err
}

type listResponse struct {
	Accesses []accessWire `json:"accesses"`
}

// accessWire is an access as it is listed: its Items that there still are, and when its setup token expires or was claimed.
type accessWire struct {
	AccessID   string     `json:"access_id"`
	Name       string     `json:"name"`
	Items      []itemWire `json:"items"`
	CreatedAt  string     `json:"created_at"`
	Expiration string     `json:"expiration"`
	ClaimedAt  *string    `json:"claimed_at"`
	LastUsedAt *string    `json:"last_used_at"`
}

type itemWire struct {
	ItemID          string `json:"item_id"`
	InstitutionName string `json:"institution_name"`
}

func (s *service) list(ctx context.Context, tenant store.Tenant, _ httpapi.None) (listResponse, error) {
	list, err := s.accesses.List(ctx, tenant)
	if err != nil {
		return listResponse{}, err
	}
	items, err := s.items.List(ctx, tenant)
	if err != nil {
		return listResponse{}, err
	}
	names := make(map[string]string, len(items))
	for _, it := range items {
		names[it.ID] = it.InstitutionName
	}
	res := listResponse{Accesses: make([]accessWire, len(list))}
	for i, one := range list {
		w := accessWire{
			AccessID: one.ID, Name: one.Name, Items: []itemWire{}, CreatedAt: plaid.Timestamp(one.CreatedAt),
			Expiration: plaid.Timestamp(one.ExpiresAt), ClaimedAt: timestamp(one.ClaimedAt), LastUsedAt: timestamp(one.UsedAt),
		}
		for _, id := range one.ItemIDs {
			if name, ok := names[id]; ok {
				w.Items = append(w.Items, itemWire{id, name})
			}
		}
		res.Accesses[i] = w
	}
	return res, nil
}

func timestamp(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := plaid.Timestamp(*t)
	return &s
}

type removeRequest struct {
	AccessID string `json:"access_id" weft:"required"`
}

func (s *service) remove(ctx context.Context, tenant store.Tenant, req removeRequest) (httpapi.None, error) {
	return httpapi.None{}, s.accesses.Remove(ctx, tenant, req.AccessID)
}
