package simplefin

import (
	"encoding/json"
	"errors"
	"testing"

	"weft/internal/connector/connectortest"
	"weft/internal/plaid"
)

// FuzzAnswer: whatever a server answers, the batches hold to the rules of all connectors, and an error is one of the contract's.
// The memory that is left reads back as it was written.
func FuzzAnswer(f *testing.F) {
	bank := newBank(f)
	for _, name := range []string{
		"simplefin-v2/demo_v2.json", "simplefin-v2/errors_v2.json", "simplefin4py/tests/fixtures/account_set.json",
		"simplefin4py/tests/fixtures/200-with-errors.json", "simplefin4py/tests/fixtures/402.json",
	} {
		f.Add([]byte(fixture(f, name)))
	}
	f.Add([]byte(`{"accounts":[{"id":"A","balance":"-1","currency":"btc","name":"IRA x12","holdings":[{"market_value":"1e9","shares":"1e-9","cost_basis":"7","currency":"http://a:b@c/d?e"},
		{"market_value":"-1","shares":"0","symbol":"CASH"},{"market_value":"5","shares":"-0.1","symbol":"037833100"}],"transactions":[
		{"id":"1","posted":1791014400,"amount":"-5","description":"YOU BOUGHT X (XYZ) 2 @ 2.5"},{"id":"2","posted":1791014400,"amount":"5","description":"sold VOO"}]}],
		"errlist":[{"code":"act.failed","account_id":"A"}],"connections":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		want := wantAt("2026-10-04", "2026-09-01")
		span, err := New(&counted{now: want.Now, body: string(body)}).FetchAll(t.Context(), bank.connection("", nil), want)
		if _, known := errors.AsType[*plaid.Error](err); err != nil && (!known || len(span.Answers) > 0) {
			t.Fatal(err)
		}
		batches, _ := parts(t, span)
		for _, b := range batches {
			connectortest.Check(t, b, want)
			for _, row := range b.Transactions {
				if w := b.TransactionHistory; w != nil && !within(w, row.Date) {
					t.Fatalf("%s is outside the window %s to %s", row.Date, w.From, w.To)
				}
			}
		}
		m := readMemory(span.Memory)
		back, err := json.Marshal(m)
		if err != nil || len(m.Spent) != 1 || len(readMemory(back).Institutions) != len(m.Institutions) {
			t.Fatalf("%s", span.Memory)
		}
	})
}
