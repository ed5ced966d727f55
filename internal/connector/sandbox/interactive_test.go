package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/connectortest"
	"weft/internal/plaid"
)

// steady is a moment at which a degraded institution answers.
var steady = now.Truncate(3 * time.Minute).Add(time.Minute)

func form(institution, user, password string) connector.Attempt {
	return connector.Attempt{InstitutionID: institution, Values: map[string]string{"username": user, "password": password}, Now: steady}
}

// replies are a row of replies, each of the form "name=value, name=value".
func replies(texts ...string) []map[string]string {
	var list []map[string]string
	for _, text := range texts {
		m := map[string]string{}
		for _, pair := range strings.Split(text, ", ") {
			name, value, _ := strings.Cut(pair, "=")
			m[name] = value
		}
		list = append(list, m)
	}
	return list
}

// styled finds an invented institution with a login form of a style.
func styled(t *testing.T, want func(style) bool) string {
	t.Helper()
	for _, in := range shared().Institutions(now) {
		if !in.OAuth && want(styleOf(in.InstitutionID)) {
			return in.InstitutionID
		}
	}
	t.Fatal("no institution has the style")
	return ""
}

func TestConformanceInteractive(t *testing.T) {
	pin := styled(t, func(s style) bool { return s.pin })
	withPIN := form(pin, "user_good", "pass_good")
	withPIN.Values["pin"] = "credential_good"
	plain := []string{"pass_good"}
	connectortest.Interactive(t, shared(), map[string]connectortest.Login{
		"plain":  {Attempt: form(platypus, "user_good", "pass_good")},
		"pin":    {Attempt: withPIN},
		"member": {Attempt: form(styled(t, func(s style) bool { return s.member }), "user_good", "pass_good")},
		"always a code": {Attempt: form(styled(t, func(s style) bool { return s.mfa != nil && *s.mfa.Type == "device" }), "user_good", "pass_good"),
			Replies: replies("device=device_1", "code=1234"), Secrets: plain},
		"always questions": {Attempt: form(styled(t, func(s style) bool { return s.mfa != nil && *s.mfa.Type == "questions" }), "user_yuppie", "pass_good"),
			Replies: replies("answer_0=answer_0_0, answer_1=answer_0_1"), Secrets: plain},
		"device":     {Attempt: form(platypus, "user_good", "mfa_device"), Replies: replies("device=device_0", "code= 1234 "), Secrets: []string{"mfa_device"}},
		"questions":  {Attempt: form(platypus, "user_good", "mfa_questions_2_2"), Replies: replies("answer_0=answer_0_0, answer_1=answer_0_1", "answer_0=answer_1_0, answer_1=ANSWER_1_1")},
		"selections": {Attempt: form(platypus, "user_good", "mfa_selections"), Replies: replies("answer_0=Yes")},
		"many selections": {Attempt: form(platypus, "user_good", "mfa_selections_2_2_3"),
			Replies: replies("answer_0=answer_1_1_0, answer_1=answer_1_2_0", "answer_0=answer_2_1_0, answer_1=answer_2_2_0")},
		"recaptcha":    {Attempt: form(platypus, "user_good", `{"recaptcha":"good"}`), Replies: replies("recaptcha=x")},
		"microdeposit": {Attempt: form(platypus, "user_good", "microdeposits_good")},
		"repaired":     {Attempt: form(platypus, "user_good", "error_ITEM_LOGIN_REQUIRED")},
		"degraded":     {Attempt: form("ins_132363", "user_good", "pass_good")},
		"custom":       {Attempt: form(platypus, "user_custom", `{"override_accounts":[{"starting_balance":1.50}]}`)},
		"custom mfa": {Attempt: form(platypus, "user_custom", `{"recaptcha":"good","mfa":{"type":"selections","selection_rounds":1,"questions_per_round":1,"selections_per_question":2}}`),
			Replies: replies("recaptcha=x", "answer_0=answer_1_1_0")},
		"custom device": {Attempt: form(platypus, "user_custom", `{"mfa":{"type":"device"}}`), Replies: replies("device=device_2", "code=1234")},
		"custom questions": {Attempt: form(platypus, "user_custom", `{"mfa":{"type":"questions","question_rounds":1,"questions_per_round":1}}`),
			Replies: replies("answer_0=answer_0_0")},
	})
}

