package session

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

const (
	aRouting = "110000000"
	bRouting = "021000021" // of Giving Bank
	aNumber  = "1111222233330000"
)

func typing() Setup {
	return Setup{Manual: true, Reroute: "OPTIONAL", Methods: []string{plaid.SameDay}}
}

// type types the numbers of an account that nobody logs in to.
func (k *walker) typeNumbers(routing string) *walker {
	k.t.Helper()
	k.at(PaneRouting).do(ActSubmit, "routing", routing).at(PaneNumber)
	k.do(ActSubmit, "account", aNumber, "account_again", aNumber).at(PaneHolder)
	return k.do(ActSubmit, "name", " Ada  Lovelace ", "type", "savings")
}

func TestNumbersInPlaceOfALogin(t *testing.T) {
	k := walk(t, typing())
	k.do(ActAccept).do(ActManual).typeNumbers(aRouting).result(Result{Settled: &Settled{Method: plaid.SameDay, Text: "#XXX"}}).at(PaneAuthorize)
	if e := k.s.Entry; e.Name != "Ada Lovelace" || e.Subtype != "savings" || e.Routing != aRouting || e.Account != aNumber {
		t.Errorf("typed %+v", e)
	}
	if v := k.m.View(k.s); v.Numbers.Mask != "0000" {
		t.Errorf("shown %+v", v.Numbers)
	}
	k.do(ActContinue).at(PaneLoading).result(anItem).at(PaneDeposited)
	if v := k.m.View(k.s); v.Numbers.Text != "#XXX" || v.Numbers.Mask != "0000" {
		t.Errorf("shown %+v", v.Numbers)
	}
	k.do(ActContinue).at(PaneEnded)
	k.expect(`OPEN(CONSENT) TV(SELECT_INSTITUTION) TV(NUMBERS) SUBMIT_ROUTING_NUMBER TV(NUMBERS) SUBMIT_ACCOUNT_NUMBER TV(NUMBERS) TV(NUMBERS)
		TV(LOADING) TV(SAME_DAY_MICRODEPOSIT_AUTHORIZED) HANDOFF`)
	if text, _ := json.Marshal(k.s); strings.Contains(string(text), aNumber) || k.s.Finished.PublicToken != "public" {
		t.Errorf("at the end: %s", text)
	}
}

func TestNumbersThatAreWrongInThemselves(t *testing.T) {
	k := walk(t, typing())
	k.do(ActAccept).do(ActManual)
	wrong := func(pane Pane, field string, values ...string) {
		t.Helper()
		if k.do(ActSubmit, values...).at(pane); k.s.Problem == nil || k.s.Problem.Field != field {
			t.Errorf("%v: %+v", values, k.s.Problem)
		}
	}
	wrong(PaneRouting, "routing", "routing", "110000001")
	wrong(PaneRouting, "routing")
	k.do(ActSubmit, "routing", " 1100-0000 0").at(PaneNumber)
	wrong(PaneNumber, "account", "account", "123", "account_again", "123")
	wrong(PaneNumber, "account", "account", "12345678901234567890", "account_again", "12345678901234567890")
	wrong(PaneNumber, "account", "account", "12a4", "account_again", "12a4")
	wrong(PaneNumber, "account_again", "account", aNumber, "account_again", "1")
	k.do(ActSubmit, "account", "1111 2222 3333 0000", "account_again", aNumber).at(PaneHolder)
	wrong(PaneHolder, "name", "name", "  ", "type", "savings")
	wrong(PaneHolder, "type", "name", "Ada", "type", "brokerage")
	k.do(ActBack).at(PaneNumber).do(ActBack).at(PaneRouting).do(ActBack).at(PaneInstitutions)
	if k.s.Entry != nil {
		t.Errorf("what was typed is kept: %+v", k.s.Entry)
	}
	none := walk(t, Setup{})
	none.do(ActAccept).do(ActManual).at(PaneInstitutions)
}

