package cli_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"weft/internal/store/storetest"
)

var anyID = regexp.MustCompile(`[0-9A-Za-z]{37}`)

// What is seeded is read over HTTP as what was linked.
func TestSeed(t *testing.T) {
	for engine, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": storetest.PostgresURL} {
		t.Run(engine, func(t *testing.T) {
			data, tokens := t.TempDir(), filepath.Join(t.TempDir(), "tokens")
			env := []string{"WEFT_DATABASE=" + database(t), "WEFT_CLIENT_ID=5f1a2b3c4d5e6f7a8b9c0d1e", "WEFT_SANDBOX_SECRET=seed-sandbox-secret"}
			seed := []string{"seed", "--data", data, "--items", "3", "--transactions-per-item", "600", "--tokens", tokens}
			if o := weft(t, env, seed...).succeeds(t); !strings.Contains(o.out, "client_id 5f1a2b3c4d5e6f7a8b9c0d1e\nSeeded 3 Items in ") {
				t.Errorf("%s", o.out)
			}
			weft(t, env, seed...).fails(t, "again", 1, "has Items already; --force")
			weft(t, env, append(seed, "--force", "--items", "18446744073709551615")...).fails(t, "too many", 2, "--items")
			weft(t, env, append(seed, "--force", "--holdings-per-item", "27")...).fails(t, "too many positions", 1, "--holdings-per-item must be from 1 to 26")
			weft(t, env, append(seed, "--force")...).succeeds(t)
			text, err := os.ReadFile(tokens)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			if len(lines) != 6 {
				t.Fatalf("%d tokens", len(lines))
			}
			s := serve(t, data, env)
			for path, more := range map[string]string{
				"/accounts/get": "", "/item/get": "", "/investments/holdings/get": "", "/transactions/sync": `,"count":500`,
				"/investments/transactions/get": `,"start_date":"2020-01-01","end_date":"2030-01-01","options":{"count":500}`,
			} {
				var linked string
				for i, line := range lines[:3] {
					id, token, _ := strings.Cut(line, " ")
					body := answerOf(t, s.url+path, `{"client_id":"5f1a2b3c4d5e6f7a8b9c0d1e","secret":"seed-sandbox-secret","access_token":"`+token+`"`+more+`}`)
					if !strings.Contains(body, id) && strings.Contains(body, `"item_id"`) {
						t.Errorf("%s tells of another Item: %.300s", path, body)
					}
					body = changing.ReplaceAllString(anyID.ReplaceAllString(body, "<id>"), "")
					if i == 0 {
						linked = body
					} else if body != linked {
						t.Errorf("%s\nlinked: %.2000s\nseeded: %.2000s", path, linked, body)
					}
				}
				if count := strings.Count(linked, `transaction_id":"<id>"`); strings.Contains(path, "transactions") && count < 500 {
					t.Errorf("%s answers %d transactions", path, count)
				}
			}
		})
	}
}

// changing are the members of an answer that are another's in each.
var changing = regexp.MustCompile(`"(request_id|next_cursor)":"[^"]*"`)

// answerOf posts a body and returns the answer to a success.
func answerOf(t *testing.T, url, body string) string {
	t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s %v", url, res.StatusCode, text, err)
	}
	return string(text)
}