// ends goes through a login, gives each challenge a reply, and says how it ends.
func ends(t *testing.T, attempt connector.Attempt, reply map[string]string) (challenges []string, code plaid.Code, opened *connector.Opened) {
	t.Helper()
	step, err := shared().Begin(t.Context(), attempt)
	for err == nil && step.Challenge != nil {
		kind := step.Challenge.Kind
		if step.Challenge.Refused != nil {
			kind = string(step.Challenge.Refused.Code) + fmt.Sprint(step.Challenge.Remaining)
		}
		challenges = append(challenges, kind)
		step, err = shared().Answer(t.Context(), step.State, connector.Reply{Values: reply, Now: attempt.Now})
	}
	if err == nil {
		return challenges, "", step.Opened
	}
	failed, ok := errors.AsType[*plaid.Error](err)
	if !ok {
		t.Fatalf("%v: %v is not a *plaid.Error", attempt.Values, err)
	}
	return challenges, failed.Code, nil
}

// Every documented password ends as documented, after the challenges that it has.
func TestLoginsStepByStep(t *testing.T) {
	for _, c := range []struct {
		institution, user, password string
		challenges                  string
		want                        plaid.Code
	}{
		{platypus, "user_good", "error_COUNTRY_NOT_SUPPORTED", "", "COUNTRY_NOT_SUPPORTED"},
		{platypus, "user_good", "error_INSTITUTION_DOWN", "", "INSTITUTION_DOWN"},
		{platypus, "user_good", "error_INSTITUTION_NOT_RESPONDING", "", "INSTITUTION_NOT_RESPONDING"},
		{platypus, "user_good", "error_INSTITUTION_NO_LONGER_SUPPORTED", "", "INSTITUTION_NO_LONGER_SUPPORTED"},
		{platypus, "user_good", "error_INSUFFICIENT_CREDENTIALS", "", "INSUFFICIENT_CREDENTIALS"},
		{platypus, "user_good", "error_INTERNAL_SERVER_ERROR", "", "INTERNAL_SERVER_ERROR"},
		{platypus, "user_good", "error_INVALID_CREDENTIALS", "", "INVALID_CREDENTIALS"},
		{platypus, "user_good", "error_INVALID_MFA", "device code INVALID_MFA2 INVALID_MFA1", "ITEM_LOCKED"},
		{platypus, "user_good", "error_INVALID_SEND_METHOD", "device", "INVALID_SEND_METHOD"},
		{platypus, "user_good", "error_ITEM_LOCKED", "", "ITEM_LOCKED"},
		{platypus, "user_good", "error_ITEM_NOT_SUPPORTED", "", "ITEM_NOT_SUPPORTED"},
		{platypus, "user_good", "error_MFA_NOT_SUPPORTED", "", "MFA_NOT_SUPPORTED"},
		{platypus, "user_good", "error_NO_ACCOUNTS", "", "NO_ACCOUNTS"},
		{platypus, "user_good", "error_PAYMENT_INVALID_RECIPIENT", "", "PAYMENT_INVALID_RECIPIENT"},
		{platypus, "user_good", "error_USER_INPUT_TIMEOUT", "", "USER_INPUT_TIMEOUT"},
		{platypus, "user_good", "error_USER_SETUP_REQUIRED", "", "USER_SETUP_REQUIRED"},
		{platypus, "user_good", "error_ITEM_LOGIN_REQUIRED", "", ""},
		{platypus, "user_good", "pass_bad", "", "INVALID_CREDENTIALS"},
		{platypus, "user_good", "INVALID_MFA", "", "INVALID_CREDENTIALS"},
		{platypus, "user_bad", "error_INVALID_MFA", "", "INVALID_CREDENTIALS"},
		{platypus, "user_bad", `{"recaptcha":"bad"}`, "", "INVALID_CREDENTIALS"},
		{platypus, "", "", "", "INVALID_CREDENTIALS"},
		{platypus, "user_good", `{"recaptcha":"bad"}`, "recaptcha", "RECAPTCHA_BAD"},
		{platypus, "user_good", `{"recaptcha":"good"}`, "recaptcha", ""},
		{platypus, "user_good", "mfa_questions_1_1", "questions INVALID_MFA2 INVALID_MFA1", "ITEM_LOCKED"},
		{platypus, "user_good", "mfa_selections", "selections INVALID_MFA2 INVALID_MFA1", "ITEM_LOCKED"},
		{platypus, "user_good", "mfa_device", "device code", ""},
		{platypus, "user_custom", `{"force_error":"INVALID_MFA"}`, "device code INVALID_MFA2 INVALID_MFA1", "ITEM_LOCKED"},
		{platypus, "user_custom", `{"force_error":"ITEM_LOCKED","mfa":{"type":"device"}}`, "", "ITEM_LOCKED"},
		{platypus, "user_custom", `{"recaptcha":"bad"}`, "recaptcha", "RECAPTCHA_BAD"},
		{platypus, "user_custom", `{"recaptcha":1}`, "", "INVALID_FIELD"},
		{"ins_132361", "user_good", "mfa_device", "", "INSTITUTION_DOWN"},
		{"ins_133402", "user_good", "pass_good", "", "INSTITUTION_NO_LONGER_SUPPORTED"},
		{"ins_1", "user_good", "pass_good", "", "INVALID_INSTITUTION"},
		{"ins_127287", "user_good", "pass_good", "", "INVALID_CREDENTIALS"},
	} {
		challenges, code, opened := ends(t, form(c.institution, c.user, c.password),
			map[string]string{"device": "device_0", "code": map[bool]string{true: "1234", false: "1111"}[c.want == "" || strings.Contains(c.password, "INVALID")], "recaptcha": "x"})
		if code != c.want || strings.Join(challenges, " ") != c.challenges {
			t.Errorf("%s / %s: %v, then %q; want %s, then %q", c.user, c.password, challenges, code, c.challenges, c.want)
		}
		if needs := strings.Contains(c.password, "ITEM_LOGIN_REQUIRED"); opened != nil && needs != (opened.ItemError != "") {
			t.Errorf("%s: opened in %v", c.password, opened.ItemError)
		}
	}
}

