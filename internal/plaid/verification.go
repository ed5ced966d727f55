package plaid

// The ways in which the numbers of an account have come here, as auth_method has them.
const (
	InstantAuth      = "INSTANT_AUTH"  // the bank has given them
	InstantMatch     = "INSTANT_MATCH" // a person has typed them, and the bank's own are alike
	Automated        = "AUTOMATED_MICRODEPOSITS"
	SameDay          = "SAME_DAY_MICRODEPOSITS"
	InstantDeposit   = "INSTANT_MICRODEPOSITS"
	DatabaseMatch    = "DATABASE_MATCH"
	DatabaseInsights = "DATABASE_INSIGHTS"
)

// How far numbers that a person has typed are verified, as verification_status has it.
const (
	PendingAutomatic    = "pending_automatic_verification"
	PendingManual       = "pending_manual_verification"
	VerifiedAutomatic   = "automatically_verified"
	VerifiedManually    = "manually_verified"
	VerificationExpired = "verification_expired"
	VerificationFailed  = "verification_failed"
	DatabaseMatched     = "database_matched"
	InsightsPass        = "database_insights_pass"
	InsightsCaution     = "database_insights_pass_with_caution"
	InsightsFail        = "database_insights_fail"
)

// Unverified are the statuses in which account numbers must not be used yet, or never will.
var Unverified = []string{PendingAutomatic, PendingManual, VerificationExpired, VerificationFailed}

// VerificationInsights is what is known of typed numbers without asking their bank. NumberFormat is valid, invalid or unknown.
type VerificationInsights struct {
	NameMatchScore  *int                 `json:"name_match_score"`
	NetworkStatus   VerificationNetwork  `json:"network_status"`
	PreviousReturns *VerificationReturns `json:"previous_returns,omitempty"`
	NumberFormat    string               `json:"account_number_format"`
}

// VerificationNetwork says whether the numbers are those of an account that is known, and that is verified.
type VerificationNetwork struct {
	Match    bool `json:"has_numbers_match"`
	Verified bool `json:"is_numbers_match_verified"`
}

// VerificationReturns says whether a transfer has come back because of the numbers.
type VerificationReturns struct {
	Administrative bool `json:"has_previous_administrative_return"`
}

// RoutingNumber reports whether a text is a routing number of the American Bankers Association: nine digits, of which the last
// is a check digit.
func RoutingNumber(text string) bool {
	const digits = 9
	if len(text) != digits {
		return false
	}
	weights, sum := [...]int{3, 7, 1}, 0
	for i, r := range text {
		if r < '0' || r > '9' {
			return false
		}
		sum += weights[i%len(weights)] * int(r-'0')
	}
	return sum != 0 && sum%10 == 0
}
