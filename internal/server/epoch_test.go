package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/wefttest"
)

// A database that was put back from a backup has another epoch: what clients hold of the lost time is told from what comes
// now. One that was only stopped and started has not.
func TestRestoredDatabaseEndsCursors(t *testing.T) {
	dir := t.TempDir()
	file, backup := filepath.Join(dir, "weft.db"), filepath.Join(t.TempDir(), "backup.db")
	start := func() *wefttest.Server { return wefttest.NewServerWith(t, wefttest.Options{DataDir: dir}) }
	s := start()
	item := s.MustLink("ins_109508", "transactions")
	s.Stop()
	copyFile(t, file, backup)
	s = start()
	cursor := between(syncPage(t, s, item.AccessToken, ""), `"next_cursor":"`, `"`)
	s.Stop()
	s = start()
	if answer := syncPage(t, s, item.AccessToken, cursor); !strings.Contains(answer, `"added":[]`) {
		t.Errorf("after a stop and a start: %s", answer)
	}
	s.Stop()
	copyFile(t, backup, file)
	s = start()
	if answer := syncPage(t, s, item.AccessToken, cursor); !strings.Contains(answer, "begin again with an empty cursor") {
		t.Errorf("after a restore: %s", answer)
	}
	if answer := syncPage(t, s, item.AccessToken, ""); !strings.Contains(answer, `"next_cursor":"`) {
		t.Errorf("beginning again: %s", answer)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(to + suffix); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func syncPage(t *testing.T, s *wefttest.Server, token, cursor string) string {
	t.Helper()
	return tell(t, s, wefttest.SandboxSecret, "/transactions/sync", `{"access_token":"`+token+`","cursor":"`+cursor+`"}`)
}
