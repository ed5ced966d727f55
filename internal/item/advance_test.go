package item_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/state"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// A step of an Item's history that comes while somebody else has the bank asked is not content with that round, which brings no
// step: the job of the step is done once it returns, and nobody else would bring it.
func TestAStepOfAHistoryIsNotLostToAnothersRound(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		w := newWorld(t, db, c)
		it := w.link(t, platypus, "user_good", "pass_good").Item
		var steps []state.Step
		w.Items.Appliers = []item.Applier{func(_ context.Context, _ *store.Tx, r *item.Refreshed) (bool, error) {
			steps = append(steps, r.Step)
			return false, nil
		}}
		reads, asked, goOn := make(chan struct{}, 64), make(chan struct{}, 8), make(chan struct{})
		var counting atomic.Bool
		db.Observe(func(query string, _ []any) {
			if counting.Load() && strings.Contains(query, "from connections where connection_id") {
				reads <- struct{}{}
			}
		})
		w.banks.asked = func(connector.Want) {
			asked <- struct{}{}
			<-goOn
		}
		var group sync.WaitGroup
		group.Go(func() {
			if _, err := w.Items.Refresh(t.Context(), it); err != nil {
				t.Error(err)
			}
		})
		<-asked
		counting.Store(true)
		group.Go(func() {
			if _, err := w.Items.Advance(t.Context(), it, state.StepRecent); err != nil {
				t.Error(err)
			}
		})
		<-reads // how often the bank was asked before: the round under way will have been one more
		counting.Store(false)
		close(goOn)
		group.Wait()
		if !slices.Equal(steps, []state.Step{state.StepNone, state.StepRecent}) {
			t.Errorf("the steps that came are %v", steps)
		}
	})
}
