package outbound

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// forbiddenIPv4 are addresses of every network that is not the public internet.
var forbiddenIPv4 = []string{
	"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1",
	"127.255.255.254", "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1",
	"192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255",
	"198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
}

var forbiddenIPv6 = []string{
	"::", "::1", "fc00::1", "fd00::1", "fdff:ffff::1", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fe80::1", "fe80::a9fe:a9fe",
	"fec0::1", "ff02::1", "ff0e::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1",
	"5f00::1", "64:ff9b::808:808", "64:ff9b:1::808:808", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "::8.8.8.8", "2002:808:808::1",
	"4000::1", "8000::1", "c000::1", "2001:0:4136:e378:8000:63bf:f7f7:f7f7", "fe80::1%25eth0", "::1%25lo",
}

// spellings are the ways in which some reader of addresses or other understands an IPv4 address.
func spellings(a netip.Addr) map[string]string {
	b := a.As4()
	n := binary.BigEndian.Uint32(b[:])
	hi, lo := n>>16, n&0xffff
	flip := ^n
	return map[string]string{
		"dotted":           a.String(),
		"trailing dot":     a.String() + ".",
		"decimal":          strconv.FormatUint(uint64(n), 10),
		"hex":              fmt.Sprintf("0x%08x", n),
		"upper hex":        fmt.Sprintf("0X%08X", n),
		"octal":            fmt.Sprintf("0%o", n),
		"dotted octal":     fmt.Sprintf("0%o.0%o.0%o.0%o", b[0], b[1], b[2], b[3]),
		"padded octal":     fmt.Sprintf("%04o.%04o.%04o.%04o", b[0], b[1], b[2], b[3]),
		"dotted hex":       fmt.Sprintf("0x%x.0x%x.0x%x.0x%x", b[0], b[1], b[2], b[3]),
		"mixed":            fmt.Sprintf("%d.0x%x.0%o.%d", b[0], b[1], b[2], b[3]),
		"two parts":        fmt.Sprintf("%d.%d", b[0], n&0xffffff),
		"three parts":      fmt.Sprintf("%d.%d.%d", b[0], b[1], lo),
		"hex two parts":    fmt.Sprintf("%d.0x%x", b[0], n&0xffffff),
		"overlong":         strconv.FormatUint(uint64(n)+1<<32, 10),
		"leading zeros":    fmt.Sprintf("%03d.%03d.%03d.%03d", b[0], b[1], b[2], b[3]),
		"mapped":           "[::ffff:" + a.String() + "]",
		"mapped hex":       fmt.Sprintf("[::ffff:%x:%x]", hi, lo),
		"long mapped":      fmt.Sprintf("[0:0:0:0:0:ffff:%x:%x]", hi, lo),
		"translated":       fmt.Sprintf("[::ffff:0:%x:%x]", hi, lo),
		"compatible":       "[::" + a.String() + "]",
		"NAT64":            fmt.Sprintf("[64:ff9b::%x:%x]", hi, lo),
		"NAT64 dotted":     "[64:ff9b::" + a.String() + "]",
		"local NAT64":      fmt.Sprintf("[64:ff9b:1::%x:%x]", hi, lo),
		"6to4":             fmt.Sprintf("[2002:%x:%x::1]", hi, lo),
		"Teredo":           fmt.Sprintf("[2001:0:808:808::%x:%x]", flip>>16, flip&0xffff),
		"bracketed":        "[" + a.String() + "]",
		"after a user":     "bank.example@" + a.String(),
		"after a password": "bank.example:443@" + a.String(),
		"full width":       fullWidth(a.String()),
		"circled dots":     strings.ReplaceAll(a.String(), ".", "\u3002"),
		"escaped":          "%" + fmt.Sprintf("%02x", a.String()[0]) + a.String()[1:],
		"with a port":      a.String() + ":443",
		"other port":       a.String() + ":22",
	}
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, s)
}

