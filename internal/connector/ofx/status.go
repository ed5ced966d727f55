package ofx

import (
	"fmt"
	"strconv"
	"strings"

	"weft/internal/connector/ofx/reader"
	"weft/internal/plaid"
)

// Failure is a STATUS that is no success.
type Failure struct {
	Line int
	// Element is the response that failed, such as STMTTRNRS; SONRS is the sign-on.
	Element string
	// Status is OFX's code and Severity ERROR, WARN or INFO.
	Status   int
	Severity string
	// Message is the bank's own text.
	Message string
	// Error is what it means in Plaid's words; nil for a warning that costs nothing.
	Error *plaid.Error
}

// codes are what OFX's status codes mean to Plaid. What is not here means that the institution did not do what it was asked.
var codes = map[int]plaid.Code{
	2001: "NO_ACCOUNTS", 2002: "NO_ACCOUNTS", 2003: "NO_ACCOUNTS", 2004: "NO_ACCOUNTS", 2005: "NO_ACCOUNTS",
	3000: "MFA_NOT_SUPPORTED", 15512: "MFA_NOT_SUPPORTED", // a step that a live connection can take and a file cannot
	3001: "INVALID_MFA", 15513: "INVALID_MFA",
	12250: "PRODUCTS_NOT_SUPPORTED", 12251: "PRODUCTS_NOT_SUPPORTED", 12252: "PRODUCTS_NOT_SUPPORTED",
	12253: "PRODUCTS_NOT_SUPPORTED", 12254: "PRODUCTS_NOT_SUPPORTED", 12255: "PRODUCTS_NOT_SUPPORTED",
	13000: "USER_SETUP_REQUIRED", 13504: "USER_SETUP_REQUIRED", 15000: "USER_SETUP_REQUIRED", 15510: "USER_SETUP_REQUIRED",
	15511: "USER_SETUP_REQUIRED",
	15500: "INVALID_CREDENTIALS", 15502: "ITEM_LOCKED",
}

// otherwise is the code of all other failures, such as 2000 and 15501.
const otherwise plaid.Code = "INSTITUTION_NOT_RESPONDING"

// status takes note of a status that is no success; of a sign-on it is the file's error.
func (p parser) status(e reader.Element, element string) {
	text := e.Value("CODE")
	code, err := strconv.Atoi(text)
	severity := strings.ToUpper(e.Value("SEVERITY"))
	if err != nil {
		if text != "" {
			p.report(Problem{Line: e.Line(), Element: "CODE", Expected: "a number"})
		}
		if severity != "ERROR" {
			return
		}
	}
	if code == 0 && severity != "ERROR" || severity == "INFO" {
		return
	}
	f := Failure{Line: e.Line(), Element: element, Status: code, Severity: severity, Message: e.Value("MESSAGE")}
	mapped, known := codes[code]
	if severity != "WARN" || known {
		if !known {
			mapped = otherwise
		}
		f.Error = plaid.Err(mapped)
		f.Error.Cause = fmt.Errorf("OFX status %d (%s)", code, f.Message)
	}
	p.Failures = append(p.Failures, f)
	if element == "SONRS" && severity != "WARN" && p.Error == nil {
		p.Error = f.Error
	}
}
