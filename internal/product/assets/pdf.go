package assets

import (
	"context"

	"weft/internal/httpapi"
	"weft/internal/product/assets/paper"
	"weft/internal/store"
)

// A PDF has no option for insights; it has the categories that the report has.

type pdfRequest struct {
	AssetReportToken string     `json:"asset_report_token" weft:"required"`
	Options          getOptions `json:"options"`
}

// Validate checks the fields by themselves.
func (r *pdfRequest) Validate(httpapi.Version) error {
	return validDays("options.days_to_include", r.Options.DaysToInclude)
}

func (s *service) getPDF(ctx context.Context, tenant store.Tenant, req pdfRequest) (httpapi.File, error) {
	r, err := s.byToken(ctx, s.items.DB, tenant, req.AssetReportToken)
	if err != nil {
		return httpapi.File{}, err
	}
	return s.drawn(r, req.Options)
}

type auditCopyPDFRequest struct {
	AuditCopyToken string     `json:"audit_copy_token" weft:"required"`
	Options        getOptions `json:"options"`
}

// Validate checks the fields by themselves.
func (r *auditCopyPDFRequest) Validate(httpapi.Version) error {
	return validDays("options.days_to_include", r.Options.DaysToInclude)
}

func (s *service) getAuditCopyPDF(ctx context.Context, tenant store.Tenant, req auditCopyPDFRequest) (httpapi.File, error) {
	r, _, err := s.shared(ctx, auditCopy, tenant, req.AuditCopyToken)
	if err != nil {
		return httpapi.File{}, err
	}
	return s.drawn(r, req.Options)
}

type relayPDFRequest struct {
	RelayToken string `json:"relay_token" weft:"required"`
	ReportType string `json:"report_type" weft:"required"`
}

// Validate checks the fields by themselves.
func (r *relayPDFRequest) Validate(httpapi.Version) error { return validType(r.ReportType) }

func (s *service) getRelayPDF(ctx context.Context, tenant store.Tenant, req relayPDFRequest) (httpapi.File, error) {
	r, sh, err := s.shared(ctx, relay, tenant, req.RelayToken)
	if err != nil {
		return httpapi.File{}, err
	}
	file, err := s.drawn(r, getOptions{})
	if err != nil {
		return httpapi.File{}, err
	}
	return file, s.tellRetrieved(ctx, sh)
}

// drawn is a stored report as PDF. It is drawn anew each time: the same report is the same bytes.
func (s *service) drawn(r row, options getOptions) (httpapi.File, error) {
	a, err := s.answer(r, getRequest{IncludeInsights: true, Options: options})
	if err != nil {
		return httpapi.File{}, err
	}
	content, err := paper.Sheet{Report: a.Report, Warnings: a.Warnings, Days: options.DaysToInclude}.Draw()
	if err != nil {
		return httpapi.File{}, err
	}
	return httpapi.File{Type: "application/pdf", Content: content, Header: map[string]string{"Content-Disposition": `attachment; filename="asset-report.pdf"`}}, nil
}
