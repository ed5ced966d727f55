package identity

import (
	"net/mail"
	"regexp"
	"strings"
)

// NumberTypes are the kinds of identity documents.
var NumberTypes = []string{
	"ar_dni", "au_drivers_license", "au_passport", "br_cpf", "ca_sin", "cl_run", "cn_resident_card", "co_nit", "dk_cpr",
	"eg_national_id", "es_dni", "es_nie", "hk_hkid", "in_pan", "it_cf", "jo_civil_id", "jp_my_number", "ke_huduma_namba",
	"kw_civil_id", "mx_curp", "mx_rfc", "my_nric", "ng_nin", "nz_drivers_license", "om_civil_id", "ph_psn", "pl_pesel",
	"ro_cnp", "sa_national_id", "se_pin", "sg_nric", "tr_tc_kimlik", "us_ssn", "us_ssn_last_4", "za_smart_id",
}

// IsEmail wants a bare address (no name, no angle brackets) at a domain with a dot.
func IsEmail(s string) bool {
	addr, err := mail.ParseAddress(s)
	if err != nil || addr.Address != s || len(s) > 254 {
		return false
	}
	_, domain, _ := strings.Cut(s[strings.LastIndex(s, "@"):], "@")
	return strings.Contains(domain, ".") && !strings.HasPrefix(domain, "[")
}

var (
	e164          = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	northAmerican = regexp.MustCompile(`^\+1[2-9][0-9]{9}$`)
	separators    = strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "")
)

// CanonicalPhone takes out the separators that people write: the published samples have +1 415 5550123.
func CanonicalPhone(s string) string { return separators.Replace(s) }

// IsPhone wants a phone number in E.164 form, but for separators.
func IsPhone(s string) bool {
	s = CanonicalPhone(s)
	return e164.MatchString(s) && (!strings.HasPrefix(s, "+1") || northAmerican.MatchString(s))
}
