package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A lost access token is replaced on the command line, and the new one opens the Item at once.
func TestItemsBesideARunningServer(t *testing.T) {
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil)
	id, secrets := printed(t, s.greeting)
	file := filepath.Join(t.TempDir(), "statement.ofx")
	if err := os.WriteFile(file, []byte(statementFile(3)), 0o600); err != nil {
		t.Fatal(err)
	}
	imported := weft(t, nil, "import", "--data", s.data, file).succeeds(t)
	item := regexp.MustCompile(`item_id +(\w{37})`).FindStringSubmatch(imported.out)
	first := regexp.MustCompile(`access-production-[0-9a-f-]{36}`).FindString(imported.out)
	if item == nil || first == "" {
		t.Fatalf("no Item in\n%s", imported.out)
	}
	list := weft(t, nil, "items", "list", "--data", s.data).succeeds(t)
	for _, part := range []string{item[1], "Larkfield Savings", "transactions", "in order"} {
		if !strings.Contains(list.out, part) {
			t.Errorf("no %q in\n%s", part, list.out)
		}
	}
	if strings.Contains(list.out, first) {
		t.Error("the list shows an access token")
	}
	made := weft(t, nil, "items", "token", "--data", s.data, item[1]).succeeds(t)
	second := regexp.MustCompile(`access-production-[0-9a-f-]{36}`).FindString(made.out)
	if second == "" || second == first {
		t.Fatalf("no new token in\n%s", made.out)
	}
	for _, token := range []string{first, second} {
		status, code := s.post("/accounts/get", `{"client_id":"`+id+`","secret":"`+secrets["production"]+`","access_token":"`+token+`"}`)
		if status != 200 {
			t.Errorf("a token answers %d %s", status, code)
		}
	}
	weft(t, nil, "items", "token", "--data", s.data, "nobody").fails(t, "an unknown Item", 1, "has no Item nobody")
	weft(t, nil, "items", "token", "--environment", "sandbox", "--data", s.data, item[1]).fails(t, "another environment", 1, "has no Item")
	weft(t, nil, "items", "list", "--environment", "moon", "--data", s.data).fails(t, "no environment", 2, "--environment")
	weft(t, nil, "items", "list", "--client", "nobody", "--data", s.data).fails(t, "no client", 1, "there is no client")
	weft(t, nil, "items", "token", "--data", s.data).fails(t, "no ITEM_ID", 2, "ITEM_ID")
}
