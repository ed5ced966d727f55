package outbound

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// longest is how many characters a URL may have.
const longest = 8192

// ParseURL reads a URL from outside and judges it as [Client.Check] does. Its errors tell nothing of the URL, which may
// carry a password; those of package net/url repeat it.
func (c *Client) ParseURL(raw string) (*url.URL, error) {
	if len(raw) > longest {
		return nil, forbidden("", "", "the URL is too long")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, forbidden("", "", "the URL cannot be read")
	}
	return u, c.Check(u)
}

// Check judges a URL before anything is resolved: its scheme and port, that its host has no second meaning, and the address
// if it names one. What passes may still be refused when its name is resolved.
func (c *Client) Check(u *url.URL) error {
	if err := c.check(u); err != nil {
		return forbidden("", safeHost(u), err.Error())
	}
	return nil
}

func (c *Client) check(u *url.URL) error {
	if u == nil {
		return errors.New("there is no URL")
	}
	port := uint16(443)
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && c.allowHTTP:
		port = 80
	default:
		return errors.New("the URL's scheme is not https")
	}
	if u.Opaque != "" {
		return errors.New("the URL has no host")
	}
	if text := u.Port(); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || text[0] == '0' {
			return errors.New("the URL's port is not a number")
		}
		port = uint16(n)
	} else if strings.HasSuffix(u.Host, ":") {
		return errors.New("the URL's port is empty")
	}
	at, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		at = netip.Addr{}
	}
	if err := c.policy.port(port, at); err != nil {
		return err
	}
	return c.checkHost(u.Hostname(), strings.HasPrefix(u.Host, "["))
}

func (c *Client) checkHost(host string, bracketed bool) error {
	if host == "" || len(host) > 253 {
		return errors.New("the URL has no host, or one that is too long")
	}
	a, err := netip.ParseAddr(host)
	switch {
	case err == nil && a.Is6() != bracketed:
		return errors.New("the URL's host is an address in the wrong brackets")
	case err == nil && a.Is4In6():
		return fmt.Errorf("address %s is an IPv4 address in an IPv6 form", a.WithZone(""))
	case err == nil:
		return c.policy.address(a)
	case bracketed:
		return errors.New("the URL's host is not an address")
	}
	return checkName(host)
}

// checkName refuses names that some resolver reads as an address (0x7f.1, 2130706433, 127.0.0.1.) or that are spelled with
// characters which are mapped to others on the way. A name of another script is called by its xn-- form.
func checkName(host string) error {
	name := strings.TrimSuffix(host, ".")
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 {
			return errors.New("the URL's host has a part that is empty or too long")
		}
		for _, r := range label {
			if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_') {
				return errors.New("the URL's host has a character that no name has")
			}
		}
	}
	if last := labels[len(labels)-1]; numeric(last) {
		return errors.New("the URL's host is a number in the place of a name")
	}
	return nil
}

// numeric reports whether a name's last part makes readers of addresses take the whole for one: all digits, or hexadecimal.
func numeric(label string) bool {
	if hex, ok := strings.CutPrefix(strings.ToLower(label), "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// safeHost is a URL's host for an error, without what could be a secret in it.
func safeHost(u *url.URL) string {
	if u == nil {
		return ""
	}
	host := u.Hostname()
	if len(host) > 253 || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r > '~' || r == '@' || r == '%' }) {
		return ""
	}
	return host
}
