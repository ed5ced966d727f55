package connector

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"weft/internal/plaid"
)

// Connector is one source of bank data.
type Connector interface {
	// Name is the connector's key in storage, such as "sandbox". It never changes.
	Name() string
	// Fetch asks the bank for the data that want names. It is called with no transaction open and may take long. An error
	// is a *plaid.Error where the bank's answer has a meaning in Plaid's codes.
	Fetch(ctx context.Context, conn Connection, want Want) (Batch, error)
}

// Directory is the power to list institutions.
type Directory interface {
	// Institutions are all institutions of the connector as of a moment, in a stable order.
	Institutions(now time.Time) []Institution
}

// Logos is the power of a directory to draw its institutions' logos, a PNG of 152 by 152 pixels in base64. Logos are large
// and seldom wanted, so a directory does not list them.
type Logos interface {
	Logo(institutionID string) (logo string, found bool)
}

// Authenticator is the power to open a connection from what a person types: the sandbox's user names and passwords.
type Authenticator interface {
	// Authenticate checks a login and returns the credentials to keep (they are sealed at rest) or a *plaid.Error.
	Authenticate(ctx context.Context, login Login) (Opened, error)
}

// Login is one attempt to log in at an institution.
type Login struct {
	InstitutionID string
	Username      string
	Password      string
	Now           time.Time
}

// Opened is a connection that was just opened.
type Opened struct {
	// Credentials are the connector's own, opaque to everyone else.
	Credentials json.RawMessage `json:"credentials"`
	// ItemError, when set, is the error in which the new Item begins its life (ITEM_LOGIN_REQUIRED, for example).
	ItemError plaid.Code `json:"item_error,omitempty"`
	// LoginEnds is when the login ends by itself, and ConsentEnds when the user's consent does; zero for never.
	LoginEnds   time.Time `json:"login_ends,omitzero"`
	ConsentEnds time.Time `json:"consent_ends,omitzero"`
	// Accounts are the keys of the accounts that the person has chosen at the bank; nil where they were not chosen there.
	Accounts []string `json:"accounts,omitempty"`
}

// Identifying is the power to tell whether two logins at an institution are those of one person.
type Identifying interface {
	SameUser(a, b json.RawMessage) (bool, error)
}

// Tokens is the power to open a connection with a token that a person has from elsewhere, such as a setup token of a
// SimpleFIN server.
type Tokens interface {
	// Claim turns a token into the credentials to keep, or returns a *plaid.Error. A token may be good for one claim alone, so
	// the credentials must be kept before anything else is done.
	Claim(ctx context.Context, token string) (credentials json.RawMessage, err error)
}

// Renewing is the power to go on with other credentials in a connection that there is.
type Renewing interface {
	// Renew gives newly claimed credentials what the person has corrected in the old ones.
	Renew(old, claimed json.RawMessage) (json.RawMessage, error)
}

// Spanning is the power of one connection to reach several institutions, each of which is an Item of its own. Such a
// connection is always asked for all of them at once.
type Spanning interface {
	// FetchAll asks for the data of all institutions of a connection but those that it has declined. The memory of the
	// answer is to be kept even where there is an error: what was spent is spent.
	FetchAll(ctx context.Context, conn Connection, want Want) (Span, error)
}

// Span is what a spanning connection answers, by the ids of the institutions.
type Span struct {
	Answers []Answer
	Memory  json.RawMessage
}

// Answer is what one institution of a span answers: a batch, or the *plaid.Error in which it is. The batch's own memory is
// not set.
type Answer struct {
	Institution Institution
	Batch       Batch
	Err         *plaid.Error
}

// Nothing is why answers have nothing to give: the first error of an institution, or that there are no accounts.
func Nothing(answers []Answer) error {
	for _, answer := range answers {
		if answer.Err != nil {
			return answer.Err
		}
	}
	return plaid.Err("NO_ACCOUNTS")
}

// Periodic is the power of data to change by itself: it is fetched from time to time.
type Periodic interface {
	// RefreshEvery is how long to wait from one fetch to the next.
	RefreshEvery() time.Duration
}

// Changing is the power of some connections' data to change by itself, at moments that are known: it is fetched then.
type Changing interface {
	// NextChange is when the data behind a login next changes; zero for never.
	NextChange(credentials json.RawMessage, now time.Time) time.Time
}

// Balances is the power to tell what is in the accounts without all that a refresh wants: the connector keeps to
// [Want.Balances]. Of others everything is asked.
type Balances interface {
	// Dated reports whether an institution tells of its accounts of a type what was in them some time ago, so that a client must
	// say how old the balances may be.
	Dated(institutionID, accountType string) bool
}

