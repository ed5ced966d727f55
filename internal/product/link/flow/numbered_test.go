package flow_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/link/session"
)

const typedNumber = "70514498220000"

// typeNumbers types the numbers of an account that nobody logs in to.
func (r *rig) typeNumbers(key string, a session.Answer) session.Answer {
	r.t.Helper()
	a = r.do(key, a, session.ActSkip)
	r.at(a, session.PaneInstitutions)
	a = r.do(key, a, session.ActManual)
	a = r.do(key, a, session.ActSubmit, "routing", "110000000")
	a = r.do(key, a, session.ActSubmit, "account", typedNumber, "account_again", typedNumber)
	return r.do(key, a, session.ActSubmit, "name", "Ada Lovelace", "type", "checking")
}

// only is the one Item of the tenant.
func (r *rig) only() item.Item {
	r.t.Helper()
	list, err := r.Items.List(r.t.Context(), r.tenant)
	if err != nil || len(list) != 1 {
		r.t.Fatalf("%d Items, %v", len(list), err)
	}
	return list[0]
}

const sameDay = `, "auth": {"same_day_microdeposits_enabled": true}`

// What is typed of an account is sealed while the session goes on, and gone after it.
func TestTypedNumbersAreSealedInTheSession(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		key, a := r.open(r.linkToken(sameDay))
		a = r.typeNumbers(key, a)
		r.at(a, session.PaneAuthorize)
		var state string
		read := func() {
			t.Helper()
			if err := r.Items.DB.QueryRow(t.Context(), `select state from link_sessions where session_id = $1`, a.View.SessionID).Scan(&state); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(state, typedNumber) || strings.Contains(state, "Lovelace") {
				t.Errorf("in clear: %s", state)
			}
		}
		read()
		a = r.do(key, r.do(key, a, session.ActContinue), session.ActContinue)
		r.at(a, session.PaneDeposited)
		if text, err := json.Marshal(a); err != nil || strings.Contains(string(text), typedNumber) {
			t.Errorf("the page is told %s, %v", text, err)
		}
		a = r.do(key, a, session.ActContinue)
		if a.Finished == nil || *a.Finished.Success.Accounts[0].VerificationStatus != plaid.PendingManual || a.Finished.Success.Institution != nil {
			t.Errorf("finished %+v", a.Finished)
		}
		read()
	})
}

// update opens Link for the Item of typed numbers, at the pane of its code.
func (r *rig) update(it item.Item) (key string, a session.Answer) {
	r.t.Helper()
	access, err := r.Items.NewAccessToken(r.t.Context(), it)
	if err != nil {
		r.t.Fatal(err)
	}
	key, a = r.open(r.linkToken(fmt.Sprintf(`, "access_token": %q`, access)))
	return key, r.do(key, a, session.ActSkip)
}

// However many codes are tried at once, in however many sessions, three wrong ones are the end.
func TestCodesAreCounted(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		key, a := r.open(r.linkToken(sameDay))
		a = r.typeNumbers(key, a)
		r.do(key, r.do(key, a, session.ActContinue), session.ActContinue)
		it := r.only()
		type page struct {
			key  string
			step int64
		}
		var pages []page
		for range 6 {
			key, a := r.update(it)
			r.at(a, session.PaneDepositCode)
			pages = append(pages, page{key, a.View.Step})
		}
		var tries sync.WaitGroup
		answers := make(chan session.Answer, len(pages))
		for i, p := range pages {
			tries.Go(func() {
				a, err := r.Act(t.Context(), p.key, session.Action{Name: session.ActSubmit, Step: p.step, Values: map[string][]string{"code": {fmt.Sprintf("X%02d", i)}}})
				if err != nil {
					t.Error(err)
				}
				answers <- a
			})
		}
		tries.Wait()
		close(answers)
		again := map[int]int{}
		for a := range answers {
			if a.View.Pane == session.PaneDepositCode {
				again[a.View.Problem.Remaining]++
			} else {
				r.at(a, session.PaneError)
			}
		}
		if fmt.Sprint(again) != "map[1:1 2:1]" {
			t.Errorf("tries that were left, by how many were told so: %v", again)
		}
		if it = r.only(); it.Typed.Status != plaid.VerificationFailed || it.Typed.Wrong != 3 {
			t.Errorf("%+v", it.Typed)
		}
		key, a = r.update(it)
		if r.at(a, session.PaneError); a.View.Failure.Code != "TOO_MANY_VERIFICATION_ATTEMPTS" {
			t.Errorf("%+v", a.View.Failure)
		}
		if b := r.do(key, a, session.ActRetry); b.View.Pane != session.PaneError {
			t.Errorf("on pane %s", b.View.Pane)
		}
	})
}

