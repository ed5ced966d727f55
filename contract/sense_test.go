package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sense finds what an answer must not say whatever it is about, though no schema forbids it: an amount in two currencies or
// in none, a row about an account or a security that the answer does not have, a product both available and billed.
func sense(body []byte) []Violation {
	value, err := decode(body)
	if err != nil {
		return []Violation{{"$", Malformed, err.Error()}}
	}
	top, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	s := &senses{}
	s.currencies("$", top)
	if accounts, ok := top["accounts"].([]any); ok {
		known := s.ids("$.accounts", accounts, "account_id")
		for _, list := range []string{"holdings", "investment_transactions", "owners"} {
			s.refer("$."+list, top[list], "account_id", known)
		}
	}
	if securities, ok := top["securities"].([]any); ok {
		known := s.ids("$.securities", securities, "security_id")
		s.refer("$.holdings", top["holdings"], "security_id", known)
		s.refer("$.investment_transactions", top["investment_transactions"], "security_id", known)
		s.used("$.securities", known, top["holdings"], top["investment_transactions"])
	}
	if transactions, ok := top["investment_transactions"].([]any); ok {
		s.ids("$.investment_transactions", transactions, "investment_transaction_id")
	}
	if item, ok := top["item"].(map[string]any); ok {
		s.products(item)
	}
	return s.found
}

type senses struct{ found []Violation }

func (s *senses) add(path, reason string, args ...any) {
	s.found = append(s.found, Violation{path, "sense", fmt.Sprintf(reason, args...)})
}

// currencies: of the two codes of an amount exactly one is set.
func (s *senses) currencies(path string, value any) {
	switch value := value.(type) {
	case []any:
		for i, v := range value {
			s.currencies(fmt.Sprintf("%s[%d]", path, i), v)
		}
	case map[string]any:
		official, one := value["iso_currency_code"]
		unofficial, two := value["unofficial_currency_code"]
		if one && two && (official == nil) == (unofficial == nil) {
			s.add(path, "has the currencies %v and %v", official, unofficial)
		}
		for name, v := range value {
			s.currencies(path+"."+name, v)
		}
	}
}

// ids are the ids of a list, each of which must be there once.
func (s *senses) ids(path string, list []any, name string) map[string]bool {
	known := map[string]bool{}
	for i, e := range list {
		object, _ := e.(map[string]any)
		id, _ := object[name].(string)
		if id == "" || known[id] {
			s.add(fmt.Sprintf("%s[%d].%s", path, i, name), "%q is empty or there twice", id)
		}
		known[id] = true
	}
	return known
}

// refer: ids that rows name are known.
func (s *senses) refer(path string, list any, name string, known map[string]bool) {
	rows, _ := list.([]any)
	for i, row := range rows {
		object, _ := row.(map[string]any)
		if id, ok := object[name].(string); ok && !known[id] {
			s.add(fmt.Sprintf("%s[%d].%s", path, i, name), "%q is not in the answer", id)
		}
	}
}

// used: a security is there because a row names it.
func (s *senses) used(path string, known map[string]bool, lists ...any) {
	for _, list := range lists {
		rows, _ := list.([]any)
		for _, row := range rows {
			object, _ := row.(map[string]any)
			if id, ok := object["security_id"].(string); ok {
				delete(known, id)
			}
		}
	}
	for id := range known {
		s.add(path, "%q is named by nothing", id)
	}
}

// products: what is available is not billed.
func (s *senses) products(item map[string]any) {
	available, _ := item["available_products"].([]any)
	billed, _ := item["billed_products"].([]any)
	for _, product := range available {
		if slices.Contains(billed, product) {
			s.add("$.item", "%v is both available and billed", product)
		}
	}
}

// TestSense breaks an answer in one place at a time, like TestCheck.
func TestSense(t *testing.T) {
	const answer = `{"accounts": [{"account_id": "a", "balances": {"iso_currency_code": "USD", "unofficial_currency_code": null}}],
		"holdings": [{"account_id": "a", "security_id": "s"}], "securities": [{"security_id": "s"}],
		"item": {"available_products": ["auth"], "billed_products": ["investments"]}}`
	for _, c := range []struct{ name, old, new, want string }{
		{"the answer as it is", "", "", ""},
		{"two currencies", `"unofficial_currency_code": null`, `"unofficial_currency_code": "BTC"`, "$.accounts[0].balances"},
		{"no currency", `"iso_currency_code": "USD"`, `"iso_currency_code": null`, "$.accounts[0].balances"},
		{"unknown account", `{"account_id": "a", "security_id": "s"}`, `{"account_id": "b", "security_id": "s"}`, "$.holdings[0].account_id"},
		{"unknown security", `{"account_id": "a", "security_id": "s"}`, `{"account_id": "a", "security_id": "t"}`, "$.holdings[0].security_id"},
		{"unused security", `[{"security_id": "s"}]`, `[{"security_id": "s"}, {"security_id": "t"}]`, "$.securities"},
		{"a security twice", `[{"security_id": "s"}]`, `[{"security_id": "s"}, {"security_id": "s"}]`, "$.securities[1].security_id"},
		{"available and billed", `["auth"]`, `["auth", "investments"]`, "$.item"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := sense([]byte(replace(t, answer, c.old, c.new)))
			if (c.want == "" && len(found) > 0) || (c.want != "" && !strings.Contains(fmt.Sprint(found), c.want+": sense")) {
				t.Errorf("found %v, want %q", found, c.want)
			}
		})
	}
}
