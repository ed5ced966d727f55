package taxlots

import (
	"context"
	"encoding/json"

	"weft/internal/plaid"
	"weft/internal/store"
)

const transactionsQuery = `select document from investment_transactions where item_key = $1 and account_id = $2 order by date, ordinal`

// ReadTransactions are the stored transactions of an account.
func ReadTransactions(ctx context.Context, tx *store.Tx, itemKey, accountID string) ([]plaid.InvestmentTransaction, error) {
	rows, err := tx.Query(ctx, transactionsQuery, itemKey, accountID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []plaid.InvestmentTransaction
	for rows.Next() {
		var doc []byte
		var t plaid.InvestmentTransaction
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(doc, &t); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

func readSecurities(ctx context.Context, tx *store.Tx, itemKey string) (map[string]Security, error) {
	rows, err := tx.Query(ctx, `select security_id, document from item_securities where item_key = $1`, itemKey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]Security{}
	for rows.Next() {
		var id string
		var doc []byte
		var s Security
		if err := rows.Scan(&id, &doc); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(doc, &s); err != nil {
			return nil, err
		}
		all[id] = s
	}
	return all, rows.Err()
}

// describe is what matters of a security.
func describe(s plaid.Security) Security {
	out := Security{Option: s.OptionContract, CashLike: s.IsCashEquivalent != nil && *s.IsCashEquivalent}
	if s.Type != nil {
		out.Type = *s.Type
	}
	if s.TickerSymbol != nil {
		out.Ticker = *s.TickerSymbol
	}
	if s.Name != nil {
		out.Name = *s.Name
	}
	return out
}
