package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Login is a login that succeeds: the form, and the replies to the challenges that follow.
type Login struct {
	Attempt connector.Attempt
	Replies []map[string]string
	// Secrets are texts of the form that no state may hold.
	Secrets []string
}

// mostTries is how many wrong replies a bank may take before it ends a login.
const mostTries = 20

// Interactive holds a connector to what callers may rely on in a login step by step, with one subtest for each login by name.
func Interactive(t *testing.T, c connector.Interactive, logins map[string]Login) {
	t.Helper()
	for name, l := range logins {
		t.Run(name, func(t *testing.T) {
			fields(t, c.Fields(l.Attempt.InstitutionID), l.Attempt.Values)
			succeeds(t, c, l)
			refuses(t, c, l)
			cancelledLogin(t, c, l)
		})
	}
	for _, state := range []string{"", "null", "{}", `{"at":-1}`, `[1]`, `"x"`} {
		if step, err := c.Answer(t.Context(), json.RawMessage(state), connector.Reply{}); err == nil && step.Opened != nil && len(step.Opened.Credentials) > 0 {
			t.Errorf("the state %q opens a connection", state)
		}
	}
}

// fields: each has a name of its own and can be shown, and the form that is sent has no others.
func fields(t *testing.T, list []connector.LoginField, values map[string]string) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range list {
		if f.Name == "" || f.Label == "" || seen[f.Name] {
			t.Errorf("field %+v has no name or label, or is there twice", f)
		}
		seen[f.Name] = true
		if !slices.Contains([]string{"text", "password", "code", "email", "tel"}, f.Kind) {
			t.Errorf("field %s is of kind %q", f.Name, f.Kind)
		}
		if !f.Optional && values[f.Name] == "" {
			t.Errorf("the form lacks the field %s", f.Name)
		}
	}
	for name := range values {
		if !seen[name] {
			t.Errorf("the form has the field %s, which the institution has not", name)
		}
	}
}

func succeeds(t *testing.T, c connector.Interactive, l Login) {
	t.Helper()
	step, err := c.Begin(t.Context(), l.Attempt)
	again, err2 := c.Begin(t.Context(), l.Attempt)
	if err != nil || err2 != nil || !reflect.DeepEqual(step, again) {
		t.Fatalf("Begin: %v, and again: %v; the steps are %+v and %+v", err, err2, step, again)
	}
	for i, reply := range l.Replies {
		wellFormed(t, step, l.Secrets)
		if step.Challenge == nil {
			t.Fatalf("there is no challenge before reply %d", i)
		}
		if step, err = c.Answer(t.Context(), step.State, connector.Reply{Values: reply, Now: l.Attempt.Now}); err != nil {
			t.Fatalf("reply %d: %v", i, err)
		}
		if step.Challenge != nil && step.Challenge.Refused != nil {
			t.Fatalf("reply %d is refused: %v", i, step.Challenge.Refused)
		}
	}
	wellFormed(t, step, l.Secrets)
	if step.Opened == nil || !json.Valid(step.Opened.Credentials) {
		t.Errorf("after all replies: %+v", step)
	}
}

// wellFormed: a step is an end or a challenge that can be shown.
func wellFormed(t *testing.T, step connector.Step, secrets []string) {
	t.Helper()
	if (step.Opened == nil) == (step.Challenge == nil) || (step.Challenge == nil) != (step.State == nil) {
		t.Fatalf("a step is opened, or a challenge with a state: %+v", step)
	}
	for _, s := range secrets {
		if bytes.Contains(step.State, []byte(s)) {
			t.Errorf("the state holds %q: %s", s, step.State)
		}
	}
	if step.Challenge == nil {
		return
	}
	ch := *step.Challenge
	choices := ch.Devices
	for _, q := range ch.Questions {
		choices = append(slices.Clone(choices), q.Answers...)
		if q.Text == "" || (ch.Kind == connector.ChallengeSelections) == (len(q.Answers) == 0) {
			t.Errorf("the question %+v of kind %s", q, ch.Kind)
		}
	}
	for _, choice := range choices {
		if choice.Value == "" || choice.Text == "" {
			t.Errorf("the choice %+v", choice)
		}
	}
	asks := ch.Kind == connector.ChallengeQuestions || ch.Kind == connector.ChallengeSelections
	if (ch.Kind == connector.ChallengeDevice) != (len(ch.Devices) > 0) || asks != (len(ch.Questions) > 0) || !json.Valid(step.State) ||
		(ch.Kind == connector.ChallengeCode) != (ch.Destination != "") || ch.Refused != nil && ch.Remaining < 1 {
		t.Errorf("the challenge %+v with state %s", ch, step.State)
	}
}

