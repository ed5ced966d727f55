package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"weft/internal/store/storetest"
)

// A server that has answered the same before, and keeps that in memory, answers what a command has left when the command has ended.
func TestWhatCommandsChangeHoldsAtOnce(t *testing.T) {
	for engine, database := range map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return storetest.PostgresURL(t) }} {
		t.Run(engine, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			flags := []string{"--data", data}
			if url := database(); url != "" {
				flags = append(flags, "--database", url)
			}
			s := serve(t, data, nil, flags[2:]...)
			id, secrets := printed(t, s.greeting)
			command := func(args ...string) string { return weft(t, nil, append(args, flags...)...).succeeds(t).out }
			token := regexp.MustCompile(`access-production-[0-9a-f-]{36}`).FindString(command("import", write(t, "broker.ofx", statement)))
			read := func() string {
				t.Helper()
				body := fmt.Sprintf(`{"client_id":%q,"secret":%q,"access_token":%q}`, id, secrets["production"], token)
				res, err := http.Post(s.url+"/accounts/get", "application/json", strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close() //nolint:errcheck // it is read to its end
				answer, err := io.ReadAll(res.Body)
				if err != nil {
					t.Fatal(err)
				}
				return string(answer)
			}
			holds := func(what, want string) {
				t.Helper()
				for range 4 { // from its second answer on the server keeps what it needs
					if answer := read(); !strings.Contains(answer, want) {
						t.Fatalf("%s, but the answer has no %s: %s", what, want, answer)
					}
				}
			}
			holds("a statement was imported", `"available":250.75`)
			command("import", write(t, "later.ofx", strings.NewReplacer("20261030", "20261031", "250.75", "99.5").Replace(statement)))
			holds("a later one was imported", `"available":99.5`)
			key := keyOf(t, listKeys(t, data, flags[2:]...), id, "production", secrets["production"])
			command("keys", "revoke", key.id)
			holds("the key was revoked", `"INVALID_API_KEYS"`)
		})
	}
}
