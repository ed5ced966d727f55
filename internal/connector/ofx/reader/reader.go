package reader

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// longest names and tags; what is longer is text.
const (
	longestName = 80
	longestTag  = 2048
)

// Read reads a file. An error is a Problem, and means that there is no tree.
func Read(content []byte) (*Document, error) {
	if len(content) > MaxBytes {
		return nil, Problem{Expected: fmt.Sprintf("a file of at most %d MiB", MaxBytes>>20)}
	}
	text := decode(content)
	b := builder{doc: &Document{Header: map[string]string{}, text: text}, newline: '\n', missing: map[string]bool{}, line: 1}
	if bytes.IndexByte(text, '\n') < 0 {
		b.newline = '\r'
	}
	sgmlHeader(text, b.doc.Header)
	most := bytes.Count(text, []byte("<")) - bytes.Count(text, []byte("</"))
	b.doc.nodes = make([]node, 1, min(most, MaxElements)+1)
	b.stack = append(b.stack, frame{record: true})
	for b.r < len(text) {
		if err := b.step(); err != nil {
			return nil, err
		}
	}
	b.endOfFile()
	b.doc.text = text[:b.w]
	return b.doc, nil
}

// builder reads the text and writes the names and values that it finds over what it has read: they are never longer.
type builder struct {
	doc     *Document
	r, w    int
	line    int
	newline byte
	stack   []frame
	// gap is where a run of spaces in the value began; broken says that it has a line break.
	gap    int
	inGap  bool
	broken bool
	// missing are endings that do not occur in the rest of the file: they are not searched for again.
	missing map[string]bool
}

// frame is an open element; last is its last child.
type frame struct {
	at, last uint32
	record   bool
}

func (b *builder) top() *frame { return &b.stack[len(b.stack)-1] }

// step reads one tag, or the text before the next one.
func (b *builder) step() error {
	rest := b.doc.text[b.r:]
	if rest[0] != '<' {
		end := bytes.IndexByte(rest, '<')
		if end < 0 {
			end = len(rest)
		}
		b.write(end, true)
		return nil
	}
	ok, err := b.markup(rest)
	if err == nil && !ok {
		b.write(1, true) // a < that begins nothing: "A < B" in a name
	}
	return err
}

// markup reads what begins with <, or reports that it begins nothing.
func (b *builder) markup(rest []byte) (bool, error) {
	switch {
	case len(rest) < 2:
		return false, nil
	case bytes.HasPrefix(rest, []byte("<!--")):
		return b.skipTo("-->", 4), nil
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		end := b.find("]]>", 9)
		if end < 0 {
			return false, nil
		}
		b.advance(9)
		b.write(end-9, false)
		b.advance(3)
		return true, nil
	case rest[1] == '?':
		end := b.find(">", 2)
		if end < 0 {
			return false, nil
		}
		if bytes.HasPrefix(bytes.ToUpper(rest[2:min(end, 6)]), []byte("OFX")) {
			xmlHeader(rest[2:end], b.doc.Header)
		}
		b.advance(end + 1)
		return true, nil
	case rest[1] == '!':
		return b.declaration(), nil
	case rest[1] == '/':
		return b.endTag(rest), nil
	}
	return b.startTag(rest)
}

// declaration passes over a document type, with what it defines in brackets.
func (b *builder) declaration() bool {
	end := b.find(">", 2)
	if end < 0 {
		return false
	}
	if open := bytes.IndexByte(b.doc.text[b.r:b.r+end], '['); open >= 0 {
		if inner := b.find("]", open); inner >= 0 {
			b.advance(inner)
			if end = b.find(">", 0); end < 0 {
				end = 0
			}
		}
	}
	b.advance(end + 1)
	return true
}

// find is where a sequence begins after an offset from here, or -1. What is not found once is not there later either, so
// that a file of nothing but beginnings is not searched again for each of them.
func (b *builder) find(seq string, from int) int {
	if b.missing[seq] || b.r+from > len(b.doc.text) {
		return -1
	}
	at := bytes.Index(b.doc.text[b.r+from:], []byte(seq))
	if at < 0 {
		b.missing[seq] = true
		return -1
	}
	return at + from
}

