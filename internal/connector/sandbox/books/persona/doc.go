// Package persona is the language in which the sandbox's investors are written: one JSON file a person, with accounts and
// what is ordered in them on which day. Days count from the day on which the connection was made, so that every connection
// sees the same recent past. The package reads and checks the files; package books plays them.
package persona