// Correctable is the power to be told better what type an account is of, where that is inferred.
type Correctable interface {
	// Correct changes credentials so that the account has the type and subtype (empty for none) from the next fetch on. The
	// error is a *plaid.Error for a type or subtype that does not exist.
	Correct(credentials json.RawMessage, institutionID, accountKey, accountType, subtype string) (json.RawMessage, error)
}

// Noting is the power to tell of a connection's last fetch, from the memory that it left.
type Noting interface {
	Notes(memory json.RawMessage) []Note
}

// Note is something about a fetch that is worth telling: what a server said, or what could not be read. Its text is fit to
// be shown.
type Note struct {
	Code          string `json:"code,omitempty"`
	Message       string `json:"message"`
	InstitutionID string `json:"institution_id,omitempty"`
	AccountKey    string `json:"-"`
}

// Files is the power to read what a person brings of a bank: statement files.
type Files interface {
	// ReadFile reads a file whole. What of it could not be read is told as problems; an error says that nothing could.
	ReadFile(content []byte) (File, error)
}

// File is what was read of a statement file: a statement for each institution in it.
type File struct {
	Statements []Statement
	Problems   []Problem
}

// Statement is what a file states of one institution. Its batch is partial.
type Statement struct {
	// Institution has no name where the file says none.
	Institution Institution
	// Unnamed says that the file does not say of which institution it is, so that the person may have to be asked.
	Unnamed bool
	Batch   Batch
}

// Problem is a part of a file that could not be read: where it stands, and what was expected there.
type Problem struct {
	Line     int    `json:"line"`
	Element  string `json:"element"`
	Expected string `json:"expected"`
}

// Simulator is the power of a simulated bank to be told what happens.
type Simulator interface {
	// CreateTransactions has the bank state more transactions from the next fetch on, and returns the memory to keep. The
	// error is a *plaid.Error where one cannot be.
	CreateTransactions(conn Connection, now time.Time, list []SimulatedTransaction) (memory json.RawMessage, err error)
	// OpenAccount has the person open one more account. The error is a *plaid.Error where there is no such account.
	OpenAccount(conn Connection, account SimulatedAccount) (memory json.RawMessage, err error)
	// RevokeAccount and RevokeConsent have the person take back at the bank what they have shared: one account, or all.
	RevokeAccount(conn Connection, accountKey string) (memory json.RawMessage, err error)
	RevokeConsent(conn Connection) (memory json.RawMessage, err error)
	// RenumberAccount has the bank give an account another number. One without a number stays without.
	RenumberAccount(conn Connection, accountKey string) (memory json.RawMessage, err error)
}

// SimulatedAccount is an account that a person opens. Without a balance the bank makes one up; without a currency it is in
// that of the bank's country.
type SimulatedAccount struct {
	Type, Subtype, Name string
	Balance             *plaid.Decimal
	Currency            string
}

// SimulatedTransaction is one movement of an account that a bank is told of. Without a currency it is in dollars.
type SimulatedTransaction struct {
	Transacted, Posted plaid.Date
	// Amount is positive when money leaves the account.
	Amount          plaid.Decimal
	Description     string
	ISOCurrencyCode string
}

// Institution is a bank of a connector's directory, with what the contract says of it and how it behaves.
type Institution struct {
	plaid.Institution
	// Supported is false for an institution that is listed but cannot be linked.
	Supported bool
	// Down and Degraded say that logins fail, or that they are slow and often fail.
	Down, Degraded bool
}

// Connection is one login at one bank, opened for the time of a call.
type Connection struct {
	// ID is Weft's id of the connection; a connector may derive stable values from it.
	ID            string
	InstitutionID string
	Credentials   json.RawMessage
	// CreatedAt is when the connection was made: simulated histories are dated relative to it.
	CreatedAt time.Time
	// Memory is what the connector left in its last batch: a cursor, a budget of requests. Nil at first.
	Memory json.RawMessage
	// Keep, if set, writes a memory down while the fetch goes on, for what must not be forgotten in a crash: what was spent of a
	// budget. An error of it ends the fetch.
	Keep func(ctx context.Context, memory json.RawMessage) error
	// Declined are institutions of a spanning connection that are not wanted.
	Declined []string
}

// Want names what a fetch is for.
type Want struct {
	// Now is the moment of the fetch.
	Now time.Time
	// Products are the products whose data is wanted, by their contract names. Accounts and balances are always wanted.
	Products []string
	// HistoryFrom is the first day of transactions and investment transactions that is wanted.
	HistoryFrom plaid.Date
	// Requested says that a client has asked for this fetch, and not the calendar.
	Requested bool
	// Balances says that no history is wanted: accounts and balances alone, with what is held where that is wanted, since it is
	// what such an account is worth.
	Balances bool
	// Renewed says that the person has just logged in anew: what they had taken back before they share again.
	Renewed bool
}

