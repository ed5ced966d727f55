package server_test

import (
	"testing"
	"time"

	"weft/wefttest"
)

// People who hold securities can be linked wherever the clock stands: what they bought existed then.
func TestPeopleOfOtherYears(t *testing.T) {
	for _, year := range []int{2012, 2019, 2022, 2045, 2060} {
		s := wefttest.NewServerWith(t, wefttest.Options{Now: time.Date(year, 6, 5, 12, 0, 0, 0, time.UTC)})
		for _, user := range []string{"user_good", "user_investor", "user_retiree", "user_crypto"} {
			item := s.MustLinkUser(wefttest.User{Name: user, Password: "pass_good"}, "ins_109508", "investments")
			if len(item.MustHoldings().Holdings) == 0 {
				t.Errorf("%s of %d has no holdings", user, year)
			}
		}
		s.Stop()
	}
}
