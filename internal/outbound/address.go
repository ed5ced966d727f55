package outbound

import (
	"fmt"
	"net/netip"
	"slices"

	"code.dny.dev/ssrf"
)

// metadata are the addresses at which clouds hand a machine its own credentials. No operator may allow them: an answer of
// theirs is never a bank's, and always a secret.
var metadata = []netip.Prefix{
	netip.MustParsePrefix("169.254.169.0/24"),    // AWS, Azure, Google, DigitalOcean, Oracle and others
	netip.MustParsePrefix("169.254.170.0/24"),    // AWS containers
	netip.MustParsePrefix("100.100.100.200/32"),  // Alibaba
	netip.MustParsePrefix("168.63.129.16/32"),    // Azure's host, which is a public address
	netip.MustParsePrefix("192.0.0.192/32"),      // Oracle, older
	netip.MustParsePrefix("fd00:ec2::/32"),       // AWS
	netip.MustParsePrefix("fd20:ce::254/128"),    // Google
	netip.MustParsePrefix("fd00:42::42/128"),     // Scaleway
	netip.MustParsePrefix("fe80::a9fe:a9fe/128"), // OpenStack
}

// wrapping are the forms of IPv6 address that lead to an IPv4 address, with where in the 16 bytes that one stands.
var wrapping = []struct {
	prefix  netip.Prefix
	at      int
	flipped bool // all bits are inverted
}{
	{netip.MustParsePrefix("::ffff:0:0/96"), 12, false},   // mapped
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12, false}, // translated (SIIT)
	{netip.MustParsePrefix("::/96"), 12, false},           // compatible, deprecated
	{netip.MustParsePrefix("64:ff9b::/96"), 12, false},    // NAT64
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12, false},  // NAT64 of a local network
	{netip.MustParsePrefix("2002::/16"), 2, false},        // 6to4
	{netip.MustParsePrefix("2001::/32"), 12, true},        // Teredo
}

// policy says which addresses and ports may be dialled.
type policy struct {
	allow []netip.Prefix
	ports []uint16
	guard *ssrf.Guardian
}

func newPolicy(allow []netip.Prefix, ports []uint16) *policy {
	masked := make([]netip.Prefix, 0, len(allow))
	for _, p := range allow {
		masked = append(masked, p.Masked())
	}
	return &policy{allow: masked, ports: slices.Clone(ports), guard: ssrf.New(ssrf.WithAnyPort())}
}

// dialled judges an address as the dialer is about to connect to it: "192.0.2.1:443", "[2001:db8::1]:443".
func (p *policy) dialled(network, address string) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("network %s is not allowed", network)
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("the address to dial is not one")
	}
	if err := p.port(to.Port(), to.Addr()); err != nil {
		return err
	}
	return p.address(to.Addr())
}

// port judges a port. The networks that the operator allows are their own, and may be called at any port; an invalid address
// stands for a name, which may lead there.
func (p *policy) port(port uint16, at netip.Addr) error {
	free := contains(p.allow, at) || (!at.IsValid() && len(p.allow) > 0)
	if !free && !slices.Contains(p.ports, port) {
		return fmt.Errorf("port %d is not allowed", port)
	}
	return nil
}

// address judges an address. One that wraps another needs the permission for itself and for what it wraps.
func (p *policy) address(a netip.Addr) error {
	if !a.IsValid() {
		return fmt.Errorf("the address is not one")
	}
	if a.Zone() != "" {
		return fmt.Errorf("address %s has a zone", a.WithZone(""))
	}
	if contains(metadata, a) {
		return fmt.Errorf("address %s is a metadata service, which is never allowed", a)
	}
	if !contains(p.allow, a) {
		if err := p.guard.SafeAddr(a); err != nil {
			return fmt.Errorf("address %s is not on the public internet, and the operator does not allow it", a)
		}
	}
	if inner, ok := unwrap(a); ok {
		return p.address(inner)
	}
	return nil
}

// unwrap is the IPv4 address that an IPv6 address leads to.
func unwrap(a netip.Addr) (netip.Addr, bool) {
	if !a.Is6() {
		return netip.Addr{}, false
	}
	if a.IsUnspecified() || a.IsLoopback() { // they lie in ::/96, but lead nowhere else
		return netip.Addr{}, false
	}
	bytes := a.As16()
	for _, w := range wrapping {
		if !w.prefix.Contains(a) {
			continue
		}
		inner := [4]byte(bytes[w.at : w.at+4])
		if w.flipped {
			for i := range inner {
				inner[i] = ^inner[i]
			}
		}
		return netip.AddrFrom4(inner), true
	}
	return netip.Addr{}, false
}

func contains(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}