// Has reports whether a product's data is wanted.
func (w Want) Has(product string) bool { return plaid.Known(w.Products, product) }

// Batch is a bank's answer. Accounts, holdings and securities are whole statements of the present; investment transactions
// are a log over the declared window.
type Batch struct {
	Accounts               []Account
	Securities             []Security
	Holdings               []Holding
	InvestmentTransactions []InvestmentTransaction
	// Transactions are a log of bank, card and loan accounts.
	Transactions []Transaction
	// Liabilities are what is owed on cards, mortgages and student loans, at most one an account. An account that is stated
	// without one has none.
	Liabilities []Liability
	// AccountStatements are all statements that the bank has, if they are wanted.
	AccountStatements []AccountStatement
	// InvestmentHistory is the window that InvestmentTransactions covers completely: a known transaction dated inside it that
	// is missing here has been cancelled by the bank. A nil window declares nothing, so nothing is removed.
	InvestmentHistory *Window
	// TransactionHistory is the same for Transactions, pending ones included. Both say something of the accounts that the
	// batch names alone.
	TransactionHistory *Window
	// Corrections are what the bank takes back of answers that it gave before.
	Corrections []Correction
	// Revoked are the keys of accounts that the person has taken back from the client at the bank. An answer that is not
	// partial may tell of them each time.
	Revoked []string
	// Partial says that the batch states some of the Item's accounts only, as a statement file does: accounts that it does
	// not name stay as they are, with their holdings.
	Partial bool
	// Memory is for the connector's next fetch of the connection. Nil keeps what it had.
	Memory json.RawMessage
}

// Keys are the keys of the batch's accounts.
func (b Batch) Keys() []string {
	list := make([]string, len(b.Accounts))
	for i, a := range b.Accounts {
		list[i] = a.Key
	}
	return list
}

// Products are the products whose data the batch has, by its accounts.
func (b Batch) Products() []string {
	var products []string
	for _, a := range b.Accounts {
		name := "transactions"
		if a.Type == plaid.TypeInvestment {
			name = "investments"
		}
		products = append(products, name)
		if a.Numbers.ACH != nil { // the bank has told them, and nobody need be asked for them
			products = append(products, "auth")
		}
	}
	if len(b.Liabilities) > 0 {
		products = append(products, "liabilities")
	}
	return plaid.Ordered(plaid.Products, products)
}

// Without is the batch without the accounts of some keys, and without all that is theirs alone.
func (b Batch) Without(left func(accountKey string) bool) Batch {
	b.Accounts = without(b.Accounts, func(a Account) bool { return left(a.Key) })
	b.Transactions = without(b.Transactions, func(t Transaction) bool { return left(t.AccountKey) })
	b.Corrections = without(b.Corrections, func(c Correction) bool { return left(c.AccountKey) })
	b.AccountStatements = without(b.AccountStatements, func(s AccountStatement) bool { return left(s.AccountKey) })
	b.Liabilities = without(b.Liabilities, func(l Liability) bool { return left(l.AccountKey) })
	theirs, others := map[string]bool{}, map[string]bool{}
	note := func(accountKey, securityKey string) bool {
		if left(accountKey) {
			theirs[securityKey] = true
			return true
		}
		others[securityKey] = true
		return false
	}
	b.Holdings = without(b.Holdings, func(h Holding) bool { return note(h.AccountKey, h.SecurityKey) })
	b.InvestmentTransactions = without(b.InvestmentTransactions, func(t InvestmentTransaction) bool { return note(t.AccountKey, t.SecurityKey) })
	b.Securities = without(b.Securities, func(s Security) bool { return theirs[s.Key] && !others[s.Key] })
	return b
}

// without leaves elements out of a list, which others may have.
func without[T any](list []T, left func(T) bool) []T {
	if !slices.ContainsFunc(list, left) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), left)
}

// Correction says that a row of an earlier answer was wrong: it goes, and what replaces it, if anything, is a row of this
// answer.
type Correction struct {
	AccountKey string
	// Reference is the bank's own id of the row, as Transaction and InvestmentTransaction have it.
	Reference string
	// ReplacedBy is the key of the row of this answer that takes its place, empty where the row is deleted.
	ReplacedBy string
}

// Window is a range of days, both included.
type Window struct{ From, To plaid.Date }

