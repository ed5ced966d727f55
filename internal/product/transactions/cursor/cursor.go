// Package cursor writes and reads the cursors of /transactions/sync.
//
// A cursor is how far a client has followed an Item's changes, and of which accounts: a sequence number. It is signed, and
// belongs to its Item, its filter and the epoch of the database. A database that was restored from a backup has another
// epoch, since its sequence numbers are given anew: an older cursor then asks for a restart instead of leaving a gap.
package cursor

import (
	"encoding/base64"
	"strconv"
	"strings"

	"weft/internal/plaid"
	"weft/internal/seal"
)

const (
	kind         = "transactions cursor"
	longest      = 256
	epochLetters = 8
)

// Cursors are those of one Item and filter.
type Cursors struct {
	Keys   *seal.Keys
	Epoch  string
	ItemID string
	Filter string // account_id, empty for all
}

func (c Cursors) sign(epoch, sequence string) string {
	return c.Keys.Hash(kind, strings.Join([]string{c.ItemID, c.Filter, epoch, sequence}, "\x00"))
}

// Write is the cursor after a sequence number.
func (c Cursors) Write(after int64) string {
	sequence := strconv.FormatInt(after, 36)
	return base64.StdEncoding.EncodeToString([]byte(c.short() + "." + sequence + "." + c.sign(c.short(), sequence)))
}

// short is the beginning of the epoch: enough to know it from others.
func (c Cursors) short() string { return c.Epoch[:min(epochLetters, len(c.Epoch))] }

// Read is the sequence number of a cursor that a client sends, which is not after the newest that there is. Empty is the beginning.
func (c Cursors) Read(text string, newest int64) (after int64, err error) {
	if text == "" {
		return 0, nil
	}
	wrong := plaid.InvalidField("cursor", "is not one that was given for this Item and account filter")
	if len(text) > longest {
		return 0, wrong
	}
	plain, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return 0, wrong
	}
	parts := strings.Split(string(plain), ".")
	if len(parts) != 3 || c.sign(parts[0], parts[1]) != parts[2] {
		return 0, wrong
	}
	sequence, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil {
		return 0, wrong
	}
	if parts[0] != c.short() || sequence > newest {
		return 0, plaid.InvalidField("cursor", "is from before this server's database was restored from a backup: begin again with an empty cursor")
	}
	return sequence, nil
}
