// Package mfa is what simulated banks ask for after the password, and which replies are right:
//
//	device      any device, then the code 1234
//	questions   answer_<i>_<j> for question j of round i, both from 0
//	selections  answer_<n>_<m>_0 for question m of round n, both from 1; the one of mfa_selections is "Yes"
//	recaptcha   any reply
//
// A [Plan] is all that is asked in one login, a [Place] how far a person has come in it. Both are plain values.
package mfa

import (
	"fmt"
	"strconv"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/plaid"
)

// Code is the right one, whatever device it was sent to.
const Code = "1234"

// Tries is how many wrong replies lock a login.
const Tries = 3

// Plan is what is asked. The zero plan asks nothing.
type Plan struct {
	// Captcha is "good" or "bad", which is that it is not passed; empty for none. It comes first.
	Captcha string `json:"captcha,omitempty"`
	// MFA is what is asked next, nil for nothing.
	MFA *custom.MFA `json:"mfa,omitempty"`
	// Fails is INVALID_MFA where no reply is right, or INVALID_SEND_METHOD where no device is.
	Fails plaid.Code `json:"fails,omitempty"`
}

// Place is how far a person has come: the challenge at hand, what was wrong so far, and where the code was sent.
type Place struct {
	At     int `json:"at"`
	Wrong  int `json:"wrong,omitempty"`
	Device int `json:"device,omitempty"`
}

// devices are those of everybody.
var devices = []connector.Choice{
	{Value: "device_0", Text: "Text message to ···5550"},
	{Value: "device_1", Text: "Phone call to ···5551"},
	{Value: "device_2", Text: "Email to a···@example.com"},
}

// ask is one challenge: its kind, and the round of questions from 0.
type ask struct {
	kind  string
	round int
}

func (p Plan) asks() []ask {
	var list []ask
	if p.Captcha != "" {
		list = append(list, ask{kind: connector.ChallengeRecaptcha})
	}
	if p.MFA == nil || p.MFA.Type == nil {
		return list
	}
	switch *p.MFA.Type {
	case "device":
		list = append(list, ask{kind: connector.ChallengeDevice}, ask{kind: connector.ChallengeCode})
	case "questions":
		for i := range count(p.MFA.QuestionRounds) {
			list = append(list, ask{connector.ChallengeQuestions, i})
		}
	case "selections":
		for i := range count(p.MFA.SelectionRounds) {
			list = append(list, ask{connector.ChallengeSelections, i})
		}
	}
	return list
}

// count is a number of rounds, questions or answers: 1 where none is given.
func count(n *int) int {
	if n == nil {
		return 1
	}
	return *n
}

// At is the challenge at a place; false where there are no more.
func (p Plan) At(place Place) (connector.Challenge, bool) {
	list := p.asks()
	if place.At < 0 || place.At >= len(list) {
		return connector.Challenge{}, false
	}
	at := list[place.At]
	c := connector.Challenge{Kind: at.kind, Remaining: Tries - place.Wrong}
	switch at.kind {
	case connector.ChallengeDevice:
		c.Devices = devices
	case connector.ChallengeCode:
		c.Destination = devices[max(0, min(place.Device, len(devices)-1))].Text
	case connector.ChallengeQuestions, connector.ChallengeSelections:
		for j := range count(p.MFA.QuestionsPerRound) {
			c.Questions = append(c.Questions, p.question(at, j))
		}
	}
	return c, true
}

// question is question j of a round.
func (p Plan) question(at ask, j int) connector.Question {
	if at.kind == connector.ChallengeQuestions {
		return connector.Question{Text: fmt.Sprintf("Security question %d of round %d", j+1, at.round+1)}
	}
	if p.simple() {
		return connector.Question{Text: "Is it you who logs in?", Answers: []connector.Choice{{Value: "Yes", Text: "Yes"}, {Value: "No", Text: "No"}}}
	}
	q := connector.Question{Text: fmt.Sprintf("Security question %d of round %d", j+1, at.round+1)}
	for k := range count(p.MFA.SelectionsPerQuestion) {
		text := selection(at.round, j, k)
		q.Answers = append(q.Answers, connector.Choice{Value: text, Text: text})
	}
	return q
}

// simple reports whether this is mfa_selections, whose one question is answered by yes.
func (p Plan) simple() bool {
	return p.MFA.SelectionRounds == nil && p.MFA.QuestionsPerRound == nil && p.MFA.SelectionsPerQuestion == nil
}

// selection is answer k to question j of a round, all from 0.
func selection(round, j, k int) string { return fmt.Sprintf("answer_%d_%d_%d", round+1, j+1, k) }

// Reply judges a reply and returns the place after it. After a wrong one that is the same challenge, with one try less, and
// refused says why; err ends the login.
func (p Plan) Reply(place Place, values map[string]string) (next Place, refused *plaid.Error, err error) {
	list := p.asks()
	if place.At < 0 || place.At >= len(list) {
		return place, nil, fmt.Errorf("sandbox: there is no challenge %d of %d", place.At, len(list))
	}
	at := list[place.At]
	switch at.kind {
	case connector.ChallengeRecaptcha:
		if p.Captcha == "bad" || value(values, "recaptcha") == "" {
			return place, nil, plaid.Err("RECAPTCHA_BAD")
		}
	case connector.ChallengeDevice:
		place.Device = device(value(values, "device"))
		if place.Device < 0 || p.Fails == "INVALID_SEND_METHOD" {
			return place, nil, plaid.Err("INVALID_SEND_METHOD")
		}
	default:
		if p.Fails == "INVALID_MFA" || !p.right(at, values) {
			return p.wrong(place)
		}
	}
	place.At++
	return place, nil, nil
}

// wrong counts a wrong reply.
func (p Plan) wrong(place Place) (Place, *plaid.Error, error) {
	place.Wrong++
	if place.Wrong >= Tries {
		return place, nil, plaid.Err("ITEM_LOCKED")
	}
	return place, plaid.Err("INVALID_MFA"), nil
}

// right judges a code or the answers of a round.
func (p Plan) right(at ask, values map[string]string) bool {
	if at.kind == connector.ChallengeCode {
		return value(values, "code") == Code
	}
	for j := range count(p.MFA.QuestionsPerRound) {
		want := fmt.Sprintf("answer_%d_%d", at.round, j)
		if at.kind == connector.ChallengeSelections {
			want = selection(at.round, j, 0)
			if p.simple() {
				want = "Yes"
			}
		}
		if !strings.EqualFold(value(values, "answer_"+strconv.Itoa(j)), want) {
			return false
		}
	}
	return true
}

func value(values map[string]string, name string) string { return strings.TrimSpace(values[name]) }

// device is the index of a device, -1 for one that was not offered.
func device(value string) int {
	for i, d := range devices {
		if d.Value == value {
			return i
		}
	}
	return -1
}
