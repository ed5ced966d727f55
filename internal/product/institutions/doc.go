// Package institutions answers which banks there are: a list by pages, one bank by its id, and a search that forgives
// typing errors.
//
// What the connectors' directories list is made into a catalogue once; every question is answered from it. Filters are bit
// masks and one pass. The search knows each different word of all names once: the words of a query are compared with those
// words, and what is found is added up over the names that have them. It is case- and accent-blind, and also finds a bank
// by a routing number and by the address of its website.
package institutions
