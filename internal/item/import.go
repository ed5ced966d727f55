package item

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"weft/internal/connector"
	"weft/internal/item/connections"
	"weft/internal/item/consent"
	"weft/internal/item/institutions"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Imported is what became of a statement.
type Imported struct {
	// Item has no id where it would be new and nothing was written.
	Item Item
	New  bool
	// AccessToken is set where the statement has made a new Item. It is shown this once.
	AccessToken string
	Report      Report
}

// errDryRun undoes an import that was only tried.
var errDryRun = errors.New("dry run")

// Import applies the statements of a file, which the named connector has read, each to the tenant's Item at its institution,
// and makes the Item where there is none. It writes all of the file or nothing. A dry run tells what would become of it and
// writes nothing.
func (s *Service) Import(ctx context.Context, tenant store.Tenant, from string, statements []connector.Statement, dryRun bool) (imported []Imported, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		imported = nil
		for _, st := range statements {
			one, err := s.importOne(ctx, tx, tenant, from, st)
			if err != nil {
				return err
			}
			imported = append(imported, one)
		}
		if dryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		for i := range imported {
			imported[i].AccessToken = "" // it was never written, nor was a new Item
			if imported[i].New {
				imported[i].Item.ID = ""
			}
		}
		err = nil
	}
	return imported, err
}

func (s *Service) importOne(ctx context.Context, tx *store.Tx, tenant store.Tenant, from string, st connector.Statement) (Imported, error) {
	if len(st.Batch.Accounts) == 0 {
		return Imported{}, plaid.Err("NO_ACCOUNTS")
	}
	want := s.want(st.Batch.Products(), "")
	it, isNew, err := s.itemOf(ctx, tx, tenant, from, st.Institution, want.Now)
	if err != nil {
		return Imported{}, err
	}
	changed := it.Add(want.Products) || isNew
	st.Institution.Name = cmp.Or(st.Institution.Name, it.InstitutionName) // a file that says no name takes none away
	if err := institutions.Put(ctx, tx, tenant, st.Institution); err != nil {
		return Imported{}, err
	}
	r, err := s.apply(ctx, tx, it, want, st.Batch, state.StepWhole, changed)
	if err != nil {
		return Imported{}, err
	}
	one := Imported{Item: r.Item, New: isNew, Report: r.Report}
	if isNew {
		if err := consent.Note(ctx, tx, r.Item, consent.Imported); err != nil {
			return Imported{}, err
		}
		one.AccessToken, err = s.Tokens().Access(ctx, tx, tenant, r.Item.ID)
	}
	return one, err
}

// ownItem is a new Item of a person's own data: there is nobody to ask for consent but them. The bank may have no name.
func (s *Service) ownItem(tenant store.Tenant, connectionID string, ins connector.Institution, now time.Time) Item {
	return Item{ID: s.IDs.ID(), Key: s.IDs.Key(now), Tenant: tenant, ConnectionID: connectionID, State: State{
		InstitutionID: ins.InstitutionID, InstitutionName: cmp.Or(ins.Name, "My bank"), Supported: ins.Products,
		Consented: ins.Products, CreatedAt: now.UnixMilli(), History: History{All: true},
	}}
}

// itemOf is the tenant's Item at a statement's institution, locked, or a new one.
func (s *Service) itemOf(ctx context.Context, tx *store.Tx, tenant store.Tenant, from string, ins connector.Institution, now time.Time) (it Item, isNew bool, err error) {
	id, err := connections.Imported(ctx, tx, tenant, from, ins)
	if errors.Is(err, store.ErrNotFound) {
		// Of two first statements at once, the second waits here and then finds the first one's Item.
		if _, err := tx.Exec(ctx, `update instance set starts = starts where id = 1`); err != nil {
			return Item{}, false, err
		}
		id, err = connections.Imported(ctx, tx, tenant, from, ins)
	}
	if err == nil {
		it, err = rows.Lock(ctx, tx, tenant, id)
		return it, false, err
	}
	if !errors.Is(err, store.ErrNotFound) {
		return Item{}, false, err
	}
	it = s.ownItem(tenant, s.IDs.Key(now), ins, now)
	return it, true, s.insert(ctx, tx, it, from, nil, json.RawMessage(`{}`))
}
