package store_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"weft/internal/store"
	"weft/internal/store/storetest"
)

// A mark stays while nothing of its key is committed, and is another one afterwards. PostgreSQL, which others write to as well, has
// none, and neither has a file that is not locked.
func TestMarks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		before, ok := db.Mark("a")
		if db.Dialect() == "postgres" {
			if ok || db.Marked("a", before) {
				t.Error("there is a mark, though other servers may write")
			}
			return
		}
		if !ok || !db.Marked("a", before) {
			t.Fatal("no mark, though nobody writes")
		}
		other, _ := db.Mark("another key")
		failed := errors.New("failed")
		if err := db.Write(t.Context(), func(tx *store.Tx) error { tx.Changing("a"); return failed }); !errors.Is(err, failed) {
			t.Fatal(err)
		}
		if !db.Marked("a", before) {
			t.Error("what was rolled back has changed the mark")
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			tx.Changing("a")
			tx.Changing("a")
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if db.Marked("a", before) {
			t.Error("the mark is that of before a commit")
		}
		if !db.Marked("another key", other) {
			t.Error("the mark of another key has changed")
		}
		if now, ok := db.Mark("a"); !ok || now == before {
			t.Errorf("after the commit the mark is %d, %v", now, ok)
		}
	})
}

func TestNoMarksOfAFileThatIsNotLocked(t *testing.T) {
	db, err := store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: filepath.Join(t.TempDir(), "weft.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing was written
	if _, ok := db.Mark("a"); ok {
		t.Error("there is a mark, though other processes may write")
	}
}
