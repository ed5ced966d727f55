package flow

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"weft/internal/item"
	"weft/internal/item/ofuser"
	"weft/internal/plaid"
	"weft/internal/product/link/flow/numbers"
	"weft/internal/product/link/flow/own"
	"weft/internal/product/link/session"
	"weft/internal/product/link/settings"
	"weft/internal/product/link/token"
)

// setup is what a token's sessions are for.
func (s *Service) setup(ctx context.Context, t token.Token, o session.Opening, set settings.Settings) (session.Setup, error) {
	q := t.Request
	look, _ := set.Customization(text(q.LinkCustomizationName), q.Language, q.CountryCodes)
	all := slices.Concat(q.Products, q.RequiredIfSupported, q.Optional, q.AdditionalConsented)
	out := session.Setup{
		SessionID: s.Items.IDs.UUID(), ClientName: q.ClientName, Environment: t.Tenant.Environment, Language: q.Language,
		Theme: strings.ToLower(cmp.Or(text(q.AppearanceMode), "LIGHT")), Countries: q.CountryCodes, Products: q.Products,
		InstitutionID: text(q.InstitutionID), Multi: on(q.EnableMultiItemLink), RedirectURI: text(q.RedirectURI),
		SelectAccounts: q.Update != nil && on(q.Update.AccountSelectionEnabled),
	}
	out.Redirect = o.Touch && out.RedirectURI != ""
	out.Single, out.Unchecked = look.AccountSelect == settings.SelectOne, look.AccountSelect == settings.SelectOne || look.AccountSelect == settings.SelectMultiple
	out.UseCases, out.Hidden = look.UseCases, look.HiddenInstitutions
	if q.HostedLink != nil {
		out.CompletionURI = text(q.HostedLink.CompletionRedirectURI)
	}
	if t.UpdateMode() {
		items, err := s.repaired(ctx, t)
		if err != nil {
			return out, err
		}
		for _, it := range items {
			repair := session.Repair{ItemID: it.ID, InstitutionID: it.InstitutionID, Name: it.InstitutionName}
			if it.Typed != nil {
				repair.Verification, repair.Mask = it.Typed.Status, it.Typed.Mask
			}
			if repair.Source, err = own.Source(ctx, s.Items, it); err != nil {
				return out, err
			}
			if repair.Source == session.SourceFile {
				out.Files = own.FileNames
			}
			out.Repairs = append(out.Repairs, repair)
			all = append(all, it.Consented...)
		}
		out.Multi, out.InstitutionID = false, ""
	} else {
		s.offer(&out, t)
		if err := s.match(ctx, &out, t); err != nil {
			return out, err
		}
		out.Embedded = o.Embedded && !out.Multi && q.HostedLink == nil
	}
	out.Scopes = plaid.DataScopes(all)
	return out, nil
}

// offer is what is there for a new Item beside the list of banks.
func (s *Service) offer(out *session.Setup, t token.Token) {
	out.AsksPhone = t.Tenant.Environment == plaid.Sandbox // real phones are not sent codes
	if t.Request.User != nil {
		out.Phone = text(t.Request.User.PhoneNumber)
	}
	numbers.Offer(out, t.Request, s.Items.Connectors[t.Tenant.Environment])
	files, tokens := own.Offered(s.Items.Connectors[t.Tenant.Environment])
	if files {
		out.Files = own.FileNames
	}
	out.Tokens = tokens
}

// match finds the institution of the routing number that the client has from the person. Several banks may share one; the first that
// can be linked is meant.
func (s *Service) match(ctx context.Context, out *session.Setup, t token.Token) error {
	data := t.Request.InstitutionData
	if data == nil || data.RoutingNumber == nil {
		return nil
	}
	found, err := s.Find(ctx, t.Tenant, *data.RoutingNumber, out.Countries, out.Products)
	if err != nil {
		return err
	}
	for _, ins := range found {
		if slices.Contains(ins.RoutingNumbers, *data.RoutingNumber) {
			out.Matched, out.RoutingNumber = ins.InstitutionID, *data.RoutingNumber
			return nil
		}
	}
	return nil
}

// repaired are the Items of update mode, without those that are gone since the token was made.
func (s *Service) repaired(ctx context.Context, t token.Token) ([]item.Item, error) {
	ids := t.ItemIDs
	if len(ids) == 0 { // update.user without names: all of the user's
		all, err := ofuser.Items(ctx, s.Items.DB, t.Tenant, t.UserID)
		if err != nil {
			return nil, err
		}
		for _, it := range all {
			ids = append(ids, it.ID)
		}
	}
	var items []item.Item
	for _, id := range ids {
		it, err := s.Items.ItemByID(ctx, t.Tenant, id)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	if len(items) == 0 {
		return nil, plaid.Err("ITEM_NOT_FOUND")
	}
	return items, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func on(b *bool) bool { return b != nil && *b }
