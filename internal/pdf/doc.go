// Package pdf draws documents of text, tables and charts: statements of accounts, reports. It wraps a drawing library, so that those
// who write documents say what is on them and not where: headings, which are the document's outline too, facts, tables that go on over
// pages with their heads repeated, values over time, a head and a foot on each page. The same document is the same bytes.
//
// Letters are those of Latin, Greek and Cyrillic writing, Vietnamese among them. Others, and those of writing from right to left, whose
// order the library would get wrong, are drawn as an empty box. Documents are not tagged: the library writes no structure, so readers
// for the blind have the text in its order, the outline and the language, but no tables.
package pdf