// refuses: wrong replies to each challenge are told as such, with fewer tries each time, and end the login at last.
func refuses(t *testing.T, c connector.Interactive, l Login) {
	t.Helper()
	for right := range l.Replies {
		step, err := c.Begin(t.Context(), l.Attempt)
		for i := 0; i < right && err == nil; i++ {
			step, err = c.Answer(t.Context(), step.State, connector.Reply{Values: l.Replies[i], Now: l.Attempt.Now})
		}
		if err != nil || step.Challenge == nil {
			t.Fatalf("%d right replies: %+v, %v", right, step, err)
		}
		wrongUntilTheEnd(t, c, step, l)
	}
}

func wrongUntilTheEnd(t *testing.T, c connector.Interactive, step connector.Step, l Login) {
	t.Helper()
	kind, remaining := step.Challenge.Kind, step.Challenge.Remaining
	if kind == connector.ChallengeRecaptcha { // whose reply is not the person's
		return
	}
	for range mostTries {
		next, err := c.Answer(t.Context(), step.State, connector.Reply{Values: map[string]string{"code": "wrong", "device": "wrong", "answer_0": "wrong"}, Now: l.Attempt.Now})
		if err != nil {
			if _, ok := errors.AsType[*plaid.Error](err); !ok || !reflect.DeepEqual(next, connector.Step{}) {
				t.Errorf("a wrong %s ends in %v with %+v", kind, err, next)
			}
			return
		}
		wellFormed(t, next, l.Secrets)
		if next.Challenge == nil || next.Challenge.Refused == nil || next.Challenge.Kind != kind || next.Challenge.Remaining >= remaining {
			t.Fatalf("after a wrong %s with %d tries: %+v", kind, remaining, next)
		}
		step, remaining = next, next.Challenge.Remaining
	}
	t.Errorf("%d wrong replies do not end the login", mostTries)
}

func cancelledLogin(t *testing.T, c connector.Interactive, l Login) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if step, err := c.Begin(ctx, l.Attempt); err == nil || !reflect.DeepEqual(step, connector.Step{}) {
		t.Errorf("Begin when nobody waits: %+v, %v", step, err)
	}
}

// Redirecting holds a connector to what callers may rely on in an authorization at the bank's pages. Person goes to an
// address, allows everything, and answers the address to which the bank leads back.
func Redirecting(t *testing.T, c connector.Redirecting, request connector.Authorization, person func(t *testing.T, address string) string) {
	t.Helper()
	start := func() (string, json.RawMessage) {
		address, state, err := c.Authorize(t.Context(), request)
		u, bad := url.Parse(address)
		if err != nil || bad != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || !json.Valid(state) {
			t.Fatalf("Authorize: %q, %s, %v", address, state, err)
		}
		return address, state
	}
	address, state := start()
	back, err := url.Parse(person(t, address))
	site, _, _ := strings.Cut(request.ReturnURL, "?")
	if err != nil || !strings.HasPrefix(back.String(), site+"?") || back.Query().Get("state") != request.State {
		t.Fatalf("the bank leads to %s, %v", back, err)
	}
	fails := func(what string, state json.RawMessage, callback url.Values, now time.Time) {
		t.Helper()
		opened, err := c.Complete(t.Context(), state, callback, now)
		if _, ok := errors.AsType[*plaid.Error](err); !ok || !reflect.DeepEqual(opened, connector.Opened{}) {
			t.Errorf("%s: %+v, %v", what, opened, err)
		}
	}
	with := func(name, value string) url.Values {
		q := back.Query()
		q.Set(name, value)
		return q
	}
	_, other := start()
	now := request.Now.Add(time.Minute)
	fails("another state", state, with("state", "x"), now)
	fails("another session", other, back.Query(), now)
	fails("a made-up code", state, with("code", "x"), now)
	fails("no code", state, url.Values{"state": {request.State}}, now)
	fails("an error", state, url.Values{"state": {request.State}, "error": {"access_denied"}}, now)
	fails("a day late", state, back.Query(), now.AddDate(0, 0, 1))
	opened, err := c.Complete(t.Context(), state, back.Query(), now)
	if err != nil || !json.Valid(opened.Credentials) || !opened.ConsentEnds.IsZero() && !opened.ConsentEnds.After(now) {
		t.Fatalf("Complete: %+v, %v", opened, err)
	}
	fails("a second time", state, back.Query(), now)
}
