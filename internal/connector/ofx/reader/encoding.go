package reader

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// windows1252 is what the bytes 0x80 to 0x9F are in Windows-1252; five of them are nothing.
var windows1252 = [32]rune{
	'€', utf8.RuneError, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', utf8.RuneError, 'Ž', utf8.RuneError,
	utf8.RuneError, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', utf8.RuneError, 'ž', 'Ÿ',
}

// declaredWithin is how far from the beginning a header may declare an encoding.
const declaredWithin = 600

// decode gives the content as UTF-8, in a buffer of its own.
func decode(content []byte) []byte {
	switch {
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		return repair(content[3:], true)
	case bytes.HasPrefix(content, []byte("\xff\xfe")):
		return fromUTF16(content[2:], binary.LittleEndian)
	case bytes.HasPrefix(content, []byte("\xfe\xff")):
		return fromUTF16(content[2:], binary.BigEndian)
	case len(content) > 1 && content[0] != 0 && content[1] == 0: // UTF-16 without a mark: the first letter is ASCII
		return fromUTF16(content, binary.LittleEndian)
	case len(content) > 1 && content[0] == 0 && content[1] != 0:
		return fromUTF16(content, binary.BigEndian)
	}
	head := bytes.ToLower(content[:min(len(content), declaredWithin)])
	return repair(content, bytes.Contains(head, []byte("utf-8")) || bytes.Contains(head, []byte("utf8")))
}

// repair copies UTF-8. A byte that is none is Windows-1252, or a replacement character where the file claims to be UTF-8:
// there it is the rest of a letter that a bank's limit of 32 bytes cut in two.
func repair(content []byte, claimed bool) []byte {
	if utf8.Valid(content) {
		return bytes.Clone(content)
	}
	out := make([]byte, 0, len(content)+len(content)/8)
	for len(content) > 0 {
		r, size := utf8.DecodeRune(content)
		if r == utf8.RuneError && size == 1 && !claimed {
			r = latin(content[0])
		}
		out = utf8.AppendRune(out, r)
		content = content[size:]
	}
	return out
}

// latin is a byte of Windows-1252.
func latin(c byte) rune {
	if c >= 0x80 && c < 0xa0 {
		return windows1252[c-0x80]
	}
	return rune(c)
}

func fromUTF16(content []byte, order binary.ByteOrder) []byte {
	out := make([]byte, 0, len(content)/2+len(content)/8)
	for ; len(content) > 1; content = content[2:] {
		r := rune(order.Uint16(content))
		if utf16.IsSurrogate(r) && len(content) > 3 {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(content[2:]))); pair != utf8.RuneError {
				r, content = pair, content[2:]
			}
		}
		out = utf8.AppendRune(out, r) // half of a pair becomes a replacement character
	}
	return out
}
