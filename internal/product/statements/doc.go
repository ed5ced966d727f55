// Package statements is the product of account statements: which there are, and each as PDF.
//
// An Item keeps a list of the statements that its bank had made on the days that were asked for, when it was linked or by a
// refresh. The documents stay at the bank: a download asks for one.
package statements
