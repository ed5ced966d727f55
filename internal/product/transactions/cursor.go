package transactions

import (
	"encoding/base64"
	"strconv"
	"strings"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/seal"
)

// A cursor is how far a client has followed an Item's changes, and of which accounts: a sequence number. It is signed, and
// belongs to its Item, its filter and the epoch of the database. A database that was restored from a backup has another
// epoch, since its sequence numbers are given anew: an older cursor then asks for a restart instead of leaving a gap.
type cursor struct{ sequence int64 }

const (
	cursorKind    = "transactions cursor"
	longestCursor = 256
	epochLetters  = 8
)

// cursors writes and reads the cursors of one Item and filter.
type cursors struct {
	keys   *seal.Keys
	epoch  string
	item   item.Item
	filter string // account_id, empty for all
}

func (c cursors) sign(epoch, sequence string) string {
	return c.keys.Hash(cursorKind, strings.Join([]string{c.item.ID, c.filter, epoch, sequence}, "\x00"))
}

func (c cursors) write(cur cursor) string {
	sequence := strconv.FormatInt(cur.sequence, 36)
	return base64.StdEncoding.EncodeToString([]byte(c.short() + "." + sequence + "." + c.sign(c.short(), sequence)))
}

// short is the beginning of the epoch: enough to know it from others.
func (c cursors) short() string { return c.epoch[:min(epochLetters, len(c.epoch))] }

// read reads a cursor that a client sends. Empty is the beginning.
func (c cursors) read(text string, newest int64) (cursor, error) {
	if text == "" {
		return cursor{}, nil
	}
	wrong := plaid.InvalidField("cursor", "is not one that was given for this Item and account filter")
	if len(text) > longestCursor {
		return cursor{}, wrong
	}
	plain, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return cursor{}, wrong
	}
	parts := strings.Split(string(plain), ".")
	if len(parts) != 3 || c.sign(parts[0], parts[1]) != parts[2] {
		return cursor{}, wrong
	}
	sequence, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil {
		return cursor{}, wrong
	}
	if parts[0] != c.short() || sequence > newest {
		return cursor{}, plaid.InvalidField("cursor", "is from before this server's database was restored from a backup: begin again with an empty cursor")
	}
	return cursor{sequence}, nil
}
