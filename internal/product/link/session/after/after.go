// Package after says where errors of banks lead a person.
package after

import "weft/internal/plaid"

// SameForm are the errors after which the form is shown again, with what was wrong.
var SameForm = map[plaid.Code]bool{
	"INVALID_CREDENTIALS": true, "INVALID_MFA": true, "INVALID_UPDATED_USERNAME": true, "INVALID_OTP": true, "RECAPTCHA_BAD": true,
}

// NewToken are the errors of what a token was spent for that only another token helps with.
var NewToken = map[plaid.Code]bool{
	"INVALID_CREDENTIALS": true, "ITEM_LOGIN_REQUIRED": true, "INVALID_UPDATED_USERNAME": true, "NO_ACCOUNTS": true, "ACCESS_NOT_GRANTED": true,
}

// NewLogin are the errors of a saved login that a new one helps with.
var NewLogin = map[plaid.Code]bool{"ITEM_LOGIN_REQUIRED": true, "INVALID_CREDENTIALS": true, "ITEM_NOT_FOUND": true, "USER_PERMISSION_REVOKED": true}

// BankSite are the errors that a person has to settle with the bank first.
var BankSite = map[plaid.Code]bool{"ITEM_LOCKED": true, "USER_SETUP_REQUIRED": true, "PASSWORD_RESET_REQUIRED": true}

// Again are the errors after which the same institution may work at once.
var Again = map[plaid.Code]bool{
	"INTERNAL_SERVER_ERROR": true, "INSTITUTION_NOT_RESPONDING": true, "USER_INPUT_TIMEOUT": true, "INSUFFICIENT_CREDENTIALS": true,
	"ACCESS_NOT_GRANTED": true, "INVALID_SEND_METHOD": true, "ITEM_LOCKED": true, "USER_SETUP_REQUIRED": true,
	"PASSWORD_RESET_REQUIRED": true, "PROFILE_AUTHENTICATION_FAILED": true,
}
