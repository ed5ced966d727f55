package institutions

import (
	"net/url"
	"strings"
)

// maxHost is the longest host name that there is.
const maxHost = 253

// hostOf is the host of an address, with or without a scheme, in small letters and without "www.". It is false for text
// that is no address: one with a space, or without a dot.
func hostOf(address string) (string, bool) {
	address = strings.ToLower(strings.TrimSpace(address))
	if strings.ContainsAny(address, " \t\r\n") {
		return "", false
	}
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	host := strings.TrimSuffix(strings.TrimPrefix(u.Hostname(), "www."), ".")
	return host, len(host) <= maxHost && strings.Contains(host, ".")
}

// byAddress is the institutions whose website is at a host or above it: login.bank.example finds bank.example.
func (c *catalogue) byAddress(host string) []int {
	for strings.Contains(host, ".") {
		if found := c.byHost[host]; len(found) > 0 {
			return found
		}
		_, host, _ = strings.Cut(host, ".")
	}
	return nil
}

// isRoutingNumber tells a query that is a routing number from a name, and gives its nine digits.
func isRoutingNumber(query string) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, query)
	if len(digits) != 9 || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	return digits, true
}
