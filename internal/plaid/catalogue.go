package plaid

import "slices"

// InternalServerError is the code of every error that has no other.
const InternalServerError Code = "INTERNAL_SERVER_ERROR"

// Catalogue is every error code, in the order of the table below.
func Catalogue() []Definition { return slices.Clone(definitions) }

// Lookup finds a code in the catalogue.
func Lookup(code Code) (Definition, bool) {
	d, ok := catalogue[code]
	return d, ok
}

var catalogue = func() map[Code]Definition {
	m := make(map[Code]Definition, len(definitions))
	for _, d := range definitions {
		m[d.Code] = d
	}
	return m
}()

const (
	invalidRequest   = "INVALID_REQUEST"
	invalidInput     = "INVALID_INPUT"
	invalidResult    = "INVALID_RESULT"
	itemError        = "ITEM_ERROR"
	institutionError = "INSTITUTION_ERROR"
	apiError         = "API_ERROR"
	rateLimit        = "RATE_LIMIT_EXCEEDED"
	sandboxError     = "SANDBOX_ERROR"
	oauthError       = "OAUTH_ERROR"
	recaptchaError   = "RECAPTCHA_ERROR"

	assetReportError = "ASSET_REPORT_ERROR"
	transactionsErr  = "TRANSACTIONS_ERROR"
	userError        = "USER_ERROR"
	paymentError     = "PAYMENT_ERROR"
)

const (
	showTryAgain = "The request could not be completed. Please try again later."
	showBank     = "The institution is not responding right now. Please try again later."
	doUpdateMode = "Open Link in update mode for this Item, so that the user can log in again."
	doWait       = "Try again later; the institution's status is in /institutions/get_by_id."
	doSlowDown   = "Wait, then repeat the request at a lower rate."
	doOtherBank  = "Let the user choose another institution."
	doRelink     = "Let the user start Link again."
)