// A code that comes too late is not taken, even where nobody has noted yet that it is.
func TestCodesThatComeTooLate(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		key, a := r.open(r.linkToken(sameDay))
		a = r.typeNumbers(key, a)
		r.do(key, r.do(key, a, session.ActContinue), session.ActContinue)
		r.clock.Advance(7 * 24 * time.Hour)
		key, a = r.update(r.only())
		r.at(a, session.PaneDepositCode)
		a = r.do(key, a, session.ActSubmit, "code", "ABC")
		if r.at(a, session.PaneError); a.View.Failure.Code != "ITEM_NOT_SUPPORTED" || r.only().Typed.Status != plaid.VerificationExpired {
			t.Errorf("%+v, and %+v", a.View.Failure, r.only().Typed)
		}
	})
}

// Outside the sandbox there are no deposits, so that they are not offered; what can be said of numbers without one is.
func TestNumbersWithoutTheSandbox(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.tenant.Environment = plaid.Production
		key, a := r.open(r.linkToken(sameDay))
		a = r.do(key, a, session.ActSkip)
		if r.at(a, session.PaneInstitutions); a.View.Institutions.Manual {
			t.Error("a deposit is offered that nobody can make")
		}
		r.at(r.do(key, a, session.ActManual), session.PaneInstitutions)
		key, a = r.open(r.linkToken(`, "auth": {"same_day_microdeposits_enabled": true, "database_insights_enabled": true, "auth_type_select_enabled": false}`))
		a = r.typeNumbers(key, a)
		r.at(a, session.PaneLoading)
		r.at(r.do(key, a, session.ActContinue), session.PaneConnected)
		it := r.only()
		if it.Typed.Status != plaid.InsightsCaution || it.AuthMethod() != plaid.DatabaseInsights || it.Typed.Insights.NumberFormat != "unknown" || it.Typed.Until != 0 {
			t.Errorf("%+v", it.Typed)
		}
	})
}

// Banks at which numbers are typed are found, and can be chosen where the client wants a way that they have.
func TestBanksWithoutNumbersAreFound(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		find := func(auth, query string) session.Institution {
			t.Helper()
			key, a := r.open(r.linkToken(auth))
			a = r.do(key, a, session.ActSkip)
			a = r.do(key, a, session.ActSearch, "query", query)
			if len(a.View.Institutions.List) == 0 {
				t.Fatalf("%s: nothing was found", query)
			}
			return a.View.Institutions.List[0]
		}
		for _, c := range []struct {
			auth, query string
			want        session.Institution
		}{
			{``, "Houndstooth", session.Institution{Beside: []string{plaid.InstantMatch}}},
			{`, "auth": {"automated_microdeposits_enabled": true}`, "Houndstooth", session.Institution{Beside: []string{plaid.InstantMatch, plaid.Automated}}},
			{`, "auth": {"instant_match_enabled": false}`, "Houndstooth", session.Institution{Unsupported: true}},
			{``, "Windowpane", session.Institution{Unsupported: true}},
			{`, "auth": {"instant_microdeposits_enabled": true}`, "Windowpane", session.Institution{Instead: true}},
			{``, "First Platypus Bank", session.Institution{Login: true}},
		} {
			got := find(c.auth, c.query)
			got = session.Institution{Beside: got.Beside, Instead: got.Instead, Login: got.Login, Unsupported: got.Unsupported}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s with %q: %+v, want %+v", c.query, c.auth, got, c.want)
			}
		}
	})
}
