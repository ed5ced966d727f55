package assets

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"

	"weft/internal/ident"
	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/product/assets/report"
	"weft/internal/seal"
	"weft/internal/store"
)

const (
	tokenKind = "assets"
	tokenName = "asset_report_token"
)

// row is a stored report. Of one that is not ready, neither Document nor Error is set.
type row struct {
	ID      string
	Tenant  store.Tenant
	Request request
	// RelayHash is set of a report that a relay alone leads to.
	RelayHash *string
	Webhook   *string
	Document  *string // sealed
	Error     *string
	ReadyAt   *int64
}

// request is what a report was asked for with, once its tokens were found to be Items.
type request struct {
	Items           []string    `json:"items"`
	Days            int         `json:"days"`
	ClientReportID  *string     `json:"client_report_id"`
	User            report.User `json:"user"`
	AddOns          []string    `json:"add_ons"`
	RequireAllItems bool        `json:"require_all_items"`
	// Excluded are accounts that were filtered out.
	Excluded []string `json:"excluded"`
	// Told is the client whose webhook tells of the report, where it is not the owner: the one that has refreshed a relay.
	Told string `json:"told,omitempty"`
}

func place(tenant store.Tenant, column, id string) seal.Place {
	return seal.Place{Tenant: tenant.Client + "/" + tenant.Environment, Table: "asset_reports", Column: column, Row: id}
}

func (s *service) hash(kind, token string) string { return s.items.Keys.Hash(kind, token) }

// insert writes a new report that is to be made, and returns its token.
func (s *service) insert(ctx context.Context, tx *store.Tx, r *row) (token string, err error) {
	r.ID, token = s.items.IDs.UUID(), s.items.IDs.Token(tokenKind, r.Tenant.Environment)
	text, err := json.Marshal(r.Request)
	if err != nil {
		return "", err
	}
	sealed, err := s.items.Keys.Seal(text, place(r.Tenant, "request", r.ID))
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `insert into asset_reports (report_id, token_hash, client_id, environment, request, relay_hash, webhook, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.ID, s.hash(tokenKind, token), r.Tenant.Client, r.Tenant.Environment, sealed, r.RelayHash, r.Webhook, tx.Now.UnixMilli())
	return token, err
}

const columns = `select report_id, client_id, environment, request, webhook, document, error, ready_at from asset_reports `

func (s *service) scan(rows store.Row) (row, error) {
	var r row
	var sealed string
	if err := rows.Scan(&r.ID, &r.Tenant.Client, &r.Tenant.Environment, &sealed, &r.Webhook, &r.Document, &r.Error, &r.ReadyAt); err != nil {
		return row{}, err
	}
	plain, err := s.items.Keys.Open(sealed, place(r.Tenant, "request", r.ID))
	if err != nil {
		return row{}, err
	}
	return r, json.Unmarshal(plain, &r.Request)
}

// byToken finds a tenant's report.
func (s *service) byToken(ctx context.Context, q store.Querier, tenant store.Tenant, token string) (row, error) {
	if problem := ident.TokenProblem(token, tokenKind, tokenName, tenant.Environment); problem != "" {
		return row{}, plaid.InvalidField(tokenName, "is not one: "+problem)
	}
	r, err := s.scan(q.QueryRow(ctx, columns+`where token_hash = $1 and client_id = $2 and environment = $3`, s.hash(tokenKind, token), tenant.Client, tenant.Environment))
	if errors.Is(err, store.ErrNotFound) {
		return row{}, plaid.Errf("INVALID_FIELD", "%s is not that of a report of yours, or of one that was removed", tokenName)
	}
	return r, err
}

// byID finds a report; who may see it has been found before.
func (s *service) byID(ctx context.Context, q store.Querier, tenant store.Tenant, id string) (row, error) {
	return s.scan(q.QueryRow(ctx, columns+`where report_id = $1 and client_id = $2 and environment = $3`, id, tenant.Client, tenant.Environment))
}

// finish writes a report that was made. It reports whether the report still waited for that: it may have been removed, or another
// server may have made it.
func (s *service) finish(ctx context.Context, tx *store.Tx, r *row, made report.Stored) (bool, error) {
	text, err := plaid.JSON(made)
	if err != nil {
		return false, err
	}
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(text); err != nil {
		return false, err
	}
	if err := zip.Close(); err != nil {
		return false, err
	}
	sealed, err := s.items.Keys.Seal(packed.Bytes(), place(r.Tenant, "document", r.ID))
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `update asset_reports set document = $1, ready_at = $2 where report_id = $3 and client_id = $4 and environment = $5 and document is null and error is null`,
		sealed, tx.Now.UnixMilli(), r.ID, r.Tenant.Client, r.Tenant.Environment)
	return n > 0, err
}

// fail writes why a report could not be made.
func (s *service) fail(ctx context.Context, tx *store.Tx, r *row, e *plaid.Error) (bool, error) {
	text, err := plaid.JSON(failure{e.Code, e.Message, e.Causes})
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `update asset_reports set error = $1, ready_at = $2 where report_id = $3 and client_id = $4 and environment = $5 and document is null and error is null`,
		string(text), tx.Now.UnixMilli(), r.ID, r.Tenant.Client, r.Tenant.Environment)
	return n > 0, err
}

// failure is why a report could not be made, as it is kept.
type failure struct {
	Code    plaid.Code        `json:"code"`
	Message string            `json:"message"`
	Causes  []plaid.ItemCause `json:"causes"`
}

func (f failure) err() *plaid.Error {
	e := reportError(plaid.Errf(f.Code, "%s", f.Message))
	e.Causes = f.Causes
	return e
}

// ready is nil for a report that was made, and else why it cannot be read: it is not ready, or could not be made.
func (s *service) ready(r row) error {
	switch {
	case r.Error != nil:
		var f failure
		if err := json.Unmarshal([]byte(*r.Error), &f); err != nil {
			return err
		}
		return f.err()
	case r.Document == nil:
		return reportError(plaid.Err("PRODUCT_NOT_READY"))
	}
	return nil
}

// open is a report as it was made.
func (s *service) open(r row) (made report.Stored, err error) {
	if err := s.ready(r); err != nil {
		return made, err
	}
	packed, err := s.items.Keys.Open(*r.Document, place(r.Tenant, "document", r.ID))
	if err != nil {
		return made, err
	}
	zip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return made, err
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		return made, err
	}
	return made, json.Unmarshal(text, &made)
}

// reportError is an error of the product, whatever it is of elsewhere.
func reportError(e *plaid.Error) *plaid.Error {
	of := *e
	of.Type = "ASSET_REPORT_ERROR"
	return &of
}

// tell tells of a report by webhook.
func (s *service) tell(ctx context.Context, tx *store.Tx, r *row, code string, members any) error {
	if r.Webhook == nil || *r.Webhook == "" {
		return nil
	}
	told := store.Tenant{Client: cmp.Or(r.Request.Told, r.Tenant.Client), Environment: r.Tenant.Environment}
	return s.items.Events.Tell(ctx, tx, event.Target{Tenant: told, Webhook: *r.Webhook}, event.Event{Type: "ASSETS", Code: code, Members: members})
}

// Forms of a report in webhooks.
const (
	full = "FULL"
	fast = "FAST"
)

type readyMembers struct {
	AssetReportID string `json:"asset_report_id"`
	ReportType    string `json:"report_type"`
}

type errorMembers struct {
	Error         *plaid.ItemError `json:"error"`
	AssetReportID string           `json:"asset_report_id"`
}