// definitions is the catalogue: one line a code. Field and parameter errors give a more exact message where they are
// returned. Messages that published clients and their documentation quote are kept as they quote them.
var definitions = []Definition{
	// The request itself.
	{"INVALID_FIELD", invalidRequest, 400, "a field of the request is invalid", "", "Correct the field that error_message names."},
	{"MISSING_FIELDS", invalidRequest, 400, "required fields are missing", "", "Add the fields that error_message names."},
	{"UNKNOWN_FIELDS", invalidRequest, 400, "the request has fields that the endpoint does not have", "", "Remove the fields that error_message names."},
	{"INVALID_BODY", invalidRequest, 400, "body could not be parsed as JSON", "", "Send one JSON object in UTF-8, with Content-Type application/json."},
	{"INVALID_CONFIGURATION", invalidRequest, 400, "please ensure that the request body is formatted correctly", "", "Correct the combination of parameters that error_message names."},
	{"INVALID_HEADERS", invalidRequest, 400, "a header of the request is invalid", "", "Correct the header that error_message names."},
	{"INCOMPATIBLE_API_VERSION", invalidRequest, 400, "the API version of the request does not fit the endpoint", "", "Send a Plaid-Version that the endpoint supports, or none."},
	{"INVALID_ACCOUNT_NUMBER", invalidRequest, 400, "the provided account number was invalid", "", "Ask the user for the account number again."},
	{"NOT_FOUND", invalidRequest, 404, "not found", "", "Check the path and the method: all endpoints are POST unless documented otherwise."},
	{"NO_LONGER_AVAILABLE", invalidRequest, 404, "endpoint discontinued", "", "Use the endpoint that replaces it."},
	{"SANDBOX_ONLY", invalidRequest, 400, "access to this route is only available in the sandbox environment", "", "Send the sandbox secret."},
	// Credentials, tokens and ids.
	{"INVALID_API_KEYS", invalidInput, 400, "invalid client_id or secret provided", "", "Check the client_id and the secret of the environment that is meant."},
	{"UNAUTHORIZED_ENVIRONMENT", invalidInput, 400, "you are not authorized to create items in this api environment", "", "Use a secret of an environment in which the client may create Items."},
	{"UNAUTHORIZED_ROUTE_ACCESS", invalidInput, 400, "this client is not authorized to access this route", "", "Ask the operator to enable the route for the client."},
	{"INVALID_ACCESS_TOKEN", invalidInput, 400, "could not find matching access token", "", "Check that the access_token belongs to this client and environment."},
	{"INVALID_PUBLIC_TOKEN", invalidInput, 400, "could not find matching public token", "", "Exchange a public_token once, within 30 minutes of its making."},
	{"INVALID_LINK_TOKEN", invalidInput, 400, "invalid link_token provided", "", "Make a new link_token."},
	{"INVALID_PROCESSOR_TOKEN", invalidInput, 400, "could not find matching processor token", "", "Check that the processor_token belongs to this environment."},
	{"INVALID_USER_TOKEN", invalidInput, 400, "could not find matching user token", "", "Check that the user_token belongs to this client and environment."},
	{"INVALID_USER_ID", invalidInput, 400, "user_id must be a properly formatted user_id", "", "Send the user_id that /user/create answered, which begins with usr_."},
	{"ASSET_REPORT_GENERATION_FAILED", assetReportError, 400, "the asset report could not be generated", "", "See causes for the Items that failed; then create the report again."},
	{"DATA_UNAVAILABLE", assetReportError, 400, "unable to pull sufficient accurate data for all items to generate the report. please see the causes field for more details", "", "See causes for the Items that failed; let their users log in again, then create the report again."},
	{"INVALID_AUDIT_COPY_TOKEN", invalidInput, 400, "could not find matching audit copy token", "", "Check the audit_copy_token."},
	{"INVALID_ACCOUNT_ID", invalidInput, 400, "failed to find requested account ID for requested item", "", "Read the Item's accounts anew with /accounts/get."},
	{"INVALID_INSTITUTION", invalidInput, 400, "invalid institution_id provided", "", "Find the institution with /institutions/search."},
	{"INVALID_PRODUCT", invalidInput, 400, "invalid product requested", "", "Ask for products that are enabled for the client."},
	{"INVALID_LINK_CUSTOMIZATION", invalidInput, 400, "requested link customization does not exist or does not fit the request", "", "Use a customization that exists and fits the language and countries."},
	{"INVALID_WEBHOOK_VERIFICATION_KEY_ID", invalidInput, 400, "invalid key_id provided", "", "Use the kid of the webhook's Plaid-Verification header."},
	{"ADDITIONAL_CONSENT_REQUIRED", invalidInput, 400, "client does not have user consent to access the product", "", "Open Link in update mode with the product in additional_consented_products."},
	{"USER_PERMISSION_REVOKED", itemError, 400, "the holder of this account has revoked their permission for your application to access it", "", "Remove the Item and let the user link again."},
	{"DIRECT_INTEGRATION_NOT_ENABLED", invalidInput, 400, "your client ID is only authorized to use authentication endpoints", "", "Ask the operator to enable the product for the client."},
	{"TOO_MANY_VERIFICATION_ATTEMPTS", invalidInput, 400, "too many attempts to verify deposits", "The number of attempts to verify the deposits is used up.", doRelink},
	{"INCORRECT_DEPOSIT_VERIFICATION", invalidInput, 400, "the provided deposit verification is incorrect", "The code or the amounts are not right. Please check the account's statement.", ""},
	{"PUBLIC_KEY_NOT_ENABLED", invalidInput, 400, "this client does not open Link with its public key; open it with a link_token", "", ""},
	{"PROFILE_AUTHENTICATION_FAILED", invalidInput, 400, "the profile could not be authenticated", "The code is not right.", ""},
	{"LAST_UPDATED_DATETIME_OUT_OF_RANGE", invalidResult, 400, "requested datetime out of range, most recently updated balance is older", "", "Ask for an older min_last_updated_datetime, or try again later."},
	{"INVALID_USER_IDENTITY_DATA", userError, 403, "the user's identity data is invalid", "", "Correct the field that error_message names."},
	{"USER_NOT_FOUND", userError, 400, "The User you requested cannot be found. This User does not exist or has had access removed by the user.", "", "Check that the user belongs to this client and environment and was not removed."},
	// The Item.
	{"INVALID_CREDENTIALS", itemError, 400, "the provided credentials were not correct", "The provided credentials were not correct. Please try again.", "Let the user enter the credentials again."},
	{"INVALID_MFA", itemError, 400, "the provided MFA response(s) were not correct", "The provided answers were not correct. Please try again.", "Let the user answer again."},
	{"INVALID_SEND_METHOD", itemError, 400, "the provided MFA send method was invalid", "", doRelink},
	{"INVALID_PHONE_NUMBER", itemError, 400, "the provided phone number was not valid", "The phone number is not valid.", ""},
	{"INVALID_OTP", itemError, 400, "the provided one-time passcode was not correct", "The code is not right. Please try again.", ""},
	{"INVALID_UPDATED_USERNAME", itemError, 400, "the username of the updated Item is not the one it was linked with", "The user name is not the one that was used before.", "Let the user log in with the user name of the first login."},
	{"ITEM_LOCKED", itemError, 400, "the account is locked. prompt the user to visit the institution's site and unlock their account", "The account is locked. Please unlock it at the institution's website.", doOtherBank},
	{"ITEM_LOGIN_REQUIRED", itemError, 400, "the login details of this item have changed (credentials, MFA, or required user action) and a user login is required to update this information. use Link's update mode to restore the item to a good state", "", doUpdateMode},
	{"ITEM_NOT_FOUND", itemError, 400, "The Item you requested cannot be found. This Item does not exist, has been previously removed via /item/remove, or has had access removed by the user.", "", "Let the user link again."},
	{"ITEM_NOT_SUPPORTED", itemError, 400, "this account is currently not supported", "The given account is not supported at this time.", doOtherBank},
	{"ITEM_CONCURRENTLY_DELETED", itemError, 400, "this item was deleted while the operation was in progress", "", ""},
	{"MFA_NOT_SUPPORTED", itemError, 400, "this account requires a MFA type that is not supported", "The security settings of the account are not supported.", doOtherBank},
	{"NO_ACCOUNTS", itemError, 400, "no valid accounts were found for this item", "No valid accounts were found at the institution.", doOtherBank},
	{"NO_AUTH_ACCOUNTS", itemError, 400, "There are no valid checking or savings account(s) associated with this Item", "", doOtherBank},
	{"NO_INVESTMENT_ACCOUNTS", itemError, 400, "There are no valid investment account(s) associated with this Item", "", doOtherBank},
	{"NO_INVESTMENT_AUTH_ACCOUNTS", itemError, 400, "There are no valid investment account(s) for a transfer associated with this Item", "", doOtherBank},
	{"NO_LIABILITY_ACCOUNTS", itemError, 400, "There are no valid liability account(s) associated with this Item", "", doOtherBank},
	{"USER_SETUP_REQUIRED", itemError, 400, "the account has not been fully set up. prompt the user to visit the institution's site and finish the setup process", "The given account is not fully set up. Please visit the institution's website to finish the setup.", doOtherBank},
	{"PASSWORD_RESET_REQUIRED", itemError, 400, "the user must reset their password", "The password must be reset at the institution's website.", doOtherBank},
	{"USER_INPUT_TIMEOUT", itemError, 400, "user must retry this operation", "The application timed out waiting for user input.", doRelink},
	{"INSUFFICIENT_CREDENTIALS", itemError, 400, "the user did not provide sufficient authorization in order to link their account", "The login was not completed.", doRelink},
	{"ACCESS_NOT_GRANTED", itemError, 400, "access to this product was not granted for the account", "Permission to share the data was not given.", doUpdateMode},
	{"PRODUCT_NOT_READY", itemError, 400, "the requested product is not yet ready. please provide a webhook or try the request again later", "", "Repeat the request after the product's webhook, or a little later."},
	{"PRODUCT_NOT_ENABLED", itemError, 400, "the requested product is not enabled for this item", "", "Link an Item with the product."},
	{"PRODUCTS_NOT_SUPPORTED", itemError, 400, "the institution does not support the requested product(s)", "", doOtherBank},
	{"INSTANT_MATCH_FAILED", itemError, 400, "the account could not be matched", "The account could not be verified.", ""},
	{"MANUAL_VERIFICATION_REQUIRED", itemError, 400, "the account's numbers need a verification by the user", "", doUpdateMode},
	// The institution.
	{"INSTITUTION_DOWN", institutionError, 400, "this institution is not currently responding to this request. please try again soon", showBank, doWait},
	{"INSTITUTION_NOT_RESPONDING", institutionError, 400, "this institution is not currently responding to this request. please try again soon", showBank, doWait},
	{"INSTITUTION_NOT_AVAILABLE", institutionError, 400, "this institution is not currently responding to this request. please try again soon", showBank, doWait},
	{"INSTITUTION_NO_LONGER_SUPPORTED", institutionError, 400, "this institution is no longer supported", "This institution is no longer supported.", doOtherBank},
	{"INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT", institutionError, 400, "this institution is not enabled in this environment", "", doOtherBank},
	{"INSTITUTION_REGISTRATION_REQUIRED", institutionError, 400, "the client is not registered with this institution", "", doOtherBank},
	{"UNAUTHORIZED_INSTITUTION", institutionError, 400, "the client is not authorized to access this institution", "", doOtherBank},
	{"UNSUPPORTED_RESPONSE", institutionError, 400, "the data returned from the institution is not valid", "", doWait},
	{"COUNTRY_NOT_SUPPORTED", institutionError, 400, "the institution's country is not supported", "This country is not supported.", doOtherBank},
	// Products with a type of their own.
	{"PAYMENT_INVALID_RECIPIENT", paymentError, 400, "the payment recipient is invalid", "The payment recipient was not accepted.", ""},
	{"TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", transactionsErr, 400, "underlying transaction data changed since the last page was fetched; restart pagination from the cursor of the first page of this update", "", "Restart from the cursor of the update's first page."},
	{"OAUTH_STATE_ID_NOT_FOUND", oauthError, 404, "could not find matching oauth_state_id", "", doRelink},
	{"OAUTH_STATE_ID_ALREADY_PROCESSED", oauthError, 208, "the oauth_state_id was already processed", "", doRelink},
	{"INCORRECT_LINK_TOKEN", oauthError, 400, "the link_token is not the one the OAuth flow began with", "", doRelink},
	{"INCORRECT_OAUTH_NONCE", oauthError, 400, "the nonce is not the one the OAuth flow began with", "", doRelink},
	{"RECAPTCHA_REQUIRED", recaptchaError, 400, "a captcha must be solved", "", doRelink},
	{"RECAPTCHA_BAD", recaptchaError, 400, "the captcha was not solved", "The captcha was not solved. Please try again.", doRelink},
	{"SANDBOX_PRODUCT_NOT_ENABLED", sandboxError, 400, "the product is not enabled for this item", "", "Link an Item with the product."},
	{"SANDBOX_WEBHOOK_INVALID", sandboxError, 400, "the webhook cannot be fired for this item", "", "Give the Item a webhook, and ask for a webhook_code that the product fires."},
	// Rates.
	{"RATE_LIMIT", rateLimit, 429, "rate limit exceeded. please try again later", "", doSlowDown},
	{"ACCOUNTS_LIMIT", rateLimit, 429, "rate limit exceeded for attempts to access this item. please try again later", "", doSlowDown},
	{"BALANCE_LIMIT", rateLimit, 429, "rate limit exceeded for attempts to access this item. please try again later", "", doSlowDown},
	{"ACCOUNTS_BALANCE_GET_LIMIT", rateLimit, 429, "rate limit exceeded. please try again later", "", doSlowDown},
	{"AUTH_LIMIT", rateLimit, 429, "rate limit exceeded for attempts to access this item. please try again later", "", doSlowDown},
	{"IDENTITY_LIMIT", rateLimit, 429, "rate limit exceeded for attempts to access this item. please try again later", "", doSlowDown},
	{"TRANSACTIONS_LIMIT", rateLimit, 429, "rate limit exceeded for attempts to access this item. please try again later", "", doSlowDown},
	{"TRANSACTIONS_SYNC_LIMIT", rateLimit, 429, "rate limit exceeded for attempts to access this item. please try again later", "", doSlowDown},
	{"TRANSACTIONS_REFRESH_LIMIT", rateLimit, 429, "rate limit exceeded for attempts to access this item. please try again later", "", doSlowDown},
	{"ITEM_GET_LIMIT", rateLimit, 429, "rate limit exceeded for attempts to access this item. please try again later", "", doSlowDown},
	{"INVESTMENT_HOLDINGS_GET_LIMIT", rateLimit, 429, "rate limit exceeded for attempts to access this item. please try again later", "", doSlowDown},
	{"INVESTMENT_TRANSACTIONS_LIMIT", rateLimit, 429, "rate limit exceeded for attempts to access this item. please try again later", "", doSlowDown},
	{"INSTITUTIONS_GET_LIMIT", rateLimit, 429, "rate limit exceeded. please try again later", "", doSlowDown},
	{"INSTITUTIONS_GET_BY_ID_LIMIT", rateLimit, 429, "rate limit exceeded. please try again later", "", doSlowDown},
	{"INSTITUTION_RATE_LIMIT", rateLimit, 429, "the institution's rate limit is exceeded. please try again later", "", doSlowDown},
	// The server.
	{InternalServerError, apiError, 500, "an unexpected error occurred", showTryAgain, "Repeat the request; if it fails again, look up the request_id in the server's log."},
	{"PLAID_ERROR", apiError, 500, "an unexpected error occurred", showTryAgain, "Repeat the request later."},
	{"PLANNED_MAINTENANCE", apiError, 503, "the server is under maintenance", showTryAgain, "Repeat the request later."},
}
