package assets

import (
	"context"
	"errors"
	"strings"

	"weft/internal/httpapi"
	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// Kinds of shares, which are what their tokens begin with.
const (
	auditCopy = "a"
	relay     = "credit-relay"
)

// share lets somebody else read a report. The webhook is that of its owner, who is told when it is read.
type share struct {
	owner            store.Tenant
	reader, reportID string
	webhook          *string
}

// reader is the client that a report is to be shared with: by its client_id, or for an auditor by its name, such as fannie_mae.
func (s *service) reader(ctx context.Context, field, named string, byName bool) (string, error) {
	clients, err := s.items.Clients.List(ctx)
	if err != nil {
		return "", err
	}
	var found []string
	for _, c := range clients {
		switch {
		case c.ClientID == named:
			return c.ClientID, nil
		case byName && c.Name == named:
			found = append(found, c.ClientID)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", plaid.InvalidField(field, "is not that of a client of this server")
	default: // whom the report would be shown to must not depend on their order
		return "", plaid.InvalidField(field, "is the name of several clients: use the client_id")
	}
}

func (s *service) insertShare(ctx context.Context, tx *store.Tx, kind string, sh share) (token string, err error) {
	token = s.items.IDs.ShortToken(kind, sh.owner.Environment)
	_, err = tx.Exec(ctx, `insert into asset_shares (token_hash, kind, client_id, environment, reader, report_id, webhook, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		s.hash(kind, token), kind, sh.owner.Client, sh.owner.Environment, sh.reader, sh.reportID, sh.webhook, tx.Now.UnixMilli())
	return token, err
}

// readable finds a share that a client may read. To all others it looks like an unknown one.
func (s *service) readable(ctx context.Context, q store.Querier, kind string, tenant store.Tenant, token string) (sh share, err error) {
	sh.reader = tenant.Client
	err = q.QueryRow(ctx, `select client_id, environment, coalesce(newer_id, report_id), webhook from asset_shares where token_hash = $1 and kind = $2 and reader = $3 and environment = $4`,
		s.hash(kind, token), kind, tenant.Client, tenant.Environment).Scan(&sh.owner.Client, &sh.owner.Environment, &sh.reportID, &sh.webhook)
	if errors.Is(err, store.ErrNotFound) {
		err = unknownShare(kind, token, tenant.Environment)
	}
	return sh, err
}

// unknownShare is the error for a token that is none, or none of the caller's.
func unknownShare(kind, token, environment string) error {
	switch {
	case kind == auditCopy:
		return plaid.Err("INVALID_AUDIT_COPY_TOKEN")
	case !strings.HasPrefix(token, kind+"-"+environment+"-"):
		return plaid.InvalidField("relay_token", "is not one of this environment: it begins with "+kind+"-"+environment)
	}
	return plaid.InvalidField("relay_token", "is not one that was shared with you, or was removed")
}

// removeShare ends a share of the calling client, and removes the report that it alone led to.
func (s *service) removeShare(ctx context.Context, kind string, tenant store.Tenant, token string) (removed, error) {
	err := s.items.DB.Write(ctx, func(tx *store.Tx) error {
		hash := s.hash(kind, token)
		n, err := tx.Exec(ctx, `delete from asset_shares where token_hash = $1 and kind = $2 and client_id = $3 and environment = $4`,
			hash, kind, tenant.Client, tenant.Environment)
		if err != nil {
			return err
		}
		if n == 0 {
			return unknownShare(kind, token, tenant.Environment)
		}
		return removeRelayed(ctx, tx, tenant, hash, "")
	})
	return removed{err == nil}, err
}

// removeRelayed removes the reports that were made for a relay, but for one.
func removeRelayed(ctx context.Context, tx *store.Tx, owner store.Tenant, hash, but string) error {
	_, err := tx.Exec(ctx, `delete from asset_reports where relay_hash = $1 and report_id <> $2 and client_id = $3 and environment = $4`,
		hash, but, owner.Client, owner.Environment)
	return err
}

// removeShares ends all shares of a report, with the reports that they alone led to.
func removeShares(ctx context.Context, tx *store.Tx, owner store.Tenant, reportID string) error {
	hashes, err := deleteShares(ctx, tx, owner, reportID)
	for _, hash := range hashes {
		err = errors.Join(err, removeRelayed(ctx, tx, owner, hash, ""))
	}
	return err
}

// deleteShares comes before what hangs on them: a relay that is being refreshed is waited for, and its new report is seen then.
func deleteShares(ctx context.Context, tx *store.Tx, owner store.Tenant, reportID string) (hashes []string, err error) {
	rows, err := tx.Query(ctx, `delete from asset_shares where report_id = $1 and client_id = $2 and environment = $3 returning token_hash`,
		reportID, owner.Client, owner.Environment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var hash string
		if err := rows.Scan(&hash); err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, rows.Err()
}

// alone has transactions that share a report and that remove it wait for each other.
func (s *service) alone(ctx context.Context, tx *store.Tx, reportToken string) error {
	return tx.Lock(ctx, "asset report "+s.hash(tokenKind, reportToken))
}

// share lets a client read a report.
func (s *service) share(ctx context.Context, kind string, tenant store.Tenant, reportToken string, sh share) (token string, err error) {
	err = s.items.DB.Write(ctx, func(tx *store.Tx) error {
		if err := s.alone(ctx, tx, reportToken); err != nil {
			return err
		}
		r, err := s.byToken(ctx, tx, tenant, reportToken)
		if err != nil {
			return err
		}
		if err := s.ready(r); err != nil {
			return err
		}
		sh.owner, sh.reportID = tenant, r.ID
		token, err = s.insertShare(ctx, tx, kind, sh)
		return err
	})
	return token, err
}

type auditCopyCreateRequest struct {
	AssetReportToken string `json:"asset_report_token" weft:"required"`
	AuditorID        string `json:"auditor_id" weft:"required"`
}

type auditCopyToken struct {
	AuditCopyToken string `json:"audit_copy_token"`
}

func (s *service) createAuditCopy(ctx context.Context, tenant store.Tenant, req auditCopyCreateRequest) (auditCopyToken, error) {
	auditor, err := s.reader(ctx, "auditor_id", req.AuditorID, true)
	if err != nil {
		return auditCopyToken{}, err
	}
	token, err := s.share(ctx, auditCopy, tenant, req.AssetReportToken, share{reader: auditor})
	return auditCopyToken{token}, err
}

type auditCopyRequest struct {
	AuditCopyToken string `json:"audit_copy_token" weft:"required"`
}

// getAuditCopy is the report with insights: an auditor sees all that there is.
func (s *service) getAuditCopy(ctx context.Context, tenant store.Tenant, req auditCopyRequest) (answer, error) {
	r, _, err := s.shared(ctx, auditCopy, tenant, req.AuditCopyToken)
	if err != nil {
		return answer{}, err
	}
	return s.answer(r, getRequest{IncludeInsights: true})
}

// shared is a report that is shared with a client.
func (s *service) shared(ctx context.Context, kind string, tenant store.Tenant, token string) (r row, sh share, err error) {
	err = s.items.DB.Read(ctx, func(tx *store.Tx) error {
		if sh, err = s.readable(ctx, tx, kind, tenant, token); err != nil {
			return err
		}
		r, err = s.byID(ctx, tx, sh.owner, sh.reportID)
		return err
	})
	return r, sh, err
}

func (s *service) removeAuditCopy(ctx context.Context, tenant store.Tenant, req auditCopyRequest) (removed, error) {
	return s.removeShare(ctx, auditCopy, tenant, req.AuditCopyToken)
}

type relayCreateRequest struct {
	ReportTokens      []string `json:"report_tokens" weft:"required"`
	SecondaryClientID string   `json:"secondary_client_id" weft:"required"`
	Webhook           *string  `json:"webhook"`
}

// Validate checks the fields by themselves.
func (r *relayCreateRequest) Validate(httpapi.Version) error {
	if len(r.ReportTokens) != 1 {
		return plaid.InvalidField("report_tokens", "must have one token: that of an Asset Report")
	}
	return validWebhook(r.Webhook)
}

func validWebhook(webhook *string) error {
	if webhook == nil {
		return nil
	}
	return product.ValidWebhook("webhook", *webhook)
}

type relayToken struct {
	RelayToken string `json:"relay_token"`
}

func (s *service) createRelay(ctx context.Context, tenant store.Tenant, req relayCreateRequest) (relayToken, error) {
	reader, err := s.reader(ctx, "secondary_client_id", req.SecondaryClientID, false)
	if err != nil {
		return relayToken{}, err
	}
	token, err := s.share(ctx, relay, tenant, req.ReportTokens[0], share{reader: reader, webhook: req.Webhook})
	return relayToken{token}, err
}

type relayGetRequest struct {
	RelayToken      string `json:"relay_token" weft:"required"`
	ReportType      string `json:"report_type" weft:"required"`
	IncludeInsights bool   `json:"include_insights"`
}

// Validate checks the fields by themselves.
func (r *relayGetRequest) Validate(httpapi.Version) error { return validType(r.ReportType) }

func validType(reportType string) error {
	if reportType != "asset" {
		return plaid.InvalidField("report_type", `must be "asset"`)
	}
	return nil
}

func (s *service) getRelay(ctx context.Context, tenant store.Tenant, req relayGetRequest) (answer, error) {
	r, sh, err := s.shared(ctx, relay, tenant, req.RelayToken)
	if err != nil {
		return answer{}, err
	}
	a, err := s.answer(r, getRequest{IncludeInsights: req.IncludeInsights})
	if err != nil {
		return answer{}, err
	}
	return a, s.tellRetrieved(ctx, sh)
}

// retrievedMembers say of what report whom a relay has shown it to.
type retrievedMembers struct {
	AssetReportID     string `json:"asset_report_id"`
	SecondaryClientID string `json:"secondary_client_id"`
}

// tellRetrieved tells the owner of a relay, where it gave a webhook, that the report was read. The published file says that it is told
// and not how: the code is Weft's own.
func (s *service) tellRetrieved(ctx context.Context, sh share) error {
	if sh.webhook == nil || *sh.webhook == "" {
		return nil
	}
	return s.items.DB.Write(ctx, func(tx *store.Tx) error {
		return s.items.Events.Tell(ctx, tx, event.Target{Tenant: sh.owner, Webhook: *sh.webhook},
			event.Event{Type: "ASSETS", Code: "RELAY_REPORT_RETRIEVED", Members: retrievedMembers{sh.reportID, sh.reader}})
	})
}

type relayRefreshRequest struct {
	RelayToken string  `json:"relay_token" weft:"required"`
	ReportType string  `json:"report_type" weft:"required"`
	Webhook    *string `json:"webhook"`
}

// Validate checks the fields by themselves.
func (r *relayRefreshRequest) Validate(httpapi.Version) error {
	if err := validType(r.ReportType); err != nil {
		return err
	}
	return validWebhook(r.Webhook)
}

type relayRefreshed struct {
	RelayToken    string `json:"relay_token"`
	AssetReportID string `json:"asset_report_id"`
}

// refreshRelay has a shared report made anew: the relay leads to the new one from now on, and who asked for it is told when it is ready.
// The owner's own report stays as it is, and with it, or with the relay, the new one goes.
func (s *service) refreshRelay(ctx context.Context, tenant store.Tenant, req relayRefreshRequest) (relayRefreshed, error) {
	old, sh, err := s.shared(ctx, relay, tenant, req.RelayToken)
	if err != nil {
		return relayRefreshed{}, err
	}
	hash := s.hash(relay, req.RelayToken)
	r := &row{Tenant: sh.owner, Request: old.Request, RelayHash: &hash, Webhook: req.Webhook}
	r.Request.Told = tenant.Client
	made, err := s.again(ctx, r, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `update asset_shares set newer_id = $1 where token_hash = $2 and kind = $3 and reader = $4 and environment = $5`,
			r.ID, hash, relay, tenant.Client, tenant.Environment)
		if err != nil {
			return err
		}
		if n == 0 { // removed meanwhile
			return unknownShare(relay, req.RelayToken, tenant.Environment)
		}
		return removeRelayed(ctx, tx, sh.owner, hash, r.ID)
	})
	return relayRefreshed{req.RelayToken, made.AssetReportID}, err
}

type relayRemoveRequest struct {
	RelayToken string `json:"relay_token" weft:"required"`
}

func (s *service) removeRelay(ctx context.Context, tenant store.Tenant, req relayRemoveRequest) (removed, error) {
	return s.removeShare(ctx, relay, tenant, req.RelayToken)
}
