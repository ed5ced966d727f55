package token

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func (s *server) create(who caller, members string) string {
	s.t.Helper()
	return s.ok(who, "/link/token/create", with(members))["link_token"].(string)
}

func ofToken(token string) string { return `{"link_token":"` + token + `"}` }

func TestCreateThenGet(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		made := s.ok(s.sandbox(), "/link/token/create", with(`"user_id":"`+s.usr+`","products":["auth","transactions"],"webhook":"https://a.example/hook",
			"redirect_uri":"https://a.example/return","institution_data":{"routing_number":"011401533"},"account_filters":{"investment":{"account_subtypes":["all"]}}`))
		token := made["link_token"].(string)
		if !strings.HasPrefix(token, "link-sandbox-") || made["expiration"] != "2026-11-20T16:00:00Z" || made["user_id"] != s.usr || made["request_id"] == "" || len(made) != 4 {
			t.Errorf("created: %v", made)
		}
		_, answer := s.call(s.sandbox(), "/link/token/get", ofToken(token))
		want := `{"created_at":"2026-11-20T12:00:00Z","expiration":"2026-11-20T16:00:00Z","link_token":"` + token + `","metadata":{` +
			`"account_filters":{"investment":{"account_subtypes":["all"]}},"client_name":"App","country_codes":["US"],"initial_products":["auth","transactions"],` +
			`"institution_data":{"routing_number":"011401533"},"language":"en","redirect_uri":"https://a.example/return","webhook":"https://a.example/hook"},"user_id":"` + s.usr + `"}` + "\n"
		if got := canonical(t, answer); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		plain := s.create(s.sandbox(), "")
		_, answer = s.call(s.sandbox(), "/link/token/get", ofToken(plain))
		want = `{"created_at":"2026-11-20T12:00:00Z","expiration":"2026-11-20T16:00:00Z","link_token":"` + plain + `","metadata":{"client_name":"App",` +
			`"country_codes":["US"],"initial_products":["transactions"],"language":"en","redirect_uri":null,"webhook":null}}` + "\n"
		if got := canonical(t, answer); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func TestUpdateModeLivesHalfAnHour(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		access, itemID := s.link(s.tenant(plaid.Sandbox), "")
		made := s.ok(s.sandbox(), "/link/token/create", with(`"products":null,"access_token":"`+access+`"`))
		if made["expiration"] != "2026-11-20T12:30:00Z" {
			t.Errorf("expires %v", made["expiration"])
		}
		token := made["link_token"].(string)
		stored, err := Find(t.Context(), s.items.DB, s.items.Keys, s.tenant(plaid.Sandbox), token)
		if err != nil || len(stored.ItemIDs) != 1 || stored.ItemIDs[0] != itemID || !stored.UpdateMode() || stored.Expired(s.clock.Now()) || !stored.Expired(s.clock.Now().Add(UpdateLife)) {
			t.Errorf("stored %+v, %v", stored, err)
		}
		got := s.ok(s.sandbox(), "/link/token/get", ofToken(token))
		if list, ok := got["metadata"].(map[string]any)["initial_products"].([]any); !ok || len(list) != 0 {
			t.Errorf("initial_products: %v", got["metadata"])
		}
		user := s.ok(s.sandbox(), "/link/token/create", with(`"products":null,"user_id":"`+s.usr+`","update":{"user":true}`))
		if user["expiration"] != "2026-11-20T12:30:00Z" {
			t.Errorf("update mode of a user expires %v", user["expiration"])
		}
		// The Item's end is the token's.
		it, err := s.items.ItemByID(t.Context(), s.tenant(plaid.Sandbox), itemID)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.items.Remove(t.Context(), it); err != nil {
			t.Fatal(err)
		}
		s.fails(s.sandbox(), "/link/token/get", ofToken(token), http.StatusBadRequest, "INVALID_LINK_TOKEN", "invalid link_token provided")
		s.fails(s.sandbox(), "/link/token/create", with(`"products":null,"access_token":"`+access+`"`), http.StatusBadRequest, "ITEM_NOT_FOUND", "cannot be found")
	})
}

