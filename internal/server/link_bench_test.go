package server_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/wefttest"
)

// leastTimes is how often each pane is answered.
const leastTimes = 300

// BenchmarkLinkPanes measures over HTTP how long the server takes to answer with each pane of Link, by the pane that follows, work
// at simulated banks and the writing of Items included. Run it with
//
//	go test -run '^$' -bench LinkPanes -benchtime 1x ./internal/server
func BenchmarkLinkPanes(b *testing.B) {
	s := wefttest.NewServerWith(b, wefttest.Options{DataDir: b.TempDir()})
	taken := map[string][]time.Duration{}
	timed := func(name string, do func() *linkPerson) *linkPerson {
		start := clock.System{}.Now()
		p := do()
		if name == "" {
			name = p.Pane
		}
		taken[name] = append(taken[name], clock.System{}.Now().Sub(start))
		return p
	}
	for b.Loop() {
		for range leastTimes {
			linkToken := makeLinkToken(b, s, wefttest.SandboxSecret, "")
			p := timed("first document", func() *linkPerson { return openLink(b, s, "link_token", linkToken) })
			act := func(name string, values ...string) { timed("", func() *linkPerson { return p.act(name, values...) }) }
			act("accept", "phone", "415 555 0011")
			act("otp", "code", "123456")
			act("other")
			timed("search", func() *linkPerson { return p.act("search", "query", "gingham") })
			act("select", "institution", "ins_109508")
			act("submit", "username", "user_good", "password", "mfa_device")
			act("continue")
			act("submit", "device", between(p.at("mfa").HTML[strings.Index(p.HTML, `name="device"`):], `value="`, `"`))
			act("continue")
			act("exit")
			act("exit_cancel")
			act("submit", "code", "1234")
			act("continue")
			_, accounts, _ := strings.Cut(p.at("accounts").HTML, `name="account"`)
			act("choose", "account", between(accounts, `value="`, `"`))
			act("continue")
			p.at("connected")
			act("finish")
		}
	}
	for _, pane := range slices.Sorted(maps.Keys(taken)) {
		list := taken[pane]
		slices.Sort(list)
		p50, p99 := list[len(list)/2], list[len(list)*99/100]
		name := strings.ReplaceAll(pane, " ", "-")
		b.ReportMetric(p50.Seconds()*1e3, name+"-p50-ms")
		b.ReportMetric(p99.Seconds()*1e3, name+"-p99-ms")
	}
}
