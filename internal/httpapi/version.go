package httpapi

import (
	"bytes"
	"slices"
	"strings"

	"weft/internal/plaid"
)

// Version is an API version, as the Plaid-Version header names it.
type Version string

// The versions that are served, newest first.
const (
	Version20200914 Version = "2020-09-14"
	Version20190529 Version = "2019-05-29"
	Version20180522 Version = "2018-05-22"
)

var versions = []Version{Version20200914, Version20190529, Version20180522}

// Before reports whether a version is older than another. Versions are dates, so their text sorts.
func (v Version) Before(other Version) bool { return v < other }

// parseVersion reads the Plaid-Version header; none means the newest.
func parseVersion(header string) (Version, error) {
	if header == "" {
		return Version20200914, nil
	}
	v := Version(header)
	if !slices.Contains(versions, v) {
		names := make([]string, len(versions))
		for i, known := range versions {
			names[i] = string(known)
		}
		return "", plaid.Errf("INVALID_HEADERS", "Plaid-Version %q is not a version of this API; use %s", header, strings.Join(names, ", "))
	}
	return v, nil
}

// shape rewrites a response for an older version: until 2018-05-22 the account type investment is called brokerage. The
// pattern cannot stand inside a JSON string, where quotes are escaped, and no other field "type" has that value.
func (v Version) shape(body [][]byte) [][]byte {
	if v > Version20180522 {
		return body
	}
	whole := bytes.Join(body, nil)
	return [][]byte{bytes.ReplaceAll(whole, []byte(`"type":"investment"`), []byte(`"type":"brokerage"`))}
}
