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

func (c Cursors) sign(epoch, position string) string {
	return c.Keys.Hash(kind, strings.Join([]string{c.ItemID, c.Filter, epoch, position}, "\x00"))
}

// Position is how far a client has come.
type Position struct {
	After int64 // sequence number
	// Begun is the newest sequence number when the pages began of which one was answered, 0 where that is not kept.
	Begun int64
}

func (p Position) text() string {
	if p.Begun == 0 {
		return strconv.FormatInt(p.After, 36)
	}
	return strconv.FormatInt(p.After, 36) + "-" + strconv.FormatInt(p.Begun, 36)
}

func readPosition(text string) (p Position, err error) {
	after, begun, both := strings.Cut(text, "-")
	if p.After, err = strconv.ParseInt(after, 36, 64); err == nil && both {
		p.Begun, err = strconv.ParseInt(begun, 36, 64)
	}
	return p, err
}

// Write is the cursor of a position.
func (c Cursors) Write(p Position) string {
	position := p.text()
	return base64.StdEncoding.EncodeToString([]byte(c.short() + "." + position + "." + c.sign(c.short(), position)))
}

// short is the beginning of the epoch: enough to know it from others.
func (c Cursors) short() string { return c.Epoch[:min(epochLetters, len(c.Epoch))] }

// Read is the position of a cursor that a client sends, which is not after the newest that there is. Empty is the beginning.
func (c Cursors) Read(text string, newest int64) (Position, error) {
	if text == "" {
		return Position{}, nil
	}
	wrong := plaid.InvalidField("cursor", "is not one that was given for this Item and account filter")
	if len(text) > longest {
		return Position{}, wrong
	}
	plain, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return Position{}, wrong
	}
	parts := strings.Split(string(plain), ".")
	if len(parts) != 3 || c.sign(parts[0], parts[1]) != parts[2] {
		return Position{}, wrong
	}
	p, err := readPosition(parts[1])
	if err != nil {
		return Position{}, wrong
	}
	if parts[0] != c.short() || p.After > newest {
		return Position{}, plaid.InvalidField("cursor", "is from before this server's database was restored from a backup: begin again with an empty cursor")
	}
	return p, nil
}
