package investments

import (
	"bytes"
	"context"
	"encoding/json"

	"weft/internal/item"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/store"
)

type authRequest struct {
	Options accountOptions `json:"options"`
}

type authResponse struct {
	Accounts    []json.RawMessage `json:"accounts"`
	Holdings    []json.RawMessage `json:"holdings"`
	Securities  []json.RawMessage `json:"securities"`
	Owners      []authOwner       `json:"owners"`
	Numbers     authNumbers       `json:"numbers"`
	DataSources authSources       `json:"data_sources"`
	Item        json.RawMessage   `json:"item"`
}

type authOwner struct {
	AccountID string   `json:"account_id"`
	Names     []string `json:"names"`
}

type authNumbers struct {
	ACATS          []acats          `json:"acats"`
	ATON           []aton           `json:"aton"`
	Retirement401k []retirement401k `json:"retirement_401k"`
}

type acats struct {
	AccountID  string   `json:"account_id"`
	Account    string   `json:"account"`
	DTCNumbers []string `json:"dtc_numbers"`
}

type aton struct {
	AccountID string `json:"account_id"`
	Account   string `json:"account"`
}

type retirement401k struct {
	AccountID string `json:"account_id"`
	Plan      string `json:"plan"`
	Account   string `json:"account"`
}

// authSources tells where each part comes from: here always the institution.
type authSources struct {
	Numbers  string `json:"numbers"`
	Owners   string `json:"owners"`
	Holdings string `json:"holdings"`
}

const fromInstitution = "INSTITUTION"

// auth answers what a transfer of investment accounts needs. The numbers are opened for this answer alone, never cached.
func (s *service) auth(ctx context.Context, it item.Item, req authRequest) (authResponse, error) {
	it, err := s.items.WithProduct(ctx, it, authProductName, transferable, "NO_INVESTMENT_AUTH_ACCOUNTS")
	if err != nil {
		return authResponse{}, err
	}
	var res authResponse
	err = s.items.DB.Read(ctx, func(tx *store.Tx) error {
		res, err = s.readAuth(ctx, tx, it, document.Distinct(req.Options.AccountIDs))
		return err
	})
	return res, err
}

func (s *service) readAuth(ctx context.Context, tx *store.Tx, it item.Item, accountIDs []string) (authResponse, error) {
	parts, err := s.positions(ctx, tx, it, accountIDs)
	if err != nil {
		return authResponse{}, err
	}
	res := authResponse{Item: it.Document(), DataSources: authSources{fromInstitution, fromInstitution, fromInstitution}}
	if err := json.Unmarshal(append(bytes.Join(parts, nil), '}'), &res); err != nil {
		return authResponse{}, err
	}
	var ids []struct {
		AccountID string `json:"account_id"`
		Type      string `json:"type"`
	}
	if err := json.Unmarshal(document.Join(res.Accounts), &ids); err != nil {
		return authResponse{}, err
	}
	var transferables []string
	for _, a := range ids {
		if transferable(a.Type, "") {
			transferables = append(transferables, a.AccountID)
		}
	}
	if res.Numbers, err = s.authNumbers(ctx, tx, it, transferables); err != nil {
		return authResponse{}, err
	}
	res.Owners, err = authOwners(ctx, tx, it, transferables)
	return res, err
}

func (s *service) authNumbers(ctx context.Context, q store.Querier, it item.Item, accountIDs []string) (authNumbers, error) {
	out := authNumbers{ACATS: []acats{}, ATON: []aton{}, Retirement401k: []retirement401k{}}
	all, err := s.items.Numbers(ctx, q, it)
	for _, n := range all {
		if !plaid.Known(accountIDs, n.AccountID) {
			continue
		}
		if n.ACATS != nil {
			out.ACATS = append(out.ACATS, acats{n.AccountID, n.ACATS.Account, append([]string{}, n.ACATS.DTCNumbers...)})
		}
		if n.ATON != nil {
			out.ATON = append(out.ATON, aton{n.AccountID, n.ATON.Account})
		}
		if n.Retirement401k != nil {
			out.Retirement401k = append(out.Retirement401k, retirement401k{n.AccountID, n.Retirement401k.Plan, n.Retirement401k.Account})
		}
	}
	return out, err
}

func authOwners(ctx context.Context, q store.Querier, it item.Item, accountIDs []string) ([]authOwner, error) {
	docs, err := item.ReadDocuments(ctx, q, it, item.OwnersDocument)
	if err != nil {
		return nil, err
	}
	var all []item.AccountOwners
	if err := json.Unmarshal(docs.ByKind[item.OwnersDocument], &all); err != nil {
		return nil, err
	}
	owners := []authOwner{}
	for _, a := range all {
		if !plaid.Known(accountIDs, a.AccountID) {
			continue
		}
		names := []string{}
		for _, o := range a.Owners {
			names = append(names, o.Names...)
		}
		owners = append(owners, authOwner{a.AccountID, names})
	}
	return owners, nil
}
