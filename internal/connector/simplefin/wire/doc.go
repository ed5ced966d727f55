// Package wire reads the answers of SimpleFIN servers, of versions 1 and 2 of the protocol, into one form. It is tolerant of
// single records and strict in them: an account or a movement that cannot be read whole is left out with a reason, and the
// others stay. Amounts are exact decimals; texts come out without control characters.
package wire
