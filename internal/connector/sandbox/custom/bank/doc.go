// Package bank is the bank of a user_custom: it states the accounts, numbers, owners, securities, holdings and investment
// transactions of a configuration, and makes up whatever the configuration leaves open.
//
// Everything made up is a function of the seed and of the value's place (see source), and is dated relative to the day on
// which the connection was made. So a statement does not change from day to day, except for the close prices of securities
// that the market knows: those are the market's, and the same in every connection.
package bank
