package sandbox

import (
	"hash/crc32"
	"strconv"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/plaid"
)

// pinGood is the PIN of everybody, at the banks that ask for one.
const pinGood = "credential_good"

// style is how an institution logs people in.
type style struct {
	// member: the user name is called a member number; pin: there is a PIN beside the password.
	member, pin bool
	// mfa is what the bank always asks besides; nil for what the password says.
	mfa *custom.MFA
}

// firstInvented is the number of the first institution of the invented catalogue. The documented ones have a user name and a
// password, as people expect of them.
const firstInvented = 200_000

// styleOf is an institution's: of each hundred invented ones, five ask for a PIN, five for a member number, five always send
// a code, and five always ask two questions.
func styleOf(institutionID string) style {
	n, err := strconv.Atoi(strings.TrimPrefix(institutionID, "ins_"))
	if err != nil || n < firstInvented {
		return style{}
	}
	one, two := 1, 2
	switch crc32.ChecksumIEEE([]byte(institutionID)) % 100 / 5 {
	case 0:
		return style{pin: true}
	case 1:
		return style{member: true}
	case 2:
		return style{mfa: &custom.MFA{Type: ref("device")}}
	case 3:
		return style{mfa: &custom.MFA{Type: ref("questions"), QuestionRounds: &one, QuestionsPerRound: &two}}
	}
	return style{}
}

func ref(s string) *string { return &s }

// Fields are a user name and a password, which some institutions call otherwise, and at some a PIN.
func (c *Connector) Fields(institutionID string) []connector.LoginField {
	in := c.directory.Institution(institutionID)
	if in == nil || in.OAuth {
		return nil
	}
	s := styleOf(institutionID)
	list := []connector.LoginField{
		{Name: "username", Label: "username", Kind: "text", Autocomplete: "username"},
		{Name: "password", Label: "password", Kind: "password", Autocomplete: "current-password"},
	}
	if s.member {
		list[0].Label, list[0].Verbatim = "Member number", true
	}
	if s.pin {
		list = append(list, connector.LoginField{Name: "pin", Label: "pin", Kind: "password", Autocomplete: "off"})
	}
	return list
}

// responds judges an institution at a moment: a degraded one does not answer in the first of each three minutes.
func (c *Connector) responds(institutionID string, minute int64) error {
	if err := c.admits(institutionID); err != nil {
		return err
	}
	if c.directory.Institution(institutionID).Degraded && minute%3 == 0 {
		return plaid.Err("INSTITUTION_NOT_RESPONDING")
	}
	return nil
}
