package access

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"weft/internal/plaid"
)

const (
	canaryUser = "canary-user-5f1d"
	canaryPass = "canary/pass:%9e2c"
	canaryPath = "canary-path-30bd"
	address    = "https://canary-user-5f1d:canary%2Fpass%3A%259e2c@bank.example/canary-path-30bd/simplefin"
)

// TestPrintedByNobody: whatever prints credentials, it prints no secret.
func TestPrintedByNobody(t *testing.T) {
	c, err := Parse(address, false)
	if err != nil {
		t.Fatal(err)
	}
	echoed := c.Redact("asked " + c.At("accounts").String() + " as " + canaryUser + " with " + canaryPass + ", canary%2Fpass%3A%259e2c")
	c.base = nil
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "user", c.User, "password", c.Password)
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v %#v", c, c), fmt.Sprint(&c), log.String(), echoed} {
		for _, canary := range []string{canaryUser, canaryPass, "canary%2Fpass", canaryPath} {
			if strings.Contains(text, canary) || !strings.Contains(text, Redacted) {
				t.Errorf("%q is told in %q", canary, text)
			}
		}
	}
}

// TestStored: credentials read back as they were, under the same digest, and http only where it is allowed.
func TestStored(t *testing.T) {
	for _, text := range []string{address, strings.Replace(address, "https", "http", 1)} {
		for _, allowed := range []bool{false, true} {
			c, err := Parse(" "+text+"\n", allowed)
			if good := allowed || text == address; (err == nil) != good {
				t.Errorf("%v: %v", allowed, err)
			}
			if err != nil {
				continue
			}
			if err := c.Correct("sfin_c_1", "A", "credit", "credit card"); err != nil {
				t.Fatal(err)
			}
			stored, err := plaid.JSON(c)
			if err != nil {
				t.Fatal(err)
			}
			back, err := Read(stored, allowed)
			if err != nil || back.Digest() != c.Digest() || back.At("accounts").String() != c.At("accounts").String() || back.OverrideDigest("sfin_c_1") != c.OverrideDigest("sfin_c_1") {
				t.Errorf("%v, %v", back, err)
			}
			if _, err := Read(stored, false); (err == nil) != (text == address) {
				t.Errorf("without the permission: %v", err)
			}
			if c.OverrideDigest("sfin_c_1") == "" || c.OverrideDigest("sfin_c_2") != "" {
				t.Error("the digest of corrections is another institution's")
			}
		}
	}
}