func TestGetEndsSixHoursAfterTheTokensEnd(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		token := s.create(s.sandbox(), "")
		s.clock.Advance(Life + Readable - time.Millisecond)
		s.ok(s.sandbox(), "/link/token/get", ofToken(token))
		s.clock.Advance(time.Millisecond)
		s.fails(s.sandbox(), "/link/token/get", ofToken(token), http.StatusBadRequest, "INVALID_LINK_TOKEN", "invalid link_token provided")
	})
}

// Tokens that are not the caller's all have one answer, byte for byte.
func TestForeignTokensLookUnknown(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		otherID, otherSecrets := s.addClient("other")
		other := caller{id: otherID, secret: otherSecrets[plaid.Sandbox]}
		live := caller{id: s.id, secret: s.secrets[plaid.Production]}
		token := s.create(s.sandbox(), "")
		answers := map[string]bool{}
		for _, c := range []struct {
			who   caller
			token string
		}{
			{other, token}, {live, token}, {s.sandbox(), s.create(other, "")}, {s.sandbox(), s.create(live, "")},
			{s.sandbox(), "link-sandbox-00000000-0000-0000-0000-000000000000"}, {s.sandbox(), "nonsense"}, {s.sandbox(), strings.ToUpper(token)},
		} {
			status, answer := s.call(c.who, "/link/token/get", ofToken(c.token))
			answers[fmt.Sprint(status, canonical(t, answer))] = true
		}
		if len(answers) != 1 {
			t.Errorf("answers differ: %v", answers)
		}
		s.fails(s.sandbox(), "/link/token/get", ofToken("x"), http.StatusBadRequest, "INVALID_LINK_TOKEN", "invalid link_token provided")
		s.fails(s.sandbox(), "/link/token/get", ofToken(""), http.StatusBadRequest, field, "link_token must be a non-empty string")
		s.fails(s.sandbox(), "/link/token/get", `{}`, http.StatusBadRequest, lacks, "link_token")
	})
}

// An access token in the body is looked up with the tenant: another's looks like one that was never made.
func TestForeignAccessTokensLookUnknown(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		otherID, otherSecrets := s.addClient("other")
		other := caller{id: otherID, secret: otherSecrets[plaid.Sandbox]}
		access, itemID := s.link(s.tenant(plaid.Sandbox), s.usr)
		update := with(`"products":null,"access_token":"` + access + `"`)
		unknown := with(`"products":null,"access_token":"access-sandbox-00000000-0000-0000-0000-000000000000"`)
		_, foreign := s.call(other, "/link/token/create", update)
		_, made := s.call(other, "/link/token/create", unknown)
		if canonical(t, foreign) != canonical(t, made) || !strings.Contains(string(made), "INVALID_ACCESS_TOKEN") {
			t.Errorf("foreign: %s\nunknown: %s", foreign, made)
		}
		live := caller{id: s.id, secret: s.secrets[plaid.Production]}
		s.fails(live, "/link/token/create", update, http.StatusBadRequest, "INVALID_ACCESS_TOKEN", `expected "production", got "sandbox"`)
		ofUser := with(`"products":null,"user_id":"` + s.usr + `","update":{"user":true,"item_ids":["` + itemID + `"]}`)
		s.fails(other, "/link/token/create", ofUser, http.StatusBadRequest, "USER_NOT_FOUND", "cannot be found")
		s.fails(live, "/link/token/create", ofUser, http.StatusBadRequest, "USER_NOT_FOUND", "cannot be found")
		s.ok(s.sandbox(), "/link/token/create", ofUser)
	})
}

