package connection

import (
	"context"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/connections"
	"weft/internal/plaid"
	"weft/internal/store"
)

// CreateTransactions tells an Item's simulated bank of transactions, and fetches them.
func (s *Service) CreateTransactions(ctx context.Context, it item.Item, list []connector.SimulatedTransaction) error {
	leases := connections.Leases{DB: s.Items.DB, IDs: s.Items.IDs}
	lease, err := leases.Wait(ctx, it.Tenant, it.ConnectionID, true)
	if err != nil {
		return err
	}
	conn, err := connections.Read(ctx, s.Items.DB, s.Items.Keys, it.Tenant, it.ConnectionID)
	if err != nil {
		return err
	}
	memory, err := s.create(conn, list)
	if err != nil {
		if giveBack := leases.GiveBack(ctx, lease, conn); giveBack != nil {
			return giveBack
		}
		return err
	}
	err = s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		return lease.End(ctx, tx, connections.Outcome{Memory: memory, Due: conn.Due, Failures: conn.Failures})
	})
	if err != nil {
		return err
	}
	_, err = s.Items.RefreshConnection(ctx, it.Tenant, it.ConnectionID)
	return err
}

func (s *Service) create(conn connections.Connection, list []connector.SimulatedTransaction) ([]byte, error) {
	con, err := s.Items.Connectors.Find(conn.Tenant.Environment, conn.Connector)
	if err != nil {
		return nil, err
	}
	simulator, ok := con.(connector.Simulator)
	if !ok {
		return nil, plaid.Errf("SANDBOX_ONLY", "the Item is not at a simulated bank")
	}
	return simulator.CreateTransactions(conn.Connection, s.Items.Clock.Now(), list)
}
