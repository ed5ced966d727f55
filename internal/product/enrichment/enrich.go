package enrichment

import (
	"context"
	"fmt"

	"weft/internal/enrich"
	"weft/internal/enrich/taxonomy"
	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/store"
)

// mostEnriched is how many transactions one call may have.
const mostEnriched = 100

type enrichRequest struct {
	AccountType  string         `json:"account_type" weft:"required"`
	Transactions []foreign      `json:"transactions" weft:"required"`
	Options      foreignOptions `json:"options"`
}

type foreignOptions struct {
	IncludeLegacyCategory          bool    `json:"include_legacy_category"`
	PersonalFinanceCategoryVersion *string `json:"personal_finance_category_version"`
}

// foreign is a transaction that the client has from elsewhere. Amount is positive; direction says where the money goes.
type foreign struct {
	ID              string        `json:"id" weft:"required"`
	Description     string        `json:"description" weft:"required"`
	Amount          plaid.Decimal `json:"amount" weft:"required"`
	Direction       string        `json:"direction" weft:"required"`
	ISOCurrencyCode string        `json:"iso_currency_code" weft:"required"`
	ClientUserID    *string       `json:"client_user_id"`
	ClientAccountID *string       `json:"client_account_id"`
	UserID          *string       `json:"user_id"`
	AccountType     *string       `json:"account_type"`
	AccountSubtype  *string       `json:"account_subtype"`
	MCC             *string       `json:"mcc"`
	DatePosted      *plaid.Date   `json:"date_posted"`
	Location        *struct {
		Address    *string `json:"address"`
		City       *string `json:"city"`
		Region     *string `json:"region"`
		PostalCode *string `json:"postal_code"`
		Country    *string `json:"country"`
	} `json:"location"`
}

// Validate checks the fields by themselves.
func (r *enrichRequest) Validate(httpapi.Version) error {
	if r.AccountType != plaid.TypeDepository && r.AccountType != plaid.TypeCredit {
		return plaid.InvalidField("account_type", "must be depository or credit")
	}
	if n := len(r.Transactions); n == 0 || n > mostEnriched {
		return plaid.InvalidField("transactions", fmt.Sprintf("must have between 1 and %d elements", mostEnriched))
	}
	for i, t := range r.Transactions {
		field := func(name string) string { return fmt.Sprintf("transactions[%d].%s", i, name) }
		switch {
		case t.ID == "":
			return plaid.InvalidField(field("id"), "must be a non-empty string")
		case t.Description == "":
			return plaid.InvalidField(field("description"), "must be a non-empty string")
		case t.Direction != "INFLOW" && t.Direction != "OUTFLOW":
			return plaid.InvalidField(field("direction"), "must be INFLOW or OUTFLOW")
		case t.Amount.Sign() < 0:
			return plaid.InvalidField(field("amount"), "must not be negative: direction says where the money goes")
		}
	}
	if v := r.Options.PersonalFinanceCategoryVersion; v != nil && *v != "v1" && *v != "v2" {
		return plaid.InvalidField("options.personal_finance_category_version", "must be v1 or v2")
	}
	return nil
}

type enrichResponse struct {
	Enriched []enriched `json:"enriched_transactions"`
}

type enriched struct {
	ID              string        `json:"id"`
	Description     string        `json:"description"`
	Amount          plaid.Decimal `json:"amount"`
	Direction       string        `json:"direction"`
	ISOCurrencyCode string        `json:"iso_currency_code"`
	ClientUserID    *string       `json:"client_user_id,omitempty"`
	ClientAccountID *string       `json:"client_account_id,omitempty"`
	Enrichments     enrichments   `json:"enrichments"`
}

type enrichments struct {
	CheckNumber                    *string                       `json:"check_number"`
	Counterparties                 []counterparty                `json:"counterparties"`
	EntityID                       *string                       `json:"entity_id"`
	LegacyCategoryID               *string                       `json:"legacy_category_id,omitempty"`
	LegacyCategory                 []string                      `json:"legacy_category,omitempty"`
	Location                       plaid.Location                `json:"location"`
	LogoURL                        *string                       `json:"logo_url"`
	MerchantName                   *string                       `json:"merchant_name"`
	PaymentChannel                 string                        `json:"payment_channel"`
	PhoneNumber                    *string                       `json:"phone_number"`
	PersonalFinanceCategory        plaid.PersonalFinanceCategory `json:"personal_finance_category"`
	PersonalFinanceCategoryIconURL string                        `json:"personal_finance_category_icon_url"`
	Website                        *string                       `json:"website"`
}

// enrich answers what the descriptions mean, by the rules that Items' transactions are read by.
func (s *service) enrich(_ context.Context, _ store.Tenant, req enrichRequest) (enrichResponse, error) {
	version := taxonomy.V1
	if v := req.Options.PersonalFinanceCategoryVersion; v != nil {
		version = taxonomy.Version(*v)
	}
	res := enrichResponse{Enriched: make([]enriched, 0, len(req.Transactions))}
	for _, t := range req.Transactions {
		amount, mcc := t.Amount, ""
		if t.Direction == "INFLOW" {
			amount = amount.Neg()
		}
		if t.MCC != nil {
			mcc = *t.MCC
		}
		found := s.enricher().Enrich(enrich.Input{Description: t.Description, Amount: amount, AccountType: req.AccountType, MCC: mcc})
		e := enrichments{
			CheckNumber: text(found.CheckNumber), Counterparties: counterparties(found), EntityID: text(found.EntityID), Location: found.Place(),
			LogoURL: text(found.LogoURL), MerchantName: text(found.MerchantName), PaymentChannel: found.PaymentChannel, PhoneNumber: text(found.PhoneNumber),
			PersonalFinanceCategory: found.Personal(version), Website: text(found.Website),
		}
		if req.Options.IncludeLegacyCategory {
			e.LegacyCategoryID, e.LegacyCategory = text(found.LegacyCategoryID), found.LegacyCategory
		}
		res.Enriched = append(res.Enriched, enriched{ID: t.ID, Description: t.Description, Amount: t.Amount, Direction: t.Direction,
			ISOCurrencyCode: t.ISOCurrencyCode, ClientUserID: t.ClientUserID, ClientAccountID: t.ClientAccountID, Enrichments: e})
	}
	return res, nil
}

// counterparty is one with its telephone number.
type counterparty struct {
	plaid.Counterparty
	PhoneNumber *string `json:"phone_number"`
}

func counterparties(found enrich.Result) []counterparty {
	list := []counterparty{}
	for i, c := range found.Parties() {
		list = append(list, counterparty{c, text(found.Counterparties[i].PhoneNumber)})
	}
	return list
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