func TestStoreHasNoSecret(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		access, itemID := s.link(s.tenant(plaid.Sandbox), "")
		token := s.create(s.sandbox(), `"products":["income_verification"],"access_token":"`+access+`","user_token":"`+s.token+`","third_party_user_token":"third-secret",
			"transfer":{"payment_profile_token":"profile-secret"},"income_verification":{"access_tokens":["`+access+`"]},
			"user":{"client_user_id":"u","ssn":"987654320","id_number":{"value":"987654321","type":"us_ssn"},"phone_number":"+1 (415) 555-0123"}`)
		var hash, document string
		if err := s.items.DB.QueryRow(t.Context(), `select token_hash, request from link_tokens`).Scan(&hash, &document); err != nil {
			t.Fatal(err)
		}
		stored, err := Find(t.Context(), s.items.DB, s.items.Keys, s.tenant(plaid.Sandbox), token)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := json.Marshal(stored.Terms)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{token, access, s.token, "third-secret", "profile-secret", "987654320", "987654321"} {
			if strings.Contains(hash+document+string(opened), secret) {
				t.Errorf("the store has %s in %s", secret, opened)
			}
		}
		if strings.Contains(document, "4155550123") || strings.Contains(document, "income") {
			t.Errorf("the request is in clear: %s", document)
		}
		want := "[user.ssn user.id_number user_token access_token income_verification.access_tokens transfer.payment_profile_token third_party_user_token]"
		if got := fmt.Sprint(stored.Withheld); got != want {
			t.Errorf("withheld %s\n    want %s", got, want)
		}
		if fmt.Sprint(stored.IncomeItemIDs) != "["+itemID+"]" || *stored.Request.User.PhoneNumber != "+14155550123" {
			t.Errorf("stored %+v", stored.Terms)
		}
	})
}

// The token of a user of the older kind may stand in user_id. It is no less a secret there.
func TestUserTokenAsUserIDIsNotStored(t *testing.T) {
	s := sqlite(t)
	made := s.ok(s.sandbox(), "/link/token/create", with(`"user":null,"user_id":"`+s.token+`"`))
	stored, err := Find(t.Context(), s.items.DB, s.items.Keys, s.tenant(plaid.Sandbox), made["link_token"].(string))
	if err != nil || stored.UserID == "" || stored.Request.UserID != nil || fmt.Sprint(stored.Withheld) != "[user_id]" {
		t.Errorf("stored %+v, %v", stored.Terms, err)
	}
	if opened, err := json.Marshal(stored.Terms); err != nil || strings.Contains(string(opened), s.token) {
		t.Errorf("the store has the token in %s, %v", opened, err)
	}
}

// Until 2018-05-22 investment accounts are called brokerage, also in filters.
func TestOldVersionsSayBrokerage(t *testing.T) {
	s := sqlite(t)
	old, now := s.sandbox(), s.sandbox()
	old.version = "2018-05-22"
	token := s.create(old, `"account_filters":{"brokerage":{"account_subtypes":["ira"]}}`)
	for who, want := range map[caller]string{old: `"account_filters":{"brokerage":{"account_subtypes":["ira"]}}`, now: `"account_filters":{"investment":{"account_subtypes":["ira"]}}`} {
		if _, answer := s.call(who, "/link/token/get", ofToken(token)); !strings.Contains(string(answer), want) {
			t.Errorf("version %q: %s lacks %s", who.version, answer, want)
		}
	}
	s.fails(old, "/link/token/create", with(`"account_filters":{"investment":{"account_subtypes":["ira"]}}`), http.StatusBadRequest, "UNKNOWN_FIELDS", "account_filters.investment")
}

// The same calls on a server of the same seed give the same bytes, on both engines.
func TestAnswersRepeat(t *testing.T) {
	answers := map[string]bool{}
	for _, open := range []func(testing.TB, clock.Clock) *store.DB{storetest.SQLite, storetest.SQLite, storetest.Postgres} {
		c := clock.NewManual(storetest.Start)
		s := newServer(t, open(t, c), c)
		_, refused := s.call(s.sandbox(), "/link/token/create", with(`"language":"xx"`))
		_, made := s.call(s.sandbox(), "/link/token/create", with(""))
		_, got := s.call(s.sandbox(), "/link/token/get", ofToken(decode(t, made)["link_token"].(string)))
		answers[string(refused)+string(made)+string(got)] = true
	}
	if len(answers) != 1 {
		t.Errorf("answers differ: %v", answers)
	}
}

func TestQueriesUseAnIndex(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		plan, err := s.items.DB.Explain(t.Context(), findQuery, "hash", s.id, plaid.Sandbox)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(plan, "SCAN link_tokens") || strings.Contains(plan, "Seq Scan") {
			t.Errorf("the query reads the whole table:\n%s", plan)
		}
	})
}