// TestForbiddenForms holds the table of address forms: all are refused before anything is resolved.
func TestForbiddenForms(t *testing.T) {
	c := New(Options{})
	seen := map[string]bool{}
	refuse := func(name, raw string) {
		seen[raw] = true
		u, err := c.ParseURL(raw)
		if !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %s passes as %v: %v", name, raw, u, err)
		}
	}
	for _, text := range forbiddenIPv4 {
		for name, host := range spellings(netip.MustParseAddr(text)) {
			refuse(text+" "+name, "https://"+host+"/path")
		}
	}
	for _, text := range forbiddenIPv6 {
		refuse(text, "https://["+text+"]/")
		refuse(text+" port", "https://["+text+"]:443/")
		refuse(text+" user", "https://u:p@["+text+"]:443/")
		refuse(text+" bare", "https://"+text+"/")
	}
	for _, raw := range strangeURLs {
		refuse("strange", raw)
	}
	if len(seen) < 300 {
		t.Errorf("%d forms, fewer than 300", len(seen))
	}
}

var strangeURLs = []string{
	"", " ", "bank.example", "//bank.example/", "/path", "https:", "https://", "https:///path", "https:/bank.example", "https:bank.example",
	"http://bank.example/", "HTTP://bank.example/", "ftp://bank.example/", "file:///etc/passwd", "gopher://bank.example/", "ws://bank.example/",
	"javascript:alert(1)", "data:text/plain,x", "unix:///var/run/docker.sock", "https://bank.example:80/", "https://bank.example:22/",
	"https://bank.example:8443/", "https://bank.example:0/", "https://bank.example:65979/", "https://bank.example:0443/", "https://bank.example:/",
	"https://bank.example:443x/", "https://bank.example:-1/", "https://bank.example:99999999999/", "https://user@/", "https://user:password@:443/",
	"https://.bank.example/", "https://bank..example/", "https://bank.example../", "https://./", "https://../", "https://bank example/",
	"https://bank.example\\@169.254.169.254/", "https://169.254.169.254\\@bank.example/", "https://bank.example\t/", "https://bank.example\n/",
	"https://bank.example%00/", "https://bank.example%2f/", "https://bänk.example/", "https://bank。example/", "https://①②⑦.0.0.1/",
	"https://127.1/", "https://127.0.1/", "https://0/", "https://0x/", "https://0x0/", "https://1.2.3.4.5/", "https://256.256.256.256/",
	"https://a.1/", "https://bank.example.0x7f/", "https://[::1/", "https://::1/", "https://[bank.example]/", "https://[]/", "https://[::1]x/",
	"https://[::1%25]/", "https://[fe80::1%25en0]:443/", "https://[1.1.1.1]/", "https://bank.example:22#@bank.example", "https://*.bank.example:1/",
	"https://" + strings.Repeat("a", 64) + ".example/", "https://" + strings.Repeat("a.", 130) + "example/", "https://bank.example/" + strings.Repeat("a", longest),
}

func TestAllowedForms(t *testing.T) {
	c := New(Options{})
	for _, raw := range []string{
		"https://bank.example/", "https://bank.example", "https://bank.example:443/a?b#c", "https://BANK.example./", "HTTPS://bank.example/",
		"https://user:password@bank.example/simplefin", "https://169.254.169.254@bank.example/", "https://evil%2f@bank.example/", "https://bank.example#@169.254.169.254:22", "https://xn--bnk-pla.example/", "https://a_b.example/",
		"https://8.8.8.8/", "https://1.1.1.1:443/", "https://[2606:4700:4700::1111]/", "https://[2a00:1450:4001:82a::200e]:443/", "https://127.0.0.1.nip.example/",
		"https://9.9.9.9.in-addr.arpa/", "https://localhost/", "https://7f000001/", // names: what they resolve to is judged when it is dialled
	} {
		if _, err := c.ParseURL(raw); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
	}
}

