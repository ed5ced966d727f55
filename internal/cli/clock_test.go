package cli

import (
	"strings"
	"testing"
	"time"
)

// A clock that is wrong by years, as a machine's without a battery, is a fault; any other is not.
func TestCheckClock(t *testing.T) {
	for text, ok := range map[string]bool{
		"1970-01-01T00:00:00Z": false, "2026-10-31T23:59:59Z": false, "2026-11-01T00:00:00Z": true, "2040-02-29T12:00:00Z": true, "2057-01-01T00:00:00Z": false,
	} {
		now, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		f := checkClock(now)
		if (f.err == nil) != ok || f.says != text {
			t.Errorf("%s: %v, %v", text, f.says, f.err)
		}
		if f.err != nil && !strings.Contains(f.err.Error(), "the machine's clock says "+text) {
			t.Errorf("%s: %v", text, f.err)
		}
	}
}
