// Package custom is the user_custom of the sandbox: a person whose accounts a developer writes down as JSON and sends as
// the password. [Parse] reads and judges such a configuration, and package bank turns it into what a bank states.
//
// Two rules hold throughout. What the configuration gives comes back exactly as given, digit for digit. What it does not
// give (null and a missing field mean the same) is made up from a seed, each value from its own place in the
// configuration, so that giving one value never changes another and a second look shows the same data. Package bank, one
// folder below, does the making up.
//
// The object is the contract's, and strictly so: a field that it does not have is refused with its path. Responses can say
// more than that object can express (tax lots, vested quantities, option contracts), so those fields are accepted too,
// under the names they have in responses. The contract's limits of size are not kept: bigger configurations are welcome.
//
// Transactions, liabilities, inflow models and income are parsed, judged and kept on [Config] for the products that will
// use them; only accounts, identity, numbers and investments become data so far.
package custom