func (b *builder) skipTo(seq string, from int) bool {
	end := b.find(seq, from)
	if end < 0 {
		return false
	}
	b.advance(end + len(seq))
	return true
}

// advance passes over n bytes and counts their lines.
func (b *builder) advance(n int) {
	b.line += bytes.Count(b.doc.text[b.r:b.r+n], []byte{b.newline})
	b.r += n
}

// nameEnd is where a name that begins at from ends; from itself if there is none.
func nameEnd(text []byte, from int) int {
	i := from
	for i < len(text) && i-from <= longestName {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == from || !(c >= '0' && c <= '9' || c == '.' || c == '-' || c == ':')) {
			break
		}
		i++
	}
	if i-from > longestName {
		return from
	}
	return i
}

// tagEnd is where the tag that begins at from ends, and whether it ends itself. Quotes hide a > in an attribute, unless
// they are never closed.
func tagEnd(text []byte, from int) (end int, self, ok bool) {
	text = text[:min(len(text), from+longestTag)]
	quote, first := byte(0), -1
	for i := from; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '>' && quote == 0:
			return i + 1, text[i-1] == '/', true
		case c == '>' && first < 0:
			first = i
		case c == '<' && quote == 0:
			return 0, false, false
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
	}
	if first >= 0 {
		return first + 1, text[first-1] == '/', true
	}
	return 0, false, false
}

// tag reads the name and the end of a tag whose name begins at from. The name is put into capitals where it stands.
func tag(rest []byte, from int) (name []byte, end int, self, ok bool) {
	nameTo := nameEnd(rest, from)
	if nameTo == from {
		return nil, 0, false, false
	}
	if end, self, ok = tagEnd(rest, nameTo); !ok {
		return nil, 0, false, false
	}
	name = rest[from:nameTo]
	if colon := bytes.LastIndexByte(name, ':'); colon >= 0 && colon+1 < len(name) {
		name = name[colon+1:]
	}
	for i, c := range name {
		if c >= 'a' && c <= 'z' {
			name[i] = c - 'a' + 'A'
		}
	}
	return name, end, self, true
}

func (b *builder) endTag(rest []byte) bool {
	name, end, _, ok := tag(rest, 2)
	if !ok {
		return false
	}
	b.endText()
	if i := b.opened(name); i > 0 {
		b.closeTo(i)
	}
	b.advance(end)
	return true
}

func (b *builder) startTag(rest []byte) (bool, error) {
	name, end, self, ok := tag(rest, 1)
	if !ok {
		return false, nil
	}
	b.endText()
	if b.doc.nodes[b.top().at].valueLen > 0 {
		b.pop(false) // text has made it a leaf
	}
	record := isRecord(name)
	if record {
		if i := b.opened(name); i > 0 {
			b.closeTo(i)
		}
	}
	switch {
	case len(b.stack) > MaxDepth:
		return false, Problem{b.line, string(name), fmt.Sprintf("at most %d elements inside each other", MaxDepth)}
	case len(b.doc.nodes) > MaxElements:
		return false, Problem{b.line, string(name), fmt.Sprintf("at most %d elements", MaxElements)}
	}
	at, parent := uint32(len(b.doc.nodes)), b.top()
	n := node{name: uint32(b.w), nameLen: uint8(len(name)), line: uint32(b.line)}
	b.w += copy(b.doc.text[b.w:], name)
	n.value = uint32(b.w)
	b.doc.nodes = append(b.doc.nodes, n)
	if parent.last == 0 {
		b.doc.nodes[parent.at].first = at
	} else {
		b.doc.nodes[parent.last].next = at
	}
	parent.last = at
	b.stack = append(b.stack, frame{at: at, record: record})
	if self {
		b.pop(false)
	}
	b.advance(end)
	return true, nil
}

// opened is where in the stack an element of a name is open, 0 if none is.
func (b *builder) opened(name []byte) int {
	for i := len(b.stack) - 1; i > 0; i-- {
		n := &b.doc.nodes[b.stack[i].at]
		if bytes.Equal(b.doc.text[n.name:n.name+uint32(n.nameLen)], name) {
			return i
		}
	}
	return 0
}

