// Package assets is the product of Asset Reports: what a person has, as a snapshot that never changes, made by a durable job from one
// consistent read, and shared with auditors and with other clients.
package assets

import (
	"context"
	"sync"
	"time"

	"weft/internal/enrich"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/job"
	"weft/internal/product"
	"weft/internal/store"
)

const productName = "assets"

// New is the product. Its reports are made by the queue's jobs.
func New(items *item.Service, jobs *job.Queue) product.Product {
	s := &service{items: items, enricher: sync.OnceValue(enrich.New)}
	s.making = job.Register(jobs, job.Spec{Name: "asset-report", Timeout: 15 * time.Minute, Attempts: attempts + moreAttempts}, s.generate)
	route := func(path, summary string, e httpapi.Endpoint) httpapi.Route {
		return httpapi.Route{Path: path, Summary: summary, Endpoint: e}
	}
	return product.Product{Name: productName, Apply: s.apply, Routes: []httpapi.Route{
		route("/asset_report/create", "Ask for an Asset Report of some Items", endpoint(s, s.create)),
		route("/asset_report/get", "An Asset Report", endpoint(s, s.get)),
		route("/asset_report/pdf/get", "An Asset Report as PDF", endpoint(s, s.getPDF)),
		route("/asset_report/filter", "A report of what another one has, without some accounts", endpoint(s, s.filter)),
		route("/asset_report/refresh", "A newer report of the same Items", endpoint(s, s.refresh)),
		route("/asset_report/remove", "Remove a report, with its audit copies", endpoint(s, s.remove)),
		route("/asset_report/audit_copy/create", "Let an auditor read a report", endpoint(s, s.createAuditCopy)),
		route("/asset_report/audit_copy/get", "A report that was shared with the calling auditor", endpoint(s, s.getAuditCopy)),
		route("/asset_report/audit_copy/pdf/get", "A report that was shared with the calling auditor, as PDF", endpoint(s, s.getAuditCopyPDF)),
		route("/asset_report/audit_copy/remove", "End an auditor's access to a report", endpoint(s, s.removeAuditCopy)),
		route("/credit/relay/create", "Let another client read a report", endpoint(s, s.createRelay)),
		route("/credit/relay/get", "A report that was shared with the calling client", endpoint(s, s.getRelay)),
		route("/credit/relay/pdf/get", "A report that was shared with the calling client, as PDF", endpoint(s, s.getRelayPDF)),
		route("/credit/relay/refresh", "Have a report that was shared with the calling client made anew", endpoint(s, s.refreshRelay)),
		route("/credit/relay/remove", "End another client's access to a report", endpoint(s, s.removeRelay)),
	}}
}

func endpoint[Req, Res any](s *service, fn func(context.Context, store.Tenant, Req) (Res, error)) httpapi.Endpoint {
	return product.Endpoint(s.items.Clients, s.items.Clock, fn)
}

type service struct {
	items *item.Service
	// enricher finds what descriptions mean. Its rules are read when they are needed first.
	enricher func() *enrich.Enricher
	making   *job.Kind[generation]
}
