package reader

import (
	"bytes"
	"strings"
)

// headerWithin is how long an SGML header may be: what stands before the first tag beyond that is not read.
const headerWithin = 4096

// headerKeys are the keys of both headers, whatever their order.
var headerKeys = []string{
	"OFXHEADER", "DATA", "VERSION", "SECURITY", "ENCODING", "CHARSET", "COMPRESSION", "OLDFILEUID", "NEWFILEUID",
}

// sgmlHeader reads the lines KEY:VALUE before the first tag. Wells Fargo writes them on one line with nothing between
// them, so a value also ends where the next key begins.
func sgmlHeader(text []byte, into map[string]string) {
	if at := bytes.IndexByte(text, '<'); at >= 0 {
		text = text[:at]
	}
	head := string(text[:min(len(text), headerWithin)])
	for key, rest := nextKey(head); key != ""; {
		value := rest
		if end := strings.IndexAny(value, "\r\n"); end >= 0 {
			value = value[:end]
		}
		next, after := nextKey(rest)
		if next != "" {
			if begin := len(rest) - len(after) - len(next) - 1; begin < len(value) {
				value = value[:begin]
			}
		}
		into[key] = strings.TrimSpace(value)
		key, rest = next, after
	}
}

// nextKey finds the first key with its colon, and what follows.
func nextKey(text string) (key, rest string) {
	for from := 0; ; {
		colon := strings.IndexByte(text[from:], ':')
		if colon < 0 {
			return "", ""
		}
		colon += from
		for _, k := range headerKeys {
			if begin := colon - len(k); begin >= from && strings.EqualFold(text[begin:colon], k) {
				return k, text[colon+1:]
			}
		}
		from = colon + 1
	}
}

// xmlHeader reads the attributes of a processing instruction: <?OFX OFXHEADER="200" VERSION="211" ...?>.
func xmlHeader(instruction []byte, into map[string]string) {
	text := string(instruction[:min(len(instruction), headerWithin)])
	for {
		name, rest, found := strings.Cut(text, "=")
		rest = strings.TrimLeft(rest, " \t\r\n")
		if !found || rest == "" || rest[0] != '"' && rest[0] != '\'' {
			return
		}
		value, after, closed := strings.Cut(rest[1:], rest[:1])
		if !closed {
			return
		}
		if fields := strings.Fields(name); len(fields) > 0 {
			into[strings.ToUpper(fields[len(fields)-1])] = value
		}
		text = after
	}
}
