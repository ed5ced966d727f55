// Package plan is the language in which the sandbox's households are written: one JSON file a person, with bank, card and loan
// accounts and what flows in and out of them. What many people do alike (groceries, fuel, subscriptions) are habits, sets of
// flows that a person takes over by name. The package reads and checks the files; package household plays them.
package plan
