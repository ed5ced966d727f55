package linkmoney

import (
	"context"

	"weft/internal/enrich/taxonomy"
	"weft/internal/httpapi"
)

// named is an institution in a list, by its name alone.
type named struct {
	InstitutionID raw `json:"institution_id"`
	Name          raw `json:"name"`
}

type foundAnswer struct {
	Institutions []named `json:"institutions"`
}

type institutionsAnswer struct {
	foundAnswer
	Total int `json:"total"`
}

type institutionAnswer struct {
	Institution struct {
		named
		Status       *health `json:"status"`
		PrimaryColor raw     `json:"primary_color"`
		URL          raw     `json:"url"`
		Logo         raw     `json:"logo"`
	} `json:"institution"`
}

// health is an institution's by product. A balance is asked for by a login and nothing more, so its health is that of logins.
type health struct {
	ItemLogins          *outcome `json:"item_logins"`
	TransactionsUpdates *outcome `json:"transactions_updates"`
	Auth                *outcome `json:"auth"`
	Balance             *outcome `json:"balance"`
	Identity            *outcome `json:"identity"`
	Investments         *outcome `json:"investments"`
	Liabilities         *outcome `json:"liabilities"`
	InvestmentsUpdates  *outcome `json:"investments_updates"`
	LiabilitiesUpdates  *outcome `json:"liabilities_updates"`
}

type outcome struct {
	Status           raw    `json:"status"`
	LastStatusChange raw    `json:"last_status_change"`
	Breakdown        shares `json:"breakdown"`
}

// shares are of the outcomes. Ours is read by Plaid's name and told by Link Money's.
type shares struct {
	Success          raw `json:"success"`
	ErrorPlaid       raw `json:"error_plaid,omitempty"`
	ErrorLinkMoney   raw `json:"error_link_money"`
	ErrorInstitution raw `json:"error_institution"`
	RefreshInterval  raw `json:"refresh_interval,omitempty"`
}

// finish puts what has another name, or none, where this dialect has it.
func (a *institutionAnswer) finish() error {
	h := a.Institution.Status
	if h == nil {
		return nil
	}
	for _, o := range []*outcome{h.ItemLogins, h.TransactionsUpdates, h.Auth, h.Identity, h.Investments, h.Liabilities, h.InvestmentsUpdates, h.LiabilitiesUpdates} {
		if o != nil {
			o.Breakdown.ErrorLinkMoney, o.Breakdown.ErrorPlaid = o.Breakdown.ErrorPlaid, nil
		}
	}
	h.Balance = h.ItemLogins
	return nil
}

type category struct {
	CategoryID string   `json:"category_id"`
	Group      string   `json:"group"`
	Hierarchy  []string `json:"hierarchy"`
}

type categoriesAnswer struct {
	Categories []category `json:"categories"`
}

// categories are those of the older hierarchy, which the dialect's transactions have. They are the same for all, so nobody's
// credentials are looked at.
func categories(_ context.Context, call *httpapi.Call, body httpapi.Members) (any, error) {
	if _, err := readCredentials(call, body); err != nil {
		return nil, err
	}
	if _, err := httpapi.Decode[httpapi.None](body); err != nil {
		return nil, err
	}
	res := categoriesAnswer{}
	for _, c := range taxonomy.LegacyCategories() {
		res.Categories = append(res.Categories, category{c.ID, c.Group, c.Hierarchy})
	}
	return res, nil
}