// A routing number may lead to the bank's login, or have it offered.
func TestReroute(t *testing.T) {
	k := walk(t, typing())
	k.do(ActAccept).do(ActManual).do(ActSubmit, "routing", bRouting).at(PaneAuthType)
	k.do(ActBack).at(PaneRouting).do(ActSubmit, "routing", bRouting).at(PaneAuthType).do(ActManual).at(PaneNumber)
	if k.s.Institution != nil || k.s.Entry.BankName != "Giving Bank" {
		t.Errorf("at %+v with %+v", k.s.Institution, k.s.Entry)
	}
	k.do(ActBack).at(PaneRouting).do(ActSubmit, "routing", bRouting).do(ActInstant).at(PaneCredentials)
	forced, off := typing(), typing()
	forced.Reroute, off.Reroute = "FORCED", "OFF"
	walk(t, forced).do(ActAccept).do(ActManual).do(ActSubmit, "routing", bRouting).at(PaneCredentials)
	walk(t, off).do(ActAccept).do(ActManual).do(ActSubmit, "routing", bRouting).at(PaneNumber)
	first := typing()
	first.AuthTypeSelect = true
	walk(t, first).do(ActAccept).at(PaneAuthType).do(ActManual).typeNumbers(aRouting)
	walk(t, first).do(ActAccept).at(PaneAuthType).do(ActInstant).at(PaneInstitutions)
}

// Beside a login one account is chosen, whose number is compared.
func TestNumbersBesideALogin(t *testing.T) {
	accounts := Result{Opened: true, Credentials: json.RawMessage(`{"x":1}`), Accounts: []Account{
		{Key: "a", Mask: "0000", Numbered: true, Checked: true}, {Key: "b", Mask: "1111", Numbered: true, Checked: true}, {Key: "c", Checked: true}}}
	k := walk(t, Setup{})
	k.do(ActAccept).do(ActSelect, "institution", "beside").logIn().result(accounts).at(PaneAccounts)
	if v := k.m.View(k.s); !v.Accounts.Single || v.Accounts.List[0].Checked {
		t.Errorf("shown %+v", v.Accounts)
	}
	k.do(ActChoose, "account", "a", "account", "b").at(PaneAccounts).do(ActChoose, "account", "b").at(PaneRouting)
	if v := k.m.View(k.s); v.Numbers.Mask != "1111" {
		t.Errorf("shown %+v", v.Numbers)
	}
	k.do(ActBack).at(PaneAccounts).do(ActChoose, "account", "a").do(ActSubmit, "routing", bRouting).at(PaneNumber)
	k.do(ActSubmit, "account", "9999", "account_again", "9999").result(Result{Err: plaid.Err("INSTANT_MATCH_FAILED")}).at(PaneNumber)
	if k.s.Problem == nil || k.s.Wrong != 1 || k.s.Credentials == nil {
		t.Errorf("%+v, %d wrong, credentials %s", k.s.Problem, k.s.Wrong, k.s.Credentials)
	}
	k.do(ActSubmit, "account", aNumber, "account_again", aNumber).result(Result{Settled: &Settled{Method: plaid.Automated}}).at(PaneAuthorize)
	if v := k.m.View(k.s); !v.Numbers.Automatic || v.Numbers.Mask != "0000" {
		t.Errorf("shown %+v", v.Numbers)
	}
	k.do(ActContinue).at(PaneLoading)
	if got := k.s.Work.Values["account"]; len(got) != 1 || got[0] != "a" {
		t.Errorf("shared %v", got)
	}
	k.result(anItem).at(PaneConnected)
	other := walk(t, Setup{})
	other.do(ActAccept).do(ActSelect, "institution", "beside").logIn().result(accounts).do(ActChoose, "account", "c").at(PaneLoading)
	guesses := walk(t, Setup{})
	guesses.do(ActAccept).do(ActSelect, "institution", "beside").logIn().result(accounts).do(ActChoose, "account", "a").do(ActSubmit, "routing", bRouting)
	for range mostWrong - 1 {
		guesses.do(ActSubmit, "account", "9999", "account_again", "9999").result(Result{Err: plaid.Err("INSTANT_MATCH_FAILED")}).at(PaneNumber)
	}
	if guesses.do(ActSubmit, "account", "9999", "account_again", "9999").result(Result{Err: plaid.Err("INSTANT_MATCH_FAILED")}).at(PaneError); !guesses.s.Exhausted() {
		t.Error("numbers can be guessed for ever")
	}
}