// What a login leaves is what the same person without challenges has.
func TestChallengesLeaveNothing(t *testing.T) {
	want, _ := login(t, platypus, "user_good", "pass_good")
	for _, password := range []string{"mfa_device", `{"recaptcha":"good"}`} {
		_, code, opened := ends(t, form(platypus, "user_good", password), map[string]string{"device": "device_0", "code": "1234", "recaptcha": "x"})
		if code != "" || string(opened.Credentials) != string(want.Credentials) {
			t.Errorf("%s: %q, %+v", password, code, opened)
		}
	}
}

// Where the bank sends a code is where the person wanted it.
func TestCodeGoesToTheDevice(t *testing.T) {
	step, err := shared().Begin(t.Context(), form(platypus, "user_good", "mfa_device"))
	if err != nil || len(step.Challenge.Devices) < 2 {
		t.Fatalf("%+v, %v", step, err)
	}
	for _, d := range step.Challenge.Devices {
		sent, err := shared().Answer(t.Context(), step.State, connector.Reply{Values: map[string]string{"device": d.Value}})
		if err != nil || sent.Challenge.Destination != d.Text {
			t.Errorf("%s: %+v, %v", d.Text, sent.Challenge, err)
		}
	}
}

// A degraded institution does not answer in one minute of three.
func TestDegradedInstitution(t *testing.T) {
	var codes []plaid.Code
	for minute := range 6 {
		attempt := form("ins_132363", "user_good", "pass_good")
		attempt.Now = steady.Add(time.Duration(minute) * time.Minute)
		_, code, _ := ends(t, attempt, nil)
		codes = append(codes, code)
	}
	const no = plaid.Code("INSTITUTION_NOT_RESPONDING")
	if !slices.Equal(codes, []plaid.Code{"", "", no, "", "", no}) {
		t.Errorf("%q", codes)
	}
}

// The documented institutions ask for a user name and a password, those with pages of their own for nothing.
func TestFields(t *testing.T) {
	pin := styled(t, func(s style) bool { return s.pin })
	for id, want := range map[string]string{
		platypus: "username password", "ins_109510": "username password", "ins_127287": "", "ins_117650": "", "ins_1": "", pin: "username password pin",
	} {
		var names []string
		for _, f := range shared().Fields(id) {
			names = append(names, f.Name)
		}
		if strings.Join(names, " ") != want {
			t.Errorf("%s: %v, want %s", id, names, want)
		}
	}
	// These are the examples of docs/sandbox.md.
	for id, is := range map[string]func(style) bool{
		"ins_200048": func(s style) bool { return s.pin },
		"ins_200087": func(s style) bool { return s.member },
		"ins_200095": func(s style) bool { return s.mfa != nil && *s.mfa.Type == "device" },
		"ins_200020": func(s style) bool { return s.mfa != nil && *s.mfa.Type == "questions" },
	} {
		if shared().Fields(id) == nil || !is(styleOf(id)) {
			t.Errorf("%s has the style %+v and the fields %v", id, styleOf(id), shared().Fields(id))
		}
	}
	attempt := form(pin, "user_good", "pass_good")
	for _, wrong := range []string{"", "1234"} {
		attempt.Values["pin"] = wrong
		if _, code, _ := ends(t, attempt, nil); code != "INVALID_CREDENTIALS" {
			t.Errorf("PIN %q: %q", wrong, code)
		}
	}
}
