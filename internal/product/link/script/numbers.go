package script

import "weft/internal/product/link/session"

// What a scripted person types where they are not told what: the documented numbers of accounts without a login, and the routing
// number of those beside one, whose account numbers end as the accounts that are shown.
const (
	defaultRouting = "110000000"
	defaultNumber  = "1111222233330000"
	defaultName    = "Alberta Bobbeth Charleson"
	besideRouting  = "021000021"
	besidePrefix   = "111122223333"
	depositCode    = "ABC"
)

// enter is what the person does on the panes of account numbers.
func (p *person) enter(v session.View) session.Action {
	routing, number := defaultRouting, defaultNumber
	if v.Institution != nil && len(v.Institution.Beside) > 0 {
		routing = besideRouting
		if v.Numbers.Mask != "" {
			number = besidePrefix + v.Numbers.Mask
		}
	}
	switch v.Pane {
	case session.PaneAuthType:
		if p.RoutingNumber != nil && p.InstitutionID == nil {
			return action(session.ActManual)
		}
		return action(session.ActInstant)
	case session.PaneRouting:
		return action(session.ActSubmit, "routing", or(p.RoutingNumber, routing))
	case session.PaneNumber:
		number = or(p.AccountNumber, number)
		return action(session.ActSubmit, "account", number, "account_again", number)
	case session.PaneHolder:
		return action(session.ActSubmit, "name", or(p.AccountHolder, defaultName), "type", or(p.AccountType, "checking"))
	}
	return action(session.ActSubmit, "code", or(p.DepositCode, depositCode))
}
