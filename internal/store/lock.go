package store

import "context"

// Lock makes transactions that lock the same name wait for each other until they end. On SQLite they do so anyway: it has
// one writer.
func (tx *Tx) Lock(ctx context.Context, name string) error {
	if tx.engine.dialect() == "sqlite" {
		return nil
	}
	_, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, name)
	return err
}

// SkipLocked ends a select of rows that the transaction is about to change, so that several servers choose different rows
// without waiting for each other. SQLite has no such clause and, with one writer, no need of it.
func (tx *Tx) SkipLocked() string {
	if tx.engine.dialect() == "sqlite" {
		return ""
	}
	return " for update skip locked"
}

// OnCommit has a function called once the transaction is committed, and never if it is not.
func (tx *Tx) OnCommit(fn func()) { tx.committed = append(tx.committed, fn) }

// BeforeCommit has a function called as the last thing of the transaction, once all else has succeeded: what is written there is
// written together, and locks its rows for no longer than the commit takes. Its error is the transaction's.
func (tx *Tx) BeforeCommit(fn func(ctx context.Context) error) { tx.last = append(tx.last, fn) }

// Own is the transaction's own value under a key, made when it is first asked for.
func (tx *Tx) Own(key any, make func() any) any {
	if v, ok := tx.own[key]; ok {
		return v
	}
	if tx.own == nil {
		tx.own = map[any]any{}
	}
	v := make()
	tx.own[key] = v
	return v
}

// ExecEach runs a statement once for each list of arguments: on SQLite by its prepared form, on PostgreSQL all in one round trip.
func (tx *Tx) ExecEach(ctx context.Context, query string, args [][]any) error {
	if len(args) == 0 {
		return nil
	}
	tx.observe(query, args[0])
	return tx.engine.insert(ctx, query, args)
}