// The code of a deposit that arrives at once is asked for at once, three times.
func TestInstantDeposit(t *testing.T) {
	begin := func() *walker {
		k := walk(t, typing())
		k.do(ActAccept).do(ActSelect, "institution", "instead").typeNumbers(aRouting)
		return k.result(Result{Settled: &Settled{Method: plaid.InstantDeposit}}).at(PaneAuthorize).do(ActContinue).at(PaneDepositCode)
	}
	k := begin()
	k.do(ActSubmit, "code", "XXX").result(Result{Err: plaid.Err(wrongCode)}).at(PaneDepositCode)
	if k.s.Problem.Remaining != 2 {
		t.Errorf("%+v", k.s.Problem)
	}
	k.do(ActSubmit, "code", "ABC").result(Result{Confirmed: true}).at(PaneLoading).result(anItem).at(PaneConnected)
	if !strings.Contains(k.told(), "TRANSITION_VIEW("+InstantView+")") {
		t.Error(k.told())
	}
	k = begin()
	for range mostCodes - 1 {
		k.do(ActSubmit, "code", "XXX").result(Result{Err: plaid.Err(wrongCode)}).at(PaneDepositCode)
	}
	k.do(ActSubmit, "code", "XXX").result(Result{Err: plaid.Err(wrongCode)}).at(PaneError)
	if f := k.s.Failure; f.Code != "TOO_MANY_VERIFICATION_ATTEMPTS" || f.Retry || !f.Other {
		t.Errorf("%+v", f)
	}
}

// An Item without a login has its code asked for in update mode, or can not be repaired.
func TestCodeOfAnItem(t *testing.T) {
	of := func(status string) *walker {
		return walk(t, Setup{Repairs: []Repair{{ItemID: "1", Verification: status, Mask: "0000"}, {ItemID: "2", InstitutionID: "plain"}}}).do(ActAccept)
	}
	k := of(plaid.PendingManual).at(PaneDepositCode)
	if v := k.m.View(k.s); v.Numbers.Mask != "0000" {
		t.Errorf("shown %+v", v.Numbers)
	}
	k.do(ActSubmit).at(PaneDepositCode).do(ActSubmit, "code", "XXX").result(Result{Err: plaid.Err(wrongCode), Remaining: 1}).at(PaneDepositCode)
	k.do(ActSubmit, "code", "ABC").result(anItem).at(PaneCredentials) // of the next Item
	spent := of(plaid.PendingManual).do(ActSubmit, "code", "XXX").result(Result{Err: plaid.Err(wrongCode)}).at(PaneError)
	if f := spent.s.Failure; f.Code != "TOO_MANY_VERIFICATION_ATTEMPTS" || f.Retry {
		t.Errorf("%+v", f)
	}
	for status, code := range map[string]plaid.Code{
		plaid.VerificationFailed: "TOO_MANY_VERIFICATION_ATTEMPTS", plaid.VerificationExpired: "ITEM_NOT_SUPPORTED", plaid.VerifiedManually: "ITEM_NOT_SUPPORTED",
	} {
		if k := of(status).at(PaneError); k.s.Failure.Code != code || k.s.Failure.Retry {
			t.Errorf("%s: %+v", status, k.s.Failure)
		}
	}
}