func prefixes(texts ...string) []netip.Prefix {
	var list []netip.Prefix
	for _, text := range texts {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}

// TestOperatorAllows: the operator's networks are allowed, nothing beside them, and metadata never.
func TestOperatorAllows(t *testing.T) {
	for _, c := range []struct {
		allow   []netip.Prefix
		address string
		want    bool
	}{
		{nil, "10.0.0.1:443", false},
		{prefixes("10.0.0.0/8"), "10.0.0.1:443", true},
		{prefixes("10.1.2.3/8"), "10.0.0.1:443", true}, // not written as its network
		{prefixes("10.0.0.0/8"), "11.0.0.1:443", true},
		{prefixes("10.0.0.0/8"), "192.168.0.1:443", false},
		{prefixes("10.0.0.0/8"), "10.0.0.1:80", true}, // their own networks are called at any port
		{prefixes("10.0.0.0/8"), "8.8.8.8:80", false},
		{prefixes("10.0.0.0/8"), "[64:ff9b::a00:1]:443", false},
		{prefixes("10.0.0.0/8"), "[::ffff:10.0.0.1]:443", false},
		{prefixes("64:ff9b::/96"), "[64:ff9b::808:808]:443", true},
		{prefixes("64:ff9b::/96"), "[64:ff9b::a00:1]:443", false},
		{prefixes("64:ff9b::/96", "10.0.0.0/8"), "[64:ff9b::a00:1]:443", true},
		{prefixes("::1/128"), "[::1]:443", true},
		{prefixes("127.0.0.0/8"), "127.0.0.1:443", true},
		{prefixes("fd00::/8"), "[fd12::1]:443", true},
		{prefixes("fe80::/10"), "[fe80::1%eth0]:443", false},
		{prefixes("0.0.0.0/0", "::/0"), "10.0.0.1:443", true},
		{prefixes("0.0.0.0/0", "::/0"), "169.254.169.254:443", false},
		{prefixes("169.254.169.254/32"), "169.254.169.254:443", false},
		{prefixes("0.0.0.0/0", "::/0"), "100.100.100.200:443", false},
		{prefixes("0.0.0.0/0", "::/0"), "168.63.129.16:443", false},
		{prefixes("0.0.0.0/0", "::/0"), "[fd00:ec2::254]:443", false},
		{prefixes("0.0.0.0/0", "::/0"), "[::ffff:169.254.169.254]:443", false},
		{prefixes("0.0.0.0/0", "::/0"), "[64:ff9b::a9fe:a9fe]:443", false},
		{prefixes("0.0.0.0/0", "::/0"), "[2002:a9fe:a9fe::1]:443", false},
		{prefixes("0.0.0.0/0", "::/0"), "[2001:0:1:1::5601:5601]:443", false},
		{nil, "8.8.8.8:443", true},
		{nil, "8.8.8.8:80", false},
		{nil, "no address", false},
	} {
		p := newPolicy(c.allow, []uint16{443})
		if err := p.dialled("tcp4", c.address); (err == nil) != c.want {
			t.Errorf("%s with %v: %v", c.address, c.allow, err)
		}
	}
	if newPolicy(nil, []uint16{443}).dialled("udp4", "8.8.8.8:443") == nil || newPolicy(nil, []uint16{443}).address(netip.Addr{}) == nil {
		t.Error("UDP or no address is allowed")
	}
}

func TestHTTPAndPortsByOption(t *testing.T) {
	c := New(Options{AllowHTTP: true, Ports: []uint16{8443}})
	for raw, want := range map[string]bool{
		"http://bank.example/": true, "https://bank.example:8443/": true, "http://bank.example:8443/": true, "https://bank.example:8080/": false,
	} {
		if _, err := c.ParseURL(raw); (err == nil) != want {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if err := c.Check(nil); err == nil {
		t.Error("no URL is allowed")
	}
	if err := c.Check(&url.URL{Scheme: "https", Opaque: "bank.example"}); err == nil {
		t.Error("an opaque URL is allowed")
	}
}
