package session

import (
	"encoding/json"
	"time"

	"weft/internal/plaid"
	"weft/internal/product/link/session/saved"
	"weft/internal/product/link/session/setup"
)

// Setup is what a session is for, and Repair an Item of update mode.
type (
	Setup  = setup.Setup
	Repair = setup.Repair
)

// Where an Item's data comes from that no bank's login gives.
const (
	SourceFile  = setup.SourceFile
	SourceToken = setup.SourceToken
)

// State is where a person is, as it is stored (sealed: it holds what they have typed until the bank has it).
type State struct {
	Pane Pane  `json:"pane"`
	Step int64 `json:"step"`
	// Trail are the panes that back leads to, the nearest last.
	Trail       []Pane       `json:"trail,omitempty"`
	Institution *Institution `json:"institution,omitempty"`
	// Phone is the number that was given, and Verified says that its owner is here. Saved is what they are recognised by, and
	// Picked the one of it that is taken.
	Phone     string        `json:"phone,omitempty"`
	Verified  bool          `json:"verified,omitempty"`
	Saved     []saved.Login `json:"saved,omitempty"`
	Picked    *saved.Login  `json:"picked,omitempty"`
	Query     string        `json:"query,omitempty"`
	Fields    []Field       `json:"fields,omitempty"`
	Challenge *MFA          `json:"challenge,omitempty"`
	// Bank is what a connector keeps between two steps of a login, Credentials what it has opened.
	Bank        json.RawMessage `json:"bank,omitempty"`
	Credentials json.RawMessage `json:"credentials,omitempty"`
	// Claimed is what a token was spent for, until it is in use: a token is good for one claim.
	Claimed  json.RawMessage `json:"claimed,omitempty"`
	Accounts []Account       `json:"accounts,omitempty"`
	OAuth    *Way            `json:"oauth,omitempty"`
	Entry    *Entry          `json:"entry,omitempty"`
	Problem  *Problem        `json:"problem,omitempty"`
	Failure  *Failure        `json:"failure,omitempty"`
	// Unresolved is the last error that nothing good has followed.
	Unresolved *ExitError `json:"unresolved,omitempty"`
	// Work is what is to be done while the pane is loading.
	Work *Work `json:"work,omitempty"`
	// Wrong counts wrong logins, and WrongPhone wrong codes.
	Wrong      int `json:"wrong,omitempty"`
	WrongPhone int `json:"wrong_phone,omitempty"`
	// Leaving is the pane that the question about leaving was asked on.
	Leaving  Pane      `json:"leaving,omitempty"`
	Linked   []Linked  `json:"linked,omitempty"`
	Repaired int       `json:"repaired,omitempty"`
	Events   []Event   `json:"events"`
	Finished *Finished `json:"finished,omitempty"`
	// ActedAt is when the person last did something.
	ActedAt time.Time `json:"acted_at"`
}

// Way is the way to a bank's own page and back.
type Way struct {
	URL string `json:"url"`
	// Opened: the person is on the way. Callback is what the bank has answered.
	Opened   bool                `json:"opened,omitempty"`
	Callback map[string][]string `json:"callback,omitempty"`
}

// Linked is what a session has brought: a new Item with the token for it, or one that was repaired.
type Linked struct {
	ItemID      string   `json:"item_id"`
	PublicToken string   `json:"public_token"`
	Institution *Named   `json:"institution"`
	Accounts    []Shared `json:"accounts"`
}

// Kinds of work.
const (
	WorkRecall    = "recall"    // what is the phone's owner recognised by
	WorkSaved     = "saved"     // log in with what is saved
	WorkLogin     = "login"     // Values: the fields of the login
	WorkAnswer    = "answer"    // Values: the answers to the challenge
	WorkAuthorize = "authorize" // find the way to the bank's own page
	WorkComplete  = "complete"  // Values: what the bank's page has answered
	WorkLink      = "link"      // Values: account, the chosen ones; none of them for those that the bank has let choose
	WorkFile      = "file"      // File: a statement
	WorkToken     = "token"     // Values: token. What it is spent for is stored before anything is done with it
	WorkBring     = "bring"     // make Items of what was claimed, or repair one with it, or with what it has where nothing was
	WorkNumbers   = "numbers"   // find how the state's Entry can be verified
	WorkCode      = "code"      // Values: code, of a deposit
)

// Work is what has to be done outside: ask a bank, make an Item. Its result comes back through [Machine.Done].
type Work struct {
	Kind   string              `json:"kind"`
	Values map[string][]string `json:"values,omitempty"`
	File   []byte              `json:"-"`
	// Now: it is done within the action that caused it and never stored.
	Now bool `json:"-"`
}

// Result is what came of work: one of its members.
type Result struct {
	// Err is why it failed. Remaining is how often the same may be tried again, 0 if that is not limited, and Bank what the
	// connector keeps for that.
	Err       *plaid.Error
	Remaining int
	// Challenge is what the bank asks besides.
	Challenge *MFA
	Bank      json.RawMessage
	// URL is the way to the bank's page.
	URL string
	// Opened: the bank has let the person in, who can choose among the accounts, or has chosen there.
	Opened      bool
	Credentials json.RawMessage
	Accounts    []Account
	Chosen      bool
	// Claimed is what a token was spent for.
	Claimed json.RawMessage
	// Saved is what the phone's owner is recognised by, where that was asked.
	Saved []saved.Login
	// Settled is how typed numbers will be verified, and Confirmed says that a deposit's code was right.
	Settled   *Settled
	Confirmed bool
	// Linked are the Items that were made or repaired.
	Linked []Linked
}
