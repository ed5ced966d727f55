package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestOnCommitFollowsTheCommitOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		broken, calls := errors.New("broken"), 0
		for _, want := range []error{broken, nil} {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				tx.OnCommit(func() { calls++ })
				return want
			})
			if !errors.Is(err, want) {
				t.Error(err)
			}
		}
		if calls != 1 {
			t.Errorf("%d calls, want 1", calls)
		}
	})
}

// A transaction that locks a name waits for the one that has it, and for no other.
func TestLockHoldsUntilTheEndOfTheTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		locked, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- db.Write(context.Background(), func(tx *store.Tx) error {
				err := tx.Lock(t.Context(), "a")
				close(locked)
				<-release
				return err
			})
		}()
		<-locked
		impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := db.Write(impatient, func(tx *store.Tx) error { return tx.Lock(impatient, "a") }); err == nil {
			t.Error("the name was locked twice")
		}
		if db.Dialect() == "postgres" {
			if err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.Lock(t.Context(), "b") }); err != nil {
				t.Error(err)
			}
		}
		close(release)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error { return tx.Lock(t.Context(), "a") }); err != nil {
			t.Error(err)
		}
	})
}
