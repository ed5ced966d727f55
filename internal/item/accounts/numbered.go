package accounts

import (
	"context"
	"encoding/json"

	"weft/internal/connector"
	"weft/internal/item/document"
	"weft/internal/item/event"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// verify says of an account how far its numbers are verified that a person has typed. Those stay, whatever the bank says of them
// later: before are the account's as they are.
func verify(a *connector.Account, t *state.Typed, before *connector.Numbers) {
	if t == nil || t.AccountKey != a.Key {
		return
	}
	a.VerificationStatus, a.VerificationName, a.VerificationInsights = t.Status, t.Name, t.Insights
	if before != nil {
		a.Numbers = *before
	}
}

// Verified writes how far the typed numbers of a locked Item are verified, and tells of it where clients are told.
func Verified(ctx context.Context, tx *store.Tx, events event.Notifier, it *rows.Item) error {
	known, err := Known(ctx, tx, it.Key)
	if err != nil {
		return err
	}
	id := known[it.Typed.AccountKey].ID
	docs, err := document.Read(ctx, tx, it.Tenant, it.Key, Document)
	if err != nil {
		return err
	}
	var list []plaid.Account
	if err := json.Unmarshal(docs.ByKind[Document], &list); err != nil {
		return err
	}
	for i := range list {
		if list[i].AccountID == id {
			list[i].VerificationStatus = it.Typed.Status
		}
	}
	if _, err := document.Put(ctx, tx, it.Key, Document, list); err != nil {
		return err
	}
	if err := rows.Save(ctx, tx, it); err != nil {
		return err
	}
	if e, ok := state.Verified(id, it.Typed.Status); ok {
		return events.Tell(ctx, tx, it.Target(), e)
	}
	return nil
}

// renumber notes what has changed of the numbers that money is moved with.
func (out *Applied) renumber(accountID string, before *connector.Numbers, now connector.Numbers) {
	if before == nil {
		return
	}
	oldAccount, oldRouting := ends(*before)
	account, routing := ends(now)
	switch {
	case account == "":
	case oldAccount == "":
		out.Numbered = append(out.Numbered, accountID)
	default:
		if oldAccount != account {
			out.Renumbered[accountID] = append(out.Renumbered[accountID], "ACCOUNT_NUMBER")
		}
		if oldRouting != routing {
			out.Renumbered[accountID] = append(out.Renumbered[accountID], "ROUTING_NUMBER")
		}
	}
}

// ends are an account's number and that of its bank, as the country has them; empty where there are none.
func ends(n connector.Numbers) (account, routing string) {
	switch {
	case n.ACH != nil:
		return n.ACH.Account, n.ACH.Routing + " " + n.ACH.WireRouting
	case n.EFT != nil:
		return n.EFT.Account, n.EFT.Institution + " " + n.EFT.Branch
	case n.BACS != nil:
		return n.BACS.Account, n.BACS.SortCode
	case n.International != nil:
		return n.International.IBAN, n.International.BIC
	}
	return "", ""
}
