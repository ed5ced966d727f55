package flow

import (
	"context"
	"slices"
	"strings"

	"weft/internal/connector"
	"weft/internal/plaid"
	"weft/internal/product/link/flow/forms"
	"weft/internal/product/link/flow/numbers"
	"weft/internal/product/link/session"
	"weft/internal/store"
)

// directory is the list of banks as a session sees it.
type directory struct {
	ctx    context.Context
	s      *Service
	tenant store.Tenant
	setup  session.Setup
}

// mostShown is how many institutions a pane lists.
const mostShown = 12

// Find is an institution with its login fields.
func (d *directory) Find(id string) (session.Institution, []session.Field, bool) {
	ins, con, err := d.s.Items.Connectors.Institution(d.tenant.Environment, id, d.s.Items.Clock.Now())
	if err != nil {
		return session.Institution{}, nil, false
	}
	return d.shown(ins), forms.Fields(con, id), true
}

// Search is the institutions that a text finds. Those that cannot be linked for what is asked come last, and say so; without a
// text they are left out.
func (d *directory) Search(query string) []session.Institution {
	query = strings.TrimSpace(query)
	found, err := d.s.Find(d.ctx, d.tenant, query, d.setup.Countries, d.setup.Products)
	if err != nil {
		d.s.Log.ErrorContext(d.ctx, "institutions cannot be searched", "error", err)
	}
	list := []session.Institution{}
	for _, ins := range found {
		if shown := d.shown(ins); !plaid.Known(d.setup.Hidden, shown.ID) && (query != "" || !shown.Unsupported) {
			list = append(list, shown)
		}
	}
	if matched, _, found := d.Find(d.setup.Matched); found && query == "" && !matched.Unsupported && !plaid.Known(d.setup.Hidden, matched.ID) {
		list = slices.DeleteFunc(list, func(i session.Institution) bool { return i.ID == matched.ID })
		list = slices.Insert(list, 0, matched)
	}
	slices.SortStableFunc(list, func(a, b session.Institution) int { return int(rank(a) - rank(b)) })
	return list[:min(len(list), mostShown)]
}

// ByRouting is the one institution that has a routing number.
func (d *directory) ByRouting(number string) (session.Institution, bool) {
	ins, found := numbers.ByRouting(d.s.Items, d.tenant.Environment, number)
	if !found {
		return session.Institution{}, false
	}
	return d.shown(ins), true
}

func rank(i session.Institution) int64 {
	if i.Unsupported {
		return 1
	}
	return 0
}

func (d *directory) shown(ins connector.Institution) session.Institution {
	out := session.Institution{Matched: ins.InstitutionID == d.setup.Matched, ID: ins.InstitutionID, Name: ins.Name, URL: text(ins.URL), Color: text(ins.PrimaryColor), OAuth: ins.OAuth, Health: "HEALTHY"}
	switch {
	case ins.Down:
		out.Health = "DOWN"
	case ins.Degraded:
		out.Health = "DEGRADED"
	}
	inCountry := slices.ContainsFunc(ins.CountryCodes, func(c string) bool { return plaid.Known(d.setup.Countries, c) })
	numbers.Show(&out, ins, d.setup)
	hasAll := !slices.ContainsFunc(d.setup.Products, func(p string) bool { return !numbers.Has(out, ins, p) })
	if len(d.setup.Repairs) == 0 {
		out.Unsupported = !ins.Supported || !inCountry || !hasAll
	}
	out.HasLogo = slices.ContainsFunc(d.s.Items.Connectors[d.tenant.Environment], func(con connector.Connector) bool {
		_, draws := con.(connector.Logos)
		return draws
	})
	return out
}