// closeTo ends the open elements down to one that has its end tag; those above it have none.
func (b *builder) closeTo(i int) {
	for len(b.stack) > i+1 {
		b.pop(true)
	}
	b.pop(false)
}

// pop ends the innermost element. One that lacks its end tag and is no record was an empty leaf: it gives its children to
// its parent, behind itself.
func (b *builder) pop(lacking bool) {
	f := *b.top()
	b.stack = b.stack[:len(b.stack)-1]
	if n := &b.doc.nodes[f.at]; lacking && !f.record && n.first != 0 {
		n.next, n.first = n.first, 0 // it was its parent's last child
		b.top().last = f.last
	}
}

// endOfFile leaves the elements that a cut file left open as they are, and says so.
func (b *builder) endOfFile() {
	b.endText()
	for i := len(b.stack) - 1; i > 0; i-- {
		n := &b.doc.nodes[b.stack[i].at]
		if n.valueLen == 0 && (b.stack[i].record || n.first != 0) {
			name := string(b.doc.text[n.name : n.name+uint32(n.nameLen)])
			b.doc.Problems = append(b.doc.Problems, Problem{b.line, name, "its end before the end of the file"})
			return
		}
	}
}

// write reads n bytes of text into the value of the open element. Text in what has children, or in a record, is noise.
func (b *builder) write(n int, entities bool) {
	text := b.doc.text[b.r : b.r+n]
	lines := bytes.Count(text, []byte{b.newline})
	if f := b.top(); !f.record && b.doc.nodes[f.at].first == 0 {
		for i := 0; i < len(text); {
			switch c := text[i]; {
			case c == ' ' || c == '\n' || c == '\r' || c == '\t':
				b.space(c)
			case c == '&' && entities:
				if r, size := entity(text[i:]); size > 0 {
					b.rune(r)
					i += size
					continue
				}
				b.put(c)
			case c >= ' ' && c != 0x7f: // control characters, NUL among them, are nobody's text
				b.put(c)
			}
			i++
		}
	}
	b.r += n
	b.line += lines
}

func (b *builder) rune(r rune) {
	switch {
	case r == ' ' || r == '\n' || r == '\r' || r == '\t':
		b.space(byte(r))
	case r >= ' ' && r != 0x7f:
		var buf [utf8.UTFMax]byte
		for _, c := range buf[:utf8.EncodeRune(buf[:], r)] {
			b.put(c)
		}
	}
}

func (b *builder) put(c byte) {
	if b.broken {
		b.w = b.gap
		b.doc.text[b.w] = ' '
		b.w++
	}
	b.inGap, b.broken = false, false
	b.doc.text[b.w] = c
	b.w++
}

func (b *builder) space(c byte) {
	if b.w == int(b.doc.nodes[b.top().at].value) {
		return
	}
	if !b.inGap {
		b.inGap, b.gap = true, b.w
	}
	if c == '\n' || c == '\r' {
		b.broken = true
	}
	b.doc.text[b.w] = ' '
	b.w++
}

// endText gives the open element the value that was written for it.
func (b *builder) endText() {
	if b.inGap {
		b.w = b.gap
	}
	b.inGap, b.broken = false, false
	if f := b.top(); !f.record && b.doc.nodes[f.at].first == 0 {
		n := &b.doc.nodes[f.at]
		n.valueLen = uint32(b.w) - n.value
	}
}

// named are the entities that have a name.
var named = map[string]rune{"amp": '&', "lt": '<', "gt": '>', "quot": '"', "apos": '\'', "nbsp": '\u00a0'}

// entity reads an entity and its length; 0 is none: "AT&T".
func entity(text []byte) (rune, int) {
	end := bytes.IndexByte(text[:min(len(text), 12)], ';')
	if end < 2 {
		return 0, 0
	}
	name := string(text[1:end])
	if name[0] != '#' {
		r, ok := named[name]
		if !ok {
			return 0, 0
		}
		return r, end + 1
	}
	digits, base := name[1:], 10
	if digits != "" && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	switch {
	case err != nil:
		return 0, 0
	case n >= 0x80 && n < 0xa0:
		return windows1252[n-0x80], end + 1 // who numbers these means Windows-1252
	case n > utf8.MaxRune:
		return utf8.RuneError, end + 1
	}
	return rune(n), end + 1
}
