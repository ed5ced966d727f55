package session

import "weft/internal/product/link/session/shown"

// Pane is what a person is shown, and View what a pane shows.
type (
	Pane = shown.Pane
	View = shown.View
)

// Panes.
const (
	PaneConsent      = shown.PaneConsent
	PanePhone        = shown.PanePhone
	PaneOTP          = shown.PaneOTP
	PaneSaved        = shown.PaneSaved
	PaneInstitutions = shown.PaneInstitutions
	PaneCredentials  = shown.PaneCredentials
	PaneMFA          = shown.PaneMFA
	PaneRecaptcha    = shown.PaneRecaptcha
	PaneOAuth        = shown.PaneOAuth
	PaneLoading      = shown.PaneLoading
	PaneAccounts     = shown.PaneAccounts
	PaneUpload       = shown.PaneUpload
	PaneToken        = shown.PaneToken
	PaneAuthType     = shown.PaneAuthType
	PaneRouting      = shown.PaneRouting
	PaneNumber       = shown.PaneNumber
	PaneHolder       = shown.PaneHolder
	PaneAuthorize    = shown.PaneAuthorize
	PaneDeposited    = shown.PaneDeposited
	PaneDepositCode  = shown.PaneDepositCode
	PaneConnected    = shown.PaneConnected
	PaneError        = shown.PaneError
	PaneExit         = shown.PaneExit
	PaneEnded        = shown.PaneEnded
)

// What panes show.
type (
	Institution  = shown.Institution
	Problem      = shown.Problem
	Consent      = shown.Consent
	Phone        = shown.Phone
	Institutions = shown.Institutions
	Credentials  = shown.Credentials
	Field        = shown.Field
	MFA          = shown.MFA
	Question     = shown.Question
	Choice       = shown.Choice
	OAuth        = shown.OAuth
	Accounts     = shown.Accounts
	Account      = shown.Account
	Upload       = shown.Upload
	Numbers      = shown.Numbers
	Connected    = shown.Connected
	Failure      = shown.Failure
)
