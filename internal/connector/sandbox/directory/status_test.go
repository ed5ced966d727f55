package directory

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// services is the services of a status by the product that they stand on; item_logins stand on none.
func services(s *plaid.InstitutionStatus) map[string][]*plaid.ProductStatus {
	return map[string][]*plaid.ProductStatus{
		"":             {s.ItemLogins},
		"transactions": {s.TransactionsUpdates},
		"auth":         {s.Auth},
		"identity":     {s.Identity},
		"investments":  {s.Investments, s.InvestmentsUpdates},
		"liabilities":  {s.Liabilities, s.LiabilitiesUpdates},
	}
}

func checkStatus(t interface {
	Errorf(format string, args ...any)
}, in connector.Institution, now time.Time) {
	want := healthy
	switch {
	case in.Down:
		want = down
	case in.Degraded:
		want = degraded
	}
	for product, list := range services(in.Status) {
		for i, s := range list {
			if (s != nil) != (product == "" || slices.Contains(in.Products, product)) {
				t.Errorf("%s: status for %q is %v with products %v", in.InstitutionID, product, s, in.Products)
			}
			if s == nil {
				continue
			}
			if s.Status != want {
				t.Errorf("%s: %s, want %s", in.InstitutionID, s.Status, want)
			}
			b := s.Breakdown
			if sum := b.Success.Add(b.ErrorPlaid).Add(b.ErrorInstitution); !sum.Equal(plaid.Dec("1")) {
				t.Errorf("%s: shares %v %v %v add up to %v", in.InstitutionID, b.Success, b.ErrorPlaid, b.ErrorInstitution, sum)
			}
			if b.Success.Sign() < 0 || b.ErrorPlaid.Sign() < 0 || b.ErrorInstitution.Sign() < 0 {
				t.Errorf("%s: a negative share", in.InstitutionID)
			}
			update := product == "transactions" || i == 1
			if (b.RefreshInterval != "") != update {
				t.Errorf("%s: refresh interval %q of %q", in.InstitutionID, b.RefreshInterval, product)
			}
			if changed := parse(t, s.LastStatusChange); !changed.Before(now) {
				t.Errorf("%s: changed at %v, after %v", in.InstitutionID, changed, now)
			}
		}
	}
	if (len(in.Status.HealthIncidents) > 0) != (want != healthy) || in.Status.HealthIncidents == nil {
		t.Errorf("%s is %s with incidents %v", in.InstitutionID, want, in.Status.HealthIncidents)
	}
	for _, incident := range in.Status.HealthIncidents {
		last := parse(t, incident.StartDate)
		for _, u := range incident.IncidentUpdates {
			at := parse(t, u.UpdatedDate)
			if !at.After(last) || !at.Before(now) {
				t.Errorf("%s: a note of %v after one of %v, at %v", in.InstitutionID, at, last, now)
			}
			last = at
		}
		if len(incident.IncidentUpdates) == 0 || incident.EndDate != nil {
			t.Errorf("%s: incident %+v", in.InstitutionID, incident)
		}
	}
}

func parse(t interface {
	Errorf(format string, args ...any)
}, s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Errorf("timestamp %q: %v", s, err)
	}
	return at
}

func TestStatusOfEveryInstitution(t *testing.T) {
	for _, in := range New("seed").Institutions(noon) {
		checkStatus(t, in, noon)
	}
}

func TestUnhealthyInstitutionsShowIt(t *testing.T) {
	list := New("seed").Institutions(noon)
	bad, slow := find(t, list, "ins_132361").Status, find(t, list, "ins_132363").Status
	if s := bad.ItemLogins.Breakdown; !s.Success.IsZero() || bad.TransactionsUpdates.Breakdown.RefreshInterval != "STOPPED" {
		t.Errorf("the institution that is down has %+v", s)
	}
	if s := slow.ItemLogins.Breakdown; s.Success.Cmp(plaid.Dec("0.7")) > 0 || slow.TransactionsUpdates.Breakdown.RefreshInterval != "DELAYED" {
		t.Errorf("the degraded institution has %+v", s)
	}
}

// Whatever the seed and the day, a status is whole, and it changes only in steps: the moment of the last change never
// goes back, and while it stays the figures stay.
func TestStatusMovesForward(t *testing.T) {
	base := New("").all().list
	rapid.Check(t, func(t *rapid.T) {
		d := &Directory{seed: rapid.String().Draw(t, "seed"), shares: thousandths}
		in := rapid.SampledFrom(base).Draw(t, "institution")
		today := plaid.Date(rapid.Int32Range(-5000, 40000).Draw(t, "day"))
		was := d.statusOf(&in, today).ItemLogins
		for range 60 {
			today = today.AddDays(1)
			in.Status = d.statusOf(&in, today)
			checkStatus(t, in, today.Time())
			is := in.Status.ItemLogins
			if parse(t, is.LastStatusChange).Before(parse(t, was.LastStatusChange)) {
				t.Fatalf("changed at %s, before that at %s", is.LastStatusChange, was.LastStatusChange)
			}
			if is.LastStatusChange == was.LastStatusChange && !reflect.DeepEqual(is, was) {
				t.Fatalf("figures moved without a change: %+v, %+v", was, is)
			}
			was = is
		}
	})
}
