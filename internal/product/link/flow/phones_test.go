package flow_test

import (
	"slices"
	"strings"
	"testing"

	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/store"
)

// confirmed opens Link and gives a phone number with its code.
func (r *rig) confirmed(phone string) (key string, a session.Answer) {
	r.t.Helper()
	key, a = r.open(r.linkToken(""))
	a = r.do(key, a, session.ActAccept, "phone", phone)
	r.at(a, session.PaneOTP)
	return key, r.do(key, a, session.ActOTP, "code", "123456")
}

// shareAll shares all accounts that are chosen beforehand, and finishes.
func (r *rig) shareAll(key string, a session.Answer) session.Answer {
	r.t.Helper()
	r.at(a, session.PaneAccounts)
	var chosen []string
	for _, account := range a.View.Accounts.List {
		if account.Checked {
			chosen = append(chosen, "account", account.Key)
		}
	}
	a = r.work(key, r.do(key, a, session.ActChoose, chosen...))
	r.at(a, session.PaneConnected)
	return r.do(key, a, session.ActFinish)
}

func saw(a session.Answer, name, key, value string) bool {
	for _, e := range a.Events {
		if e.Name == name && e.Metadata[key] == value {
			return true
		}
	}
	return false
}

// Who has linked with a phone number is recognised by it, within the client: they link what they have linked before without a
// login, and what was shared then is chosen beforehand.
func TestPeopleAreRecognised(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		key, a := r.confirmed("+1 415 555 0123")
		r.at(a, session.PaneInstitutions)
		a = r.do(key, a, session.ActSelect, "institution", "ins_109508")
		a = r.work(key, r.do(key, a, session.ActSubmit, "username", "user_good", "password", "pass_good"))
		shared := a.View.Accounts.List[1]
		a = r.work(key, r.do(key, a, session.ActChoose, "account", shared.Key))
		r.do(key, a, session.ActFinish)

		key, a = r.confirmed("(415) 555-0123")
		r.at(a, session.PaneSaved)
		if list := a.View.Institutions.List; len(list) != 1 || list[0].ID != "ins_109508" {
			t.Fatalf("saved %+v", list)
		}
		a = r.work(key, r.do(key, a, session.ActSelect, "institution", "ins_109508"))
		if !saw(a, "TRANSITION_VIEW", "view_name", "SELECT_SAVED_ACCOUNT") {
			t.Errorf("told %+v", a.Events)
		}
		a = r.shareAll(key, a)
		if got := a.Finished.Success.Accounts; len(got) != 1 || *got[0].Mask != shared.Mask || a.Finished.PublicToken == "" {
			t.Errorf("finished with %+v", got)
		}
		if r.items() != 2 {
			t.Fatalf("%d Items", r.items())
		}

		// Another client knows nothing of them.
		other, secrets, err := r.Items.Clients.Create(t.Context(), "another client")
		if err != nil {
			t.Fatal(err)
		}
		mine, secret := r.tenant, r.srv.Made[plaid.Sandbox]
		r.tenant, r.srv.Made[plaid.Sandbox] = store.Tenant{Client: other.ClientID, Environment: plaid.Sandbox}, secrets[plaid.Sandbox]
		_, a = r.confirmed("+14155550123")
		r.at(a, session.PaneInstitutions)
		r.tenant, r.srv.Made[plaid.Sandbox] = mine, secret

		// An Item that needs a login asks for one, and one that is gone is forgotten.
		items := r.theItems()
		for _, it := range items {
			if err := r.Items.ResetLogin(t.Context(), r.tenant, it.ID); err != nil {
				t.Fatal(err)
			}
		}
		key, a = r.confirmed("+14155550123")
		a = r.work(key, r.do(key, a, session.ActSelect, "institution", "ins_109508"))
		r.at(a, session.PaneCredentials)
		for _, it := range items {
			if err := r.Items.Remove(t.Context(), it); err != nil {
				t.Fatal(err)
			}
		}
		_, a = r.confirmed("+14155550123")
		r.at(a, session.PaneInstitutions)
		var left int
		if err := r.Items.DB.QueryRow(t.Context(), `select count(*) from link_phones`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d rows of phones are left, %v", left, err)
		}
	})
}

