// Package directory is the list of institutions of the sandbox: the documented test institutions, which programs know by
// their ids, and a catalogue of invented ones, large enough that paging, filters and search behave as in production.
//
// The catalogue is the same in every installation and every version: its names and ids come from word lists and a fixed
// seed, never from the server's seed, so that a test may keep an institution's id. No name is meant to be a real bank's,
// all addresses are under .example, and the routing numbers have valid check digits in a range that no bank uses.
//
// Only an institution's health depends on the server's seed and on the time. It changes at most once a day, so that the
// whole list of a day is built once and then shared.
package directory
