package connector

import (
	"context"
	"encoding/json"
	"time"

	"weft/internal/plaid"
)

// Forms is the power to say what a login at an institution asks for.
type Forms interface {
	// Fields are the fields of an institution's login form, in the order in which they are shown. There are none where people
	// log in at the bank's own pages ([Redirecting]), and for an institution that is not known.
	Fields(institutionID string) []LoginField
}

// LoginField is one field of a login form.
type LoginField struct {
	// Name is the field's key in [Attempt].
	Name string
	// Label is a word that pages translate (username, password, pin) or, with Verbatim, the bank's own words.
	Label    string
	Verbatim bool
	// Kind is text, password, code, email or tel.
	Kind string
	// Autocomplete is what a browser may fill in, as HTML's attribute of that name has it.
	Autocomplete string
	Optional     bool
}

// Interactive is the power to log a person in step by step, where the bank may ask for more than the form's fields.
type Interactive interface {
	Forms
	// Begin sends the form. The error is a *plaid.Error, after which a person may begin anew.
	Begin(ctx context.Context, attempt Attempt) (Step, error)
	// Answer goes on from the state of the last step. What was wrong and can be tried again is told as a refused challenge
	// with a state of its own; an error (ITEM_LOCKED after too many tries, INVALID_SEND_METHOD) ends the login.
	Answer(ctx context.Context, state json.RawMessage, reply Reply) (Step, error)
}

// Attempt is a filled form. Values are by the fields' names.
type Attempt struct {
	InstitutionID string
	Values        map[string]string
	Now           time.Time
}

// Step is how far a login has come: it has Opened at its end, and before it a Challenge with the State to go on with. A state
// says no more than what is needed to go on; it is the connector's own, and whoever keeps it seals it.
type Step struct {
	Opened    *Opened
	Challenge *Challenge
	State     json.RawMessage
}

// The kinds of challenges.
const (
	ChallengeDevice     = "device"     // where to send a code; reply device
	ChallengeCode       = "code"       // the code that was sent; reply code
	ChallengeQuestions  = "questions"  // reply answer_0, answer_1 …
	ChallengeSelections = "selections" // questions with answers to choose from; reply answer_0, answer_1 …
	ChallengeRecaptcha  = "recaptcha"  // a check that a person is there; reply recaptcha
)

// Challenge is what a bank asks besides the form.
type Challenge struct {
	Kind string
	// Devices are those of the kind device, Destination is where the code of the kind code went.
	Devices     []Choice
	Destination string
	// Questions are those of the kinds questions and selections.
	Questions []Question
	// Refused is why the challenge is put again (INVALID_MFA), nil for the first time; Remaining is how many more wrong replies
	// the bank takes before it locks the login.
	Refused   *plaid.Error
	Remaining int
}

// Choice is one of several: the value to reply, and the bank's words for it.
type Choice struct{ Value, Text string }

// Question is a question in the bank's words. Answers are to be chosen from; none where the person writes.
type Question struct {
	Text    string
	Answers []Choice
}

// Reply is a person's answer to a challenge. Values are by the names that the kind of challenge has.
type Reply struct {
	Values map[string]string
	Now    time.Time
}
