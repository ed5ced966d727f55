package connection

import (
	"context"
	"errors"
	"slices"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/accounts"
	"weft/internal/item/connections"
	"weft/internal/plaid"
	"weft/internal/store"
)

// CreateTransactions tells an Item's simulated bank of transactions, and fetches them.
func (s *Service) CreateTransactions(ctx context.Context, it item.Item, list []connector.SimulatedTransaction) error {
	return s.simulate(ctx, it, func(bank connector.Simulator, conn connector.Connection) ([]byte, error) {
		return bank.CreateTransactions(conn, s.Items.Clock.Now(), list)
	})
}

// OpenAccount has the person of an Item's simulated bank open an account, and asks the bank then.
func (s *Service) OpenAccount(ctx context.Context, it item.Item, account connector.SimulatedAccount) error {
	return s.simulate(ctx, it, func(bank connector.Simulator, conn connector.Connection) ([]byte, error) {
		return bank.OpenAccount(conn, account)
	})
}

// RevokeAccount has the person of an Item's simulated bank take back an account of the Item, and asks the bank then.
func (s *Service) RevokeAccount(ctx context.Context, it item.Item, accountID string) error {
	key, err := s.keyOf(ctx, s.Items.DB, it, accountID)
	if err != nil {
		return err
	}
	return s.simulate(ctx, it, func(bank connector.Simulator, conn connector.Connection) ([]byte, error) {
		return bank.RevokeAccount(conn, key)
	})
}

// RenumberAccount has an Item's simulated bank give an account of the Item another number, and asks the bank then.
func (s *Service) RenumberAccount(ctx context.Context, it item.Item, accountID string) error {
	key, err := s.keyOf(ctx, s.Items.DB, it, accountID)
	if err != nil {
		return err
	}
	return s.simulate(ctx, it, func(bank connector.Simulator, conn connector.Connection) ([]byte, error) {
		return bank.RenumberAccount(conn, key)
	})
}

// RevokeConsent has the person of an Item's simulated bank take back all that they share. The bank, which is asked then, says
// so: that is no failure.
func (s *Service) RevokeConsent(ctx context.Context, it item.Item) error {
	err := s.simulate(ctx, it, func(bank connector.Simulator, conn connector.Connection) ([]byte, error) {
		return bank.RevokeConsent(conn)
	})
	var pe *plaid.Error
	if errors.As(err, &pe) && pe.Code == "USER_PERMISSION_REVOKED" {
		return nil
	}
	return err
}

// keyOf is the bank's key of an account that the Item has.
func (s *Service) keyOf(ctx context.Context, q store.Querier, it item.Item, accountID string) (string, error) {
	known, err := accounts.Known(ctx, q, it.Key)
	if err != nil {
		return "", err
	}
	for key, row := range known {
		if row.ID == accountID && !slices.Contains(it.Gone, row.ID) {
			return key, nil
		}
	}
	return "", plaid.Err("INVALID_ACCOUNT_ID")
}

// act is something that happens at a simulated bank. It returns what the bank remembers then.
type act func(connector.Simulator, connector.Connection) (memory []byte, err error)

// simulate has something happen at an Item's simulated bank, and asks the bank then. The Item may be removed meanwhile.
func (s *Service) simulate(ctx context.Context, it item.Item, happen act) error {
	err := connections.ErrLost
	for errors.Is(err, connections.ErrLost) { // what happened was undone with the lease
		err = s.happen(ctx, it, happen)
	}
	if err == nil {
		_, err = s.Items.RefreshConnection(ctx, it.Tenant, it.ConnectionID)
	}
	if errors.Is(err, store.ErrNotFound) {
		return plaid.Err("ITEM_NOT_FOUND")
	}
	return err
}

// happen writes down what happens at an Item's simulated bank.
func (s *Service) happen(ctx context.Context, it item.Item, happen act) error {
	leases := connections.Leases{DB: s.Items.DB, IDs: s.Items.IDs}
	lease, err := leases.Wait(ctx, it.Tenant, it.ConnectionID, true)
	if err != nil {
		return err
	}
	conn, err := connections.Read(ctx, s.Items.DB, s.Items.Keys, it.Tenant, it.ConnectionID)
	if err != nil {
		return err
	}
	memory, err := s.remember(conn, happen)
	if err != nil {
		return errors.Join(err, leases.GiveBack(ctx, lease, conn))
	}
	return s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		return lease.End(ctx, tx, connections.Outcome{Memory: memory, Due: conn.Due, Failures: conn.Failures})
	})
}

func (s *Service) remember(conn connections.Connection, happen act) ([]byte, error) {
	con, err := s.Items.Connectors.Find(conn.Tenant.Environment, conn.Connector)
	if err != nil {
		return nil, err
	}
	bank, ok := con.(connector.Simulator)
	if !ok {
		return nil, plaid.Errf("SANDBOX_ONLY", "the Item is not at a simulated bank")
	}
	return happen(bank, conn.Connection)
}
