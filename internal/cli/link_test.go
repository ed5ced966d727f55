package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// What the command changes holds at the server that runs, and what it shows is what the server answers.
func TestLinkSettingsBesideARunningServer(t *testing.T) {
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil)
	id, secrets := printed(t, s.greeting)
	settings := func(args ...string) outcome {
		return weft(t, nil, append([]string{"link", "settings", "--environment", "sandbox", "--data", s.data}, args...)...)
	}
	file := filepath.Join(t.TempDir(), "looks.json")
	if err := os.WriteFile(file, []byte(`{"one": {"account_select": "one"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	settings("--redirect-uris", "https://app.example/a,https://app.example/b", "--public-key", "--customizations", file).succeeds(t)
	changed := settings("--allowed-origins", "https://app.example", "--portal-products", "auth,transactions", "--portal-webhook", "https://app.example/hook", "--json").succeeds(t)
	var got map[string]any
	if err := json.Unmarshal([]byte(changed.out), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"allowed_origins": []any{"https://app.example"}, "redirect_uris": []any{"https://app.example/a", "https://app.example/b"},
		"public_key_enabled": true, "session_webhooks_enabled": false, "portal_products": []any{"auth", "transactions"}, "portal_webhook": "https://app.example/hook",
		"customizations": map[string]any{"one": map[string]any{"language": "", "country_codes": []any{}, "account_select": "one", "use_cases": []any{}, "hidden_institutions": []any{}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the settings are %s", changed.out)
	}
	token := func(redirect string) int {
		status, _ := s.post("/link/token/create", `{"client_id":"`+id+`","secret":"`+secrets["sandbox"]+`","client_name":"App","language":"en",
			"country_codes":["US"],"user":{"client_user_id":"u"},"products":["auth"],"redirect_uri":"`+redirect+`"}`)
		return status
	}
	if ok, no := token("https://app.example/b"), token("https://app.example/c"); ok != 200 || no != 400 {
		t.Errorf("redirect URIs answer %d and %d", ok, no)
	}
	shown := settings("--redirect-uris", "", "--public-key=false").succeeds(t)
	for _, part := range []string{"redirect_uris             -\n", "public_key_enabled        false\n", "auth, transactions", "customizations            one\n"} {
		if !strings.Contains(shown.out, part) {
			t.Errorf("no %q in\n%s", part, shown.out)
		}
	}
	if of := weft(t, nil, "link", "settings", "--data", s.data).succeeds(t); strings.Contains(of.out, "app.example") {
		t.Errorf("another environment has\n%s", of.out)
	}
	settings("--allowed-origins", "app.example").fails(t, "no origin", 2, "allowed_origins[0] must be an origin")
	settings("--portal-products", "moon").fails(t, "no product", 2, "portal_products[0]")
	settings("--customizations", file+".none").fails(t, "no file", 2, "--customizations")
	if err := os.WriteFile(file, []byte(`{"one": {"colour": "red"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	settings("--customizations", file).fails(t, "no customization", 2, `unknown field "colour"`)
	settings("now").fails(t, "an argument", 2, "unknown argument")
}
