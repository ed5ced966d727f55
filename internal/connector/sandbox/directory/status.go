package directory

import (
	"slices"
	"strconv"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// The states of an institution's service.
const (
	healthy  = "HEALTHY"
	degraded = "DEGRADED"
	down     = "DOWN"
)

// condition is how a state shows: for how long it lasts, in days, and the figures behind it, in thousandths.
type condition struct {
	state    string
	period   int
	refresh  string
	success  [2]int
	plaidMax int
}

// conditionOf is the condition of all services of an institution.
func conditionOf(in *connector.Institution) condition {
	switch {
	case in.Down:
		return condition{down, 3, "STOPPED", [2]int{0, 0}, 20}
	case in.Degraded:
		return condition{degraded, 7, "DELAYED", [2]int{380, 620}, 40}
	default:
		return condition{healthy, 45, "NORMAL", [2]int{905, 992}, 15}
	}
}

// thousandths is 0.000 to 1.000.
func thousandths() []plaid.Decimal {
	list := make([]plaid.Decimal, 1001)
	for i := range list {
		list[i] = plaid.NewDecimal(int64(i), -3)
	}
	return list
}

// statusOf is an institution's status as of a day: one entry for each service that its products stand on, null for the
// others.
func (d *Directory) statusOf(in *connector.Institution, today plaid.Date) *plaid.InstitutionStatus {
	cond := conditionOf(in)
	pull := func(product, service string) *plaid.ProductStatus {
		if product != "" && !slices.Contains(in.Products, product) {
			return nil
		}
		return d.service(in.InstitutionID, service, cond, today)
	}
	updates := func(product, service string) *plaid.ProductStatus {
		s := pull(product, service)
		if s != nil {
			s.Breakdown.RefreshInterval = cond.refresh
		}
		return s
	}
	return &plaid.InstitutionStatus{
		ItemLogins:          pull("", "item_logins"),
		TransactionsUpdates: updates("transactions", "transactions_updates"),
		Auth:                pull("auth", "auth"),
		Identity:            pull("identity", "identity"),
		InvestmentsUpdates:  updates("investments", "investments_updates"),
		LiabilitiesUpdates:  updates("liabilities", "liabilities_updates"),
		Liabilities:         pull("liabilities", "liabilities"),
		Investments:         pull("investments", "investments"),
		HealthIncidents:     d.incidents(in, cond, today),
	}
}

// service is the status of one service. The shares add up to exactly 1: the institution's errors are what is left.
func (d *Directory) service(id, service string, cond condition, today plaid.Date) *plaid.ProductStatus {
	since := d.lastChange(id, service, cond.period, today)
	dr := newDraw(d.seed, id, service, strconv.FormatInt(since.Unix(), 10))
	success := cond.success[0] + dr.below(cond.success[1]-cond.success[0]+1)
	ours := dr.below(min(cond.plaidMax, 1000-success) + 1)
	return &plaid.ProductStatus{
		Status:           cond.state,
		LastStatusChange: plaid.Timestamp(since),
		Breakdown: plaid.ProductStatusBreakdown{
			Success:          d.shares()[success],
			ErrorPlaid:       d.shares()[ours],
			ErrorInstitution: d.shares()[1000-success-ours],
		},
	}
}

// lastChange is the latest of the moments, one in each period of days, at which a service changed. It lies at least one
// whole day before today, so that what follows it (the notes on an incident) is never in the future.
func (d *Directory) lastChange(id, service string, period int, today plaid.Date) time.Time {
	offset := newDraw(d.seed, id, service).below(period)
	elapsed := ((int(today)+offset)%period + period) % period
	changed := today.AddDays(-2 - elapsed)
	second := newDraw(d.seed, id, service, changed.String()).below(24 * 60 * 60)
	return changed.Time().Add(time.Duration(second) * time.Second)
}

// incidents is what is published about an institution that is not well: one open incident, known since its logins changed.
func (d *Directory) incidents(in *connector.Institution, cond condition, today plaid.Date) []plaid.HealthIncident {
	if cond.state == healthy {
		return []plaid.HealthIncident{}
	}
	title, cause := "Logins and updates fail more often than usual", "The institution answers slowly and refuses some requests."
	if cond.state == down {
		title, cause = "Logins and updates are not possible", "The institution does not answer."
	}
	began := d.lastChange(in.InstitutionID, "item_logins", cond.period, today)
	return []plaid.HealthIncident{{
		StartDate: plaid.Timestamp(began),
		Title:     title,
		IncidentUpdates: []plaid.IncidentUpdate{
			{
				Description: "The cause is being looked into.",
				Status:      "INVESTIGATING",
				UpdatedDate: plaid.Timestamp(began.Add(20 * time.Minute)),
			},
			{
				Description: cause,
				Status:      "IDENTIFIED",
				UpdatedDate: plaid.Timestamp(began.Add(2 * time.Hour)),
			},
		},
	}}
}
