package assets

import (
	"context"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/product/assets/report"
	"weft/internal/store"
)

type getRequest struct {
	AssetReportToken string `json:"asset_report_token" weft:"required"`
	// UserToken is known and refused: reports are of Items, whosever they are.
	UserToken       *string    `json:"user_token"`
	IncludeInsights bool       `json:"include_insights"`
	FastReport      bool       `json:"fast_report"`
	Options         getOptions `json:"options"`
}

type getOptions struct {
	DaysToInclude *int `json:"days_to_include"`
}

// Validate checks the fields by themselves.
func (r *getRequest) Validate(httpapi.Version) error {
	if r.UserToken != nil {
		return plaid.InvalidField("user_token", "cannot be used here; name the report by its asset_report_token")
	}
	return validDays("options.days_to_include", r.Options.DaysToInclude)
}

// answer is a report as it is read. There are no insights over all accounts.
type answer struct {
	Report   report.Report    `json:"report"`
	Warnings []report.Warning `json:"warnings"`
}

func (s *service) get(ctx context.Context, tenant store.Tenant, req getRequest) (answer, error) {
	r, err := s.byToken(ctx, s.items.DB, tenant, req.AssetReportToken)
	if err != nil {
		return answer{}, err
	}
	if req.FastReport && !plaid.Known(r.Request.AddOns, fastAssets) {
		return answer{}, plaid.InvalidField("fast_report", "needs a report that was created with fast_assets among its add_ons")
	}
	return s.answer(r, req)
}

// answer is a report as a request wants it.
func (s *service) answer(r row, want getRequest) (answer, error) {
	made, err := s.open(r)
	if err != nil {
		return answer{}, err
	}
	out := made.Report
	if want.Options.DaysToInclude != nil {
		if out, err = out.Within(*want.Options.DaysToInclude); err != nil {
			return answer{}, err
		}
	}
	if !want.IncludeInsights {
		out = out.WithoutInsights()
	}
	if want.FastReport {
		if made.Unowned() {
			return answer{}, reportError(plaid.Errf("DATA_UNAVAILABLE", "the fast report was not made: the owners of some accounts are unavailable; read the full one"))
		}
		out = out.Fast()
	}
	return answer{out, made.Warnings}, nil
}
