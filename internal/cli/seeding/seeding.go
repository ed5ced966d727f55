// Package seeding fills a database with Items at bulk speed, for measuring. The first Item of a run is linked as any other at a
// simulated bank; the others are copies of its rows under ids, keys and seals of their own. So they are rows as the program writes
// them, whatever that is, and only their ids tell one from another.
package seeding

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weft/internal/connector/sandbox"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Plan is what is to be seeded.
type Plan struct {
	Tenant store.Tenant
	// Items is how many there are to be, and Transactions how many each has of its bank account and of its investments.
	Items, Transactions int
	// Holdings is how many positions each has, from 1 to MostHoldings.
	Holdings int
	// Made is told of each Item, in order, once it is committed.
	Made func(itemID, accessToken string) error
}

// Institution is the simulated bank of all Items, and Products what they have.
const Institution = "ins_109508"

// Products are those of all Items.
var Products = []string{"transactions", "investments"}

// mostRows is about how many rows one transaction writes.
const mostRows = 50_000

// Seed seeds.
func Seed(ctx context.Context, s *item.Service, p Plan) error {
	if p.Items == 0 {
		return nil
	}
	person, err := person(p.Transactions, p.Holdings, plaid.DateOf(s.Clock.Now()))
	if err != nil {
		return err
	}
	linked, err := s.Link(ctx, p.Tenant, item.LinkRequest{InstitutionID: Institution, Username: "user_custom", Password: person, Products: Products,
		History: item.History{Days: days}})
	if err != nil {
		return err
	}
	token, id, err := s.Exchange(ctx, p.Tenant, linked.PublicToken)
	if err != nil {
		return err
	}
	if err := p.Made(id, token); err != nil {
		return err
	}
	if p.Items == 1 { // which may be one of very many rows
		return nil
	}
	f, err := readForm(ctx, s, p.Tenant, linked.Item)
	if err != nil {
		return err
	}
	batch := max(mostRows/f.rows(), 1)
	for done := 1; done < p.Items; done += batch {
		if err := f.write(ctx, min(batch, p.Items-done), p.Made); err != nil {
			return err
		}
	}
	return nil
}

// write writes so many copies in one transaction.
func (f *form) write(ctx context.Context, n int, made func(itemID, accessToken string) error) error {
	keys := make([]string, n) // in order, so that rows of tables go to their ends
	for i := range keys {
		keys[i] = f.items.IDs.Key(f.items.Clock.Now())
	}
	slices.Sort(keys)
	copies := make([]*copied, n)
	for i := range copies {
		copies[i] = f.copy(keys[i])
	}
	err := f.items.DB.Write(ctx, func(tx *store.Tx) error {
		for i, t := range tables {
			var rows [][]any
			for _, c := range copies {
				made, err := f.fill(c, i)
				if err != nil {
					return err
				}
				rows = append(rows, made...)
			}
			if err := tx.Copy(ctx, t.name, t.columns, rows); err != nil {
				return fmt.Errorf("seed %s: %w", t.name, err)
			}
		}
		return nil
	})
	for _, c := range copies {
		if err == nil {
			err = made(c.itemID, c.token)
		}
	}
	return err
}

// days is how far back transactions go, but a day: a long history is spread over two years.
const days = 730

// MostHoldings is how many securities there are to hold.
const MostHoldings = 26

// person describes someone with a checking account and an investment account, of so many transactions each, and so many holdings.
func person(transactions, holdings int, today plaid.Date) (string, error) {
	shops := []string{"Tectra Inc", "United Airlines", "Starbucks", "McDonald's", "Uber", "Touchstone Climbing", "SparkFun", "Whole Foods", "Shell Oil", "Netflix"}
	checking, trades, held := []any{}, []any{}, []any{}
	for i := range transactions {
		day := today.AddDays(-1 - i*(days-40)/max(transactions, 1)).String()
		amount := json.Number(fmt.Sprintf("%d.%02d", 5+i*7%90, i*13%100))
		checking = append(checking, map[string]any{"date_transacted": day, "date_posted": day, "amount": amount,
			"description": fmt.Sprintf("%s %06d", shops[i%len(shops)], 100_000+i), "currency": "USD"})
		trades = append(trades, map[string]any{"date": day, "name": fmt.Sprintf("BUY Weft Industries %d", i%holdings), "quantity": 1 + i%9,
			"price": 10 + i%holdings, "type": "buy", "currency": "USD", "security": security(i % holdings)})
	}
	for i := range holdings {
		held = append(held, map[string]any{"institution_price": 10 + i, "quantity": 5 + i, "cost_basis": 9 * (5 + i), "currency": "USD", "security": security(i)})
	}
	text, err := json.Marshal(map[string]any{"override_accounts": []any{
		map[string]any{"type": "depository", "subtype": "checking", "meta": map[string]any{"mask": "0000"}, "numbers": numbers("1111222233330000"), "starting_balance": 4200,
			"transactions": checking},
		map[string]any{"type": "investment", "subtype": "brokerage", "meta": map[string]any{"mask": "1111"}, "numbers": numbers("1111222233331111"), "starting_balance": 1000,
			"holdings": held, "investment_transactions": trades},
	}})
	return string(text), err
}

// numbers are stated, since the bank would make up others for each connection.
func numbers(account string) map[string]any {
	return map[string]any{"account": account, "ach_routing": "011401533", "ach_wire_routing": "021000021"}
}

func security(i int) map[string]any {
	return map[string]any{"ticker_symbol": "WFT" + string(rune('A'+i)), "name": fmt.Sprintf("Weft Industries %d", i), "currency": "USD"}
}

// some reports whether a database has Items, of whatever client.
func some(ctx context.Context, db *store.DB) (bool, error) {
	var one int64
	err := db.QueryRow(ctx, `select 1 from items limit 1`).Scan(&one)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// LoginLife is how long the logins last, as those of a server do.
const LoginLife = sandbox.LoginDays * 24 * time.Hour

// figures say what was seeded in a time.
func figures(items int, took time.Duration) string {
	return fmt.Sprintf("%d Items in %s, %d a second", items, took.Round(time.Millisecond), int64(items)*int64(time.Second)/max(int64(took), 1))
}
