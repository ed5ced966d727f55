package custom

import (
	"errors"
	"strings"
	"testing"
)

// FuzzParse looks for panics, for errors that are no *Error and for configurations that are read differently twice.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"seed":"s","version":"2"}`,
		`{"override_accounts":[{"type":"depository","transactions":[{"date_posted":"2026-01-02","amount":-1.50}]}]}`,
		`{"override_accounts":[{"type":"investment","holdings":{"quantity":1e3,"security":{"ticker_symbol":"AB","currency":"USD"}}}]}`,
		`{"override_accounts":[{"inflow_model":{"payment_day_of_month":"last"}}],"mfa":{"type":"device"}}`,
		`{"a/b~c":{"0":[{}]}}`, `{"override_accounts":[{"income":{"w2s":[{"tax_year":1,"box_12":[{"code":true}]}]}}]}`,
		strings.Repeat(`[`, 50) + strings.Repeat(`]`, 50),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := Parse(text)
		if err == nil {
			return
		}
		failed, ok := errors.AsType[*Error](err)
		if !ok || failed.Reason == "" {
			t.Fatalf("error %#v of type %T", err, err)
		}
		if len(failed.Error()) > 4096+len(text) {
			t.Fatalf("an error of %d bytes for %d bytes", len(failed.Error()), len(text))
		}
		if _, again := Parse(text); again == nil || again.Error() != err.Error() {
			t.Fatalf("first %v, then %v", err, again)
		}
	})
}