// Account is one account as the bank states it.
type Account struct {
	// Key is the bank's own key of the account within the connection.
	Key string
	// Account has everything but the account_id, which item mints.
	plaid.Account
	// MarginLoan is what an investment account owes on margin, positive; nil where there is no margin.
	MarginLoan *plaid.Decimal
	Numbers    Numbers
	Owners     []plaid.Owner
	// AsOf is the moment that balances and holdings are of; zero means the moment of the fetch. What is known as of a later
	// moment is not replaced.
	AsOf time.Time
	// History is the days that a partial answer covers of the account's log.
	History *Window
	// HoldingsUnstated says that the answer is silent about the account's holdings, which then stay as they are: a file that
	// lists the account's transactions alone.
	HoldingsUnstated bool
}

// Numbers are an account's routing and account numbers, each nil where the bank gives none. They are sealed at rest.
type Numbers struct {
	ACH            *ACH            `json:"ach,omitempty"`
	EFT            *EFT            `json:"eft,omitempty"`
	BACS           *BACS           `json:"bacs,omitempty"`
	International  *International  `json:"international,omitempty"`
	ACATS          *ACATS          `json:"acats,omitempty"`
	ATON           *ATON           `json:"aton,omitempty"`
	Retirement401k *Retirement401k `json:"retirement_401k,omitempty"`
}

// ACH numbers of a US account; WireRouting is empty where wires are not supported.
type ACH struct {
	Account     string `json:"account"`
	Routing     string `json:"routing"`
	WireRouting string `json:"wire_routing,omitempty"`
}

// EFT numbers of a Canadian account.
type EFT struct {
	Account     string `json:"account"`
	Institution string `json:"institution"`
	Branch      string `json:"branch"`
}

// BACS numbers of a UK account.
type BACS struct {
	Account  string `json:"account"`
	SortCode string `json:"sort_code"`
}

// International numbers of an account with an IBAN.
type International struct {
	IBAN string `json:"iban"`
	BIC  string `json:"bic"`
}

// ACATS numbers of a US brokerage account.
type ACATS struct {
	Account    string   `json:"account"`
	DTCNumbers []string `json:"dtc_numbers"`
}

// ATON number of a Canadian brokerage account.
type ATON struct {
	Account string `json:"account"`
}

// Retirement401k is the plan and the account number of a 401k.
type Retirement401k struct {
	Plan    string `json:"plan"`
	Account string `json:"account"`
}

// Security is an instrument as the bank states it. Key is unique within the batch and stable within the connection.
type Security struct {
	Key string
	// Security has everything but the security_id and proxy_security_id, which item mints.
	plaid.Security
}

// Holding is a position, by the keys of its account and security. At most one per account and security.
type Holding struct {
	AccountKey, SecurityKey string
	// Holding has everything but account_id and security_id.
	plaid.Holding
}

// InvestmentTransaction is one event of an investment account.
type InvestmentTransaction struct {
	// Key is unique within the account and the same in every fetch.
	Key        string
	AccountKey string
	// SecurityKey is empty for a movement of cash alone.
	SecurityKey string
	// Reference is the bank's own id of the row where corrections may name it. It need not be unique.
	Reference string
	// InvestmentTransaction has everything but its ids.
	plaid.InvestmentTransaction
}

// Transaction is one movement of a bank, card or loan account, as the bank states it and nothing more: merchant, category
// and counterparty are found later, from these texts.
type Transaction struct {
	// Key is unique within the account and the same in every fetch. PendingKey is that of the pending transaction which this
	// one settles, empty where there was none or the bank does not say.
	Key        string `json:"key"`
	PendingKey string `json:"pending_key,omitempty"`
	AccountKey string `json:"account_key"`
	// Reference is the bank's own id of the row where corrections may name it. It need not be unique.
	Reference string `json:"reference,omitempty"`
	Pending   bool   `json:"pending,omitempty"`
	// Date is when it was posted (pending: when it happened), AuthorizedDate when the person acted.
	Date           plaid.Date  `json:"date"`
	AuthorizedDate *plaid.Date `json:"authorized_date,omitempty"`
	// Amount is positive when money leaves the account.
	Amount                 plaid.Decimal `json:"amount"`
	ISOCurrencyCode        *string       `json:"iso_currency_code,omitempty"`
	UnofficialCurrencyCode *string       `json:"unofficial_currency_code,omitempty"`
	// Name is the description, Payee and Memo what the bank gives beside it, empty where it gives none.
	Name        string `json:"name"`
	Payee       string `json:"payee,omitempty"`
	Memo        string `json:"memo,omitempty"`
	CheckNumber string `json:"check_number,omitempty"`
	// Kind is the bank's own word for what it is, such as an OFX TRNTYPE.
	Kind string `json:"kind,omitempty"`
}