// The documented numbers are always the same people.
func TestSimulatedPhones(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		picked := func(phone, institution string) (string, session.Answer) {
			t.Helper()
			key, a := r.confirmed(phone)
			r.at(a, session.PaneSaved)
			return key, r.work(key, r.do(key, a, session.ActSelect, "institution", institution))
		}
		// A new person, who is one every time.
		for range 2 {
			key, a := r.confirmed("415-555-0010")
			r.at(a, session.PaneInstitutions)
			a = r.do(key, a, session.ActSelect, "institution", "ins_109508")
			r.shareAll(key, r.work(key, r.do(key, a, session.ActSubmit, "username", "user_good", "password", "pass_good")))
		}
		// A known one; one with further accounts; one at a bank with its own page; one on a new device; one without a question.
		key, a := picked("415-555-0011", "ins_109508")
		r.shareAll(key, a)
		key, a = picked("415-555-0012", "ins_109508")
		if n := len(r.shareAll(key, a).Finished.Success.Accounts); n != 2 {
			t.Errorf("%d accounts of before", n)
		}
		_, a = picked("415-555-0013", "ins_127287")
		r.at(a, session.PaneOAuth)
		key, a = picked("415-555-0014", "ins_109508")
		r.at(a, session.PaneMFA)
		a = r.work(key, r.do(key, a, session.ActSubmit, "device", a.View.MFA.Devices[0].Value))
		r.shareAll(key, r.work(key, r.do(key, a, session.ActSubmit, "code", "1234")))
		key, a = r.confirmed("415-555-0015")
		if !saw(a, "SELECT_INSTITUTION", "match_reason", "AUTO_SELECT_SAVED_INSTITUTION") {
			t.Errorf("told %+v", a.Events)
		}
		a = r.work(key, a)
		r.at(a, session.PaneConnected)
		if saw(a, "TRANSITION_VIEW", "view_name", "SELECT_SAVED_ACCOUNT") {
			t.Error("accounts were asked for")
		}
	})
}

// Phone numbers are nowhere in clear, and the same number has nothing in common in two tenants.
func TestPhonesAreHashed(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		key, a := r.confirmed("+14155550123")
		a = r.do(key, a, session.ActSelect, "institution", "ins_109508")
		r.shareAll(key, r.work(key, r.do(key, a, session.ActSubmit, "username", "user_good", "password", "pass_good")))
		var state, hash string
		if err := r.Items.DB.QueryRow(t.Context(), `select phone_hash from link_phones`).Scan(&hash); err != nil {
			t.Fatal(err)
		}
		if err := r.Items.DB.QueryRow(t.Context(), `select state from link_sessions`).Scan(&state); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(hash+state, "5550123") || len(hash) < 40 {
			t.Errorf("stored %q", hash)
		}
	})
}

// The institution of a routing number that the client has from the person comes first, and is told of when it is chosen.
func TestRoutingNumbers(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		all, err := r.Find(t.Context(), r.tenant, "", []string{"US"}, []string{"auth"})
		if err != nil {
			t.Fatal(err)
		}
		last := all[0]
		for _, ins := range all {
			if ins.Supported && len(ins.RoutingNumbers) > 0 && slices.Contains(ins.Products, "auth") {
				last = ins
			}
		}
		number := last.RoutingNumbers[0]
		key, a := r.open(r.linkToken(`, "institution_data": {"routing_number": "` + number + `"}`))
		a = r.do(key, a, session.ActSkip)
		if first := a.View.Institutions.List[0]; first.ID != last.InstitutionID || !first.Matched || a.View.Institutions.List[1].Matched {
			t.Errorf("first is %+v, not %s", first, last.Name)
		}
		found := r.do(key, a, session.ActSearch, "query", "platypus")
		if found.View.Institutions.List[0].ID == last.InstitutionID {
			t.Error("it comes first in a search for another")
		}
		a = r.do(key, found, session.ActSelect, "institution", last.InstitutionID)
		if !saw(a, "MATCHED_SELECT_INSTITUTION", "routing_number", number) || !saw(a, "MATCHED_SELECT_INSTITUTION", "match_reason", "routing_number") || !saw(a, "SELECT_INSTITUTION", "institution_id", last.InstitutionID) {
			t.Errorf("told %+v", a.Events)
		}
		_, a = r.open(r.linkToken(`, "institution_data": {"routing_number": "999999999"}`))
		r.at(a, session.PaneConsent)
	})
}