// Whatever a person does on the panes of numbers, nothing panics, what is shown is shown again, and what was typed is gone at the end.
func TestNoWayThroughNumbersBreaks(t *testing.T) {
	names := []string{ActManual, ActSubmit, ActBack, ActContinue, ActInstant, ActExit, ActExitCancel, ActSelect, ActOther, ActRetry, ActAccept, ActChoose}
	rapid.Check(t, func(r *rapid.T) {
		setup := typing()
		setup.AuthTypeSelect = rapid.Bool().Draw(r, "select")
		k := walk(t, setup)
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			k.do(rapid.SampledFrom(names).Draw(r, "action"), "routing", rapid.SampledFrom([]string{aRouting, bRouting, "1"}).Draw(r, "routing"),
				"username", "u", "password", "p", "account", rapid.SampledFrom([]string{aNumber, "a"}).Draw(r, "account"), "account_again", aNumber, "name", "Ada", "type", "checking", "code", "ABC",
				"institution", rapid.SampledFrom([]string{"beside", "instead", "gives"}).Draw(r, "institution"))
			k.m.View(k.s)
			if k.w == nil && k.s.Work == nil {
				continue
			}
			work := k.w
			if work == nil {
				work = k.s.Work
			}
			fits := map[string][]Result{
				WorkLogin:   {{Opened: true, Accounts: []Account{{Key: "a", Mask: "0000", Numbered: true}}}},
				WorkNumbers: {{Settled: &Settled{Method: plaid.SameDay}}, {Settled: &Settled{Method: plaid.InstantDeposit}}, {Settled: &Settled{Method: plaid.InstantMatch}}},
				WorkCode:    {{Confirmed: true}, {Err: plaid.Err(wrongCode)}},
				WorkLink:    {anItem},
			}[work.Kind]
			failed := []Result{{Err: plaid.Err("INVALID_ACCOUNT_NUMBER")}, {Err: plaid.Err("INTERNAL_SERVER_ERROR")}, {Err: plaid.Err("INSTITUTION_DOWN")}}
			k.result(rapid.SampledFrom(append(fits, failed...)).Draw(r, "result"))
			k.m.View(k.s)
			if p := k.s.Pane; (typed(p) || p == PaneDeposited) && k.s.Entry == nil {
				r.Fatalf("on pane %s with nothing typed", p)
			}
		}
		k.m.Abandon(k.s)
		if text, _ := json.Marshal(k.s); strings.Contains(string(text), aNumber) {
			r.Fatalf("the number is kept after the end: %s", text)
		}
	})
}

// Who begins on the client's own page agrees before they type numbers, too.
func TestNumbersFromTheClientsPage(t *testing.T) {
	k := walk(t, Setup{Embedded: true, Manual: true})
	k.do(ActManual).at(PaneConsent).do(ActAccept).at(PaneRouting).do(ActSubmit, "routing", "110000000").at(PaneNumber)
	k = walk(t, Setup{Embedded: true})
	k.do(ActManual).at(PaneInstitutions)
}

// Who cannot link their bank is offered account numbers, also when they are about to leave.
func TestNumbersWhereABankFails(t *testing.T) {
	for _, setup := range []Setup{{}, {Manual: true}} {
		begin := func() *walker { return walk(t, setup).do(ActAccept) }
		failed := map[string]*walker{
			"down":        begin().do(ActSelect, "institution", "down").at(PaneError),
			"unsupported": begin().do(ActSelect, "institution", "none").at(PaneError),
			"refused":     begin().do(ActSelect, "institution", "plain").logIn().result(Result{Err: plaid.Err("INVALID_CREDENTIALS")}).do(ActExit).at(PaneExit),
			"left":        begin().do(ActSelect, "institution", "none").do(ActExit).at(PaneExit),
		}
		for name, k := range failed {
			if got := k.m.View(k.s).Failure.Manual; got != setup.Manual {
				t.Errorf("%s: offered %v where it is %v", name, got, setup.Manual)
			}
			want := k.s.Pane
			if setup.Manual {
				want = PaneRouting
			}
			k.do(ActManual).at(want)
		}
		k := begin().do(ActExit).at(PaneExit)
		if k.m.View(k.s).Failure.Manual {
			t.Error("numbers are offered to who leaves without having tried a bank")
		}
		k.do(ActManual).at(PaneExit)
	}
}
