package reader

import (
	"bytes"
	"fmt"
	"iter"
)

// The limits of a file. One that passes them is refused: no bank writes it.
const (
	MaxBytes    = 64 << 20  // of the file as it came
	MaxDepth    = 64        // of elements inside each other; OFX itself needs about ten
	MaxElements = 3_000_000 // enough for 170,000 trades of 17 elements each, and 84 MB of tree at most
)

// Problem is something in a file that could not be read: where it is, and what was expected there. It never quotes the
// file, so it may be logged and shown.
type Problem struct {
	// Line counts from 1; 0 is the file as a whole.
	Line int `json:"line"`
	// Element is the element's name, empty where there is none.
	Element  string `json:"element"`
	Expected string `json:"expected"`
}

func (p Problem) Error() string {
	switch {
	case p.Line == 0:
		return "expected " + p.Expected
	case p.Element == "":
		return fmt.Sprintf("line %d: expected %s", p.Line, p.Expected)
	}
	return fmt.Sprintf("line %d: %s: expected %s", p.Line, p.Element, p.Expected)
}

// Document is a file that was read.
type Document struct {
	// Header has the header's values by their keys in capitals, such as VERSION. It is empty where there is no header.
	Header map[string]string
	// Problems are what the reader itself noticed; the tree is usable all the same.
	Problems []Problem

	text  []byte // names and values, in the order of the file
	nodes []node // the first is the root, which is no element
}

// node is an element. Places are indexes into text and nodes; a node 0 is none, since the root is nobody's child.
type node struct {
	name, value, valueLen uint32
	line                  uint32
	first, next           uint32
	nameLen               uint8
}

// Element is an element of a document. The zero Element stands for one that is not there: it has no name, no text and no
// children, so that chains of Child need no checks.
type Element struct {
	doc *Document
	at  uint32
}

// Root has the document's outermost elements as its children.
func (d *Document) Root() Element { return Element{d, 0} }

// OK reports whether the element is there.
func (e Element) OK() bool { return e.doc != nil }

func (e Element) name() []byte {
	if e.doc == nil {
		return nil
	}
	n := &e.doc.nodes[e.at]
	return e.doc.text[n.name : n.name+uint32(n.nameLen)]
}

// Name is the element's name in capitals, without a namespace.
func (e Element) Name() string { return string(e.name()) }

// Is compares the name.
func (e Element) Is(name string) bool { return string(e.name()) == name }

// Text is the element's value: its entities replaced, no space around it, and a line break in it turned into a space.
func (e Element) Text() string {
	if e.doc == nil {
		return ""
	}
	n := &e.doc.nodes[e.at]
	return string(bytes.TrimSpace(e.doc.text[n.value : n.value+n.valueLen]))
}

// Line is where the element begins, counted from 1.
func (e Element) Line() int {
	if e.doc == nil {
		return 0
	}
	return int(e.doc.nodes[e.at].line)
}

// First is the first child.
func (e Element) First() Element {
	for c := range e.Children() {
		return c
	}
	return Element{}
}

// Child is the first child of a name.
func (e Element) Child(name string) Element {
	for c := range e.Children() {
		if c.Is(name) {
			return c
		}
	}
	return Element{}
}

// Value is the text of the first child of a name.
func (e Element) Value(name string) string { return e.Child(name).Text() }

// Empty reports whether the element has neither children nor text.
func (e Element) Empty() bool {
	return e.doc == nil || e.doc.nodes[e.at].first == 0 && e.doc.nodes[e.at].valueLen == 0
}

// Children are the element's children in the order of the file.
func (e Element) Children() iter.Seq[Element] {
	return func(yield func(Element) bool) {
		if e.doc == nil {
			return
		}
		for at := e.doc.nodes[e.at].first; at != 0; at = e.doc.nodes[at].next {
			if !yield(Element{e.doc, at}) {
				return
			}
		}
	}
}

// All are the children of a name.
func (e Element) All(name string) iter.Seq[Element] {
	return func(yield func(Element) bool) {
		for c := range e.Children() {
			if c.Is(name) && !yield(c) {
				return
			}
		}
	}
}
