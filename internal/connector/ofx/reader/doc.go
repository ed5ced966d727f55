// Package reader reads the two syntaxes of OFX, the SGML of version 1 and the XML of version 2, into one tree of elements,
// with one tokenizer and one pass. It knows nothing of what the elements mean.
//
// Files of real banks keep to neither syntax, so the reader is tolerant by rules rather than by exceptions:
//
//   - Text makes its element a leaf: the next tag, whatever it is, ends it. An end tag of a leaf is welcome and not needed.
//   - An aggregate is ended by its end tag. End tags that nothing is open for are passed over.
//   - What is open without text and without an end tag when its parent ends was an empty leaf: what came after it is not
//     inside it but behind it. The records of a statement (a transaction, a position, the statement itself) are the
//     exception: they keep what is in them, and the next record of the same name ends them.
//   - Entities are the five of XML, &nbsp; and numbers. There are no others, and no definitions of them: a document type is
//     passed over unread, so nothing in a file can grow or reach outside it.
//   - Comments, processing instructions and attributes are passed over; CDATA is text; a < that begins nothing is text.
//   - The content decides on its encoding, not the header: banks write UTF-8 under CHARSET:1252 and ASCII under utf-16.
//
// The tree is compact, for files of a hundred thousand transactions and more: an element is 28 bytes, its name and its text
// are places in one buffer, and a string is made when it is asked for.
package reader
