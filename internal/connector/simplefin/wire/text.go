package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// MaxText is how many characters a text may have; what is longer is cut.
const MaxText = 500

// Clean is a text without control and formatting characters (which include those that turn the direction of writing), with
// one space for any white space, and not overlong.
func Clean(s string) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case unicode.Is(unicode.C, r): // control, format, private, surrogate
			continue
		}
		if space && n > 0 {
			b.WriteByte(' ')
			n++
		}
		if n >= MaxText {
			break
		}
		space = false
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}

// longestKey is how long a server's key may be to be used as it is.
const longestKey = 128

// key is a server's key as it can be stored: itself, or a digest of what is too long or has strange characters. Different
// keys stay different.
func key(s string) string {
	if s == "" || (len(s) <= longestKey && Clean(s) == s) {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return "sha256:" + hex.EncodeToString(sum[:16])
}
