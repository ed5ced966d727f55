package assets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/assets/report"
	"weft/internal/store"
)

// Add-ons of a report.
const (
	investmentsAddOn = "investments"
	fastAssets       = "fast_assets"
)

var addOns = []string{investmentsAddOn, fastAssets}

// Bounds of a request.
const (
	mostItems = 99
	mostDays  = 731
)

type createRequest struct {
	AccessTokens  []string       `json:"access_tokens"`
	DaysRequested *int           `json:"days_requested" weft:"required"`
	Options       *createOptions `json:"options"`
}

type createOptions struct {
	ClientReportID    *string      `json:"client_report_id"`
	Webhook           *string      `json:"webhook"`
	IncludeFastReport *bool        `json:"include_fast_report"`
	Products          []string     `json:"products"`
	AddOns            []string     `json:"add_ons"`
	User              *report.User `json:"user"`
	RequireAllItems   *bool        `json:"require_all_items"`
}

// Validate checks the fields by themselves.
func (r *createRequest) Validate(httpapi.Version) error {
	if n := len(r.AccessTokens); n < 1 || n > mostItems {
		return plaid.InvalidField("access_tokens", fmt.Sprintf("must have 1 to %d access tokens", mostItems))
	}
	if err := validDays("days_requested", r.DaysRequested); err != nil {
		return err
	}
	if r.Options == nil {
		return nil
	}
	for _, a := range r.Options.AddOns {
		if !plaid.Known(addOns, a) {
			return plaid.InvalidField("options.add_ons", "must be of "+plaid.Quoted(addOns))
		}
	}
	for _, a := range r.Options.Products { // the older form of the one add-on
		if a != investmentsAddOn {
			return plaid.InvalidField("options.products", "must be of "+plaid.Quoted([]string{investmentsAddOn}))
		}
	}
	return validOptions(r.Options.Webhook, r.Options.User)
}

func validDays(field string, days *int) error {
	if days != nil && (*days < 0 || *days > mostDays) {
		return plaid.InvalidField(field, fmt.Sprintf("must be between 0 and %d", mostDays))
	}
	return nil
}

func validOptions(webhook *string, user *report.User) error {
	if webhook != nil && *webhook != "" {
		if err := product.ValidWebhook("options.webhook", *webhook); err != nil {
			return err
		}
	}
	if user == nil || user.SSN == nil || *user.SSN == "" {
		return nil
	}
	if ssn := *user.SSN; len(ssn) != 11 || ssn[3] != '-' || ssn[6] != '-' || !digits(ssn[:3]+ssn[4:6]+ssn[7:]) {
		return plaid.InvalidField("options.user.ssn", "must be of the form ddd-dd-dddd")
	}
	return nil
}

func digits(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil
}

type created struct {
	AssetReportToken string `json:"asset_report_token"`
	AssetReportID    string `json:"asset_report_id"`
}

func (s *service) create(ctx context.Context, tenant store.Tenant, req createRequest) (created, error) {
	r := &row{Tenant: tenant, Request: request{Days: *req.DaysRequested, RequireAllItems: true}}
	if o := req.Options; o != nil {
		r.Request.ClientReportID, r.Webhook = newer(nil, o.ClientReportID), newer(nil, o.Webhook)
		r.Request.RequireAllItems = o.RequireAllItems == nil || *o.RequireAllItems
		for _, a := range addOns {
			if slices.Contains(o.AddOns, a) || slices.Contains(o.Products, a) || (a == fastAssets && o.IncludeFastReport != nil && *o.IncludeFastReport) {
				r.Request.AddOns = append(r.Request.AddOns, a)
			}
		}
		r.Request.User = newerUser(report.User{}, o.User)
	}
	items := make([]item.Item, len(req.AccessTokens))
	for i, token := range req.AccessTokens {
		it, err := s.items.ItemOf(ctx, tenant, token)
		if err != nil {
			return created{}, err
		}
		if slices.Contains(r.Request.Items, it.ID) {
			return created{}, plaid.InvalidField("access_tokens", "must be of different Items")
		}
		items[i], r.Request.Items = it, append(r.Request.Items, it.ID)
	}
	return s.begin(ctx, r, items, nil)
}

// begin has a report made of Items that may have one, with what else is written then.
func (s *service) begin(ctx context.Context, r *row, items []item.Item, then func(*store.Tx) error) (created, error) {
	if err := s.mayReport(items); err != nil {
		return created{}, err
	}
	var out created
	err := s.items.DB.Write(ctx, func(tx *store.Tx) error {
		token, err := s.insert(ctx, tx, r)
		if err != nil {
			return err
		}
		out = created{token, r.ID}
		if err := s.enqueue(ctx, tx, r); err != nil || then == nil {
			return err
		}
		return then(tx)
	})
	return out, err
}

// mayReport checks that all Items work, and have the product or may have it: one alone answers with its own error, several with
// those of each that fails.
func (s *service) mayReport(items []item.Item) error {
	var causes []plaid.ItemCause
	for _, it := range items {
		err := s.items.MayAdd(it, productName, func(string, string) bool { return true }, "NO_ACCOUNTS")
		var pe *plaid.Error
		switch {
		case err == nil:
		case !errors.As(err, &pe):
			return err
		case len(items) == 1:
			return pe
		default:
			causes = append(causes, plaid.CauseOf(it.ID, pe))
		}
	}
	if len(causes) == 0 {
		return nil
	}
	e := plaid.Err("DATA_UNAVAILABLE")
	e.Causes = causes
	return e
}

