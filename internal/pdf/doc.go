// Package pdf draws documents of text and tables: statements of accounts, reports. It wraps a drawing library, so that those who
// write documents say what is on them and not where: headings, facts in two columns, tables that go on over pages with their
// heads repeated, and a foot with the page's number. The same document is the same bytes.
package pdf