type refreshRequest struct {
	AssetReportToken string          `json:"asset_report_token" weft:"required"`
	DaysRequested    *int            `json:"days_requested"`
	Options          *refreshOptions `json:"options"`
}

type refreshOptions struct {
	ClientReportID *string      `json:"client_report_id"`
	Webhook        *string      `json:"webhook"`
	User           *report.User `json:"user"`
}

// Validate checks the fields by themselves.
func (r *refreshRequest) Validate(httpapi.Version) error {
	if err := validDays("days_requested", r.DaysRequested); err != nil {
		return err
	}
	if r.Options == nil {
		return nil
	}
	return validOptions(r.Options.Webhook, r.Options.User)
}

// refresh has a newer report made, with the parameters of the old one where the request has none; an empty text empties one.
func (s *service) refresh(ctx context.Context, tenant store.Tenant, req refreshRequest) (created, error) {
	old, err := s.byToken(ctx, s.items.DB, tenant, req.AssetReportToken)
	if err != nil {
		return created{}, err
	}
	r := &row{Tenant: tenant, Request: old.Request, Webhook: old.Webhook}
	if req.DaysRequested != nil {
		r.Request.Days = *req.DaysRequested
	}
	if o := req.Options; o != nil {
		r.Request.ClientReportID = newer(old.Request.ClientReportID, o.ClientReportID)
		r.Webhook = newer(old.Webhook, o.Webhook)
		r.Request.User = newerUser(old.Request.User, o.User)
	}
	return s.again(ctx, r, nil)
}

// newer is a parameter of a new report: the old one where none is given, none where an empty one is.
func newer(old, given *string) *string {
	switch {
	case given == nil:
		return old
	case *given == "":
		return nil
	}
	return given
}

// newerUser is what a new report tells of the person.
func newerUser(was report.User, u *report.User) report.User {
	if u == nil {
		return was
	}
	return report.User{ClientUserID: newer(was.ClientUserID, u.ClientUserID), FirstName: newer(was.FirstName, u.FirstName),
		MiddleName: newer(was.MiddleName, u.MiddleName), LastName: newer(was.LastName, u.LastName), SSN: newer(was.SSN, u.SSN),
		PhoneNumber: newer(was.PhoneNumber, u.PhoneNumber), Email: newer(was.Email, u.Email)}
}

// again has a report made of Items that an older one is of.
func (s *service) again(ctx context.Context, r *row, then func(*store.Tx) error) (created, error) {
	items := make([]item.Item, len(r.Request.Items))
	for i, id := range r.Request.Items {
		it, err := s.items.ItemByID(ctx, r.Tenant, id)
		if err != nil {
			return created{}, err
		}
		items[i] = it
	}
	return s.begin(ctx, r, items, then)
}

type filterRequest struct {
	AssetReportToken    string   `json:"asset_report_token" weft:"required"`
	AccountIDsToExclude []string `json:"account_ids_to_exclude" weft:"required"`
}

// filter makes a report of what another one has: no bank is asked.
func (s *service) filter(ctx context.Context, tenant store.Tenant, req filterRequest) (created, error) {
	var out created
	err := s.items.DB.Write(ctx, func(tx *store.Tx) error {
		old, err := s.byToken(ctx, tx, tenant, req.AssetReportToken)
		if err != nil {
			return err
		}
		made, err := s.open(old)
		if err != nil {
			return err
		}
		filtered, unknown := made.Report.WithoutAccounts(req.AccountIDsToExclude)
		if len(unknown) > 0 {
			return plaid.InvalidField("account_ids_to_exclude", "has accounts that are not in the report: "+plaid.Quoted(unknown[:min(len(unknown), mostItems)]))
		}
		r := &row{Tenant: tenant, Request: old.Request, Webhook: old.Webhook}
		r.Request.Excluded = slices.Concat(old.Request.Excluded, req.AccountIDsToExclude)
		token, err := s.insert(ctx, tx, r)
		if err != nil {
			return err
		}
		filtered.AssetReportID = r.ID
		made.Report = filtered
		out = created{token, r.ID}
		if _, err := s.finish(ctx, tx, r, made); err != nil {
			return err
		}
		return s.tell(ctx, tx, r, "PRODUCT_READY", readyMembers{r.ID, full})
	})
	return out, err
}

type removed struct {
	Removed bool `json:"removed"`
}

// remove deletes a report, and with it whatever lets others read it.
func (s *service) remove(ctx context.Context, tenant store.Tenant, req namedRequest) (removed, error) {
	err := s.items.DB.Write(ctx, func(tx *store.Tx) error {
		if err := s.alone(ctx, tx, req.AssetReportToken); err != nil {
			return err
		}
		r, err := s.byToken(ctx, tx, tenant, req.AssetReportToken)
		if err != nil {
			return err
		}
		if err := removeShares(ctx, tx, tenant, r.ID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `delete from asset_reports where report_id = $1 and client_id = $2 and environment = $3`, r.ID, tenant.Client, tenant.Environment)
		return err
	})
	return removed{err == nil}, err
}

// namedRequest names a report and says nothing else.
type namedRequest struct {
	AssetReportToken string `json:"asset_report_token" weft:"required"`
}
