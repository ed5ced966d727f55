package contract

import (
	"fmt"
	"net/http"
	"regexp"
	"sort"
	"testing"

	"weft/internal/store/storetest"
	"weft/wefttest"
)

// groups are the parts of the contract. Each has a server of its own.
var groups = []struct {
	name string
	run  func(*testing.T, *probe)
}{
	{"examples", testExamples},
	{"versions", testVersions},
	{"credentials", testCredentials},
	{"bodies", testBodies},
	{"missing", testMissing},
	{"types", testTypes},
	{"declared", testDeclared},
	{"tokens", testTokens},
	{"processors", testProcessors},
	{"routes", testNoSuchRoute},
	{"logins", testLogins},
	{"logins refused", testLoginsRefused},
	{"public tokens", testPublicTokens},
	{"items", testItems},
	{"imports", testImports},
	{"institutions", testInstitutions},
	{"link tokens", testLinkTokens},
	{"auth", testAuth},
	{"users", testUsers},
	{"assets", testAssets},
	{"consents", testConsentHistory},
	{"network", testNetwork},
	{"consent", testConsent},
	{"broken items", testBrokenItems},
	{"balances", testBalances},
	{"identity", testIdentity},
	{"holdings", testHoldings},
	{"liabilities", testLiabilities},
	{"account statements", testAccountStatements},
	{"transactions", testTransactions},
	{"readings", testReadings},
	{"banking", testBanking},
	{"custom users", testCustomUsers},
	{"custom fields", testCustomFields},
	{"published custom users", testPublishedUsers},
	{"statement files", testStatements},
	{"time", testTime},
}

// TestContract calls every route of the server, rightly and wrongly, and holds each answer against the published file.
func TestContract(t *testing.T) {
	spec := published(t)
	count := newTally()
	ran := 0
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			ran++
			g.run(t, newProbe(wefttest.NewServer(t), spec, count))
		})
	}
	if ran == len(groups) {
		t.Run("coverage", func(t *testing.T) { testCoverage(t, newProbe(wefttest.NewServer(t), spec, count)) })
	}
	fmt.Println(count)
}

// testCoverage wants an answer of each kind from each route that the file has.
func testCoverage(t *testing.T, p *probe) {
	for _, path := range p.Routes() {
		if p.spec.Has(path) && (p.tally.successes[path] == 0 || p.tally.faults[path] == 0) {
			t.Errorf("%s has no case: %d successes and %d errors were checked", path, p.tally.successes[path], p.tally.faults[path])
		}
	}
}

// TestContractOnPostgres repeats the reading parts on the other engine, whose answers come from other column types.
func TestContractOnPostgres(t *testing.T) {
	spec := published(t)
	count := newTally()
	for _, g := range groups {
		switch g.name {
		case "examples", "auth", "items", "users", "holdings", "liabilities", "account statements", "transactions", "banking", "custom users", "time":
			t.Run(g.name, func(t *testing.T) {
				server := wefttest.NewServerWith(t, wefttest.Options{Database: storetest.PostgresURL(t)})
				g.run(t, newProbe(server, spec, count))
			})
		}
	}
	fmt.Println(count, "on PostgreSQL")
}

// own are the paths that Plaid does not have: the server's, and those of dialects.
var own = regexp.MustCompile(`^/(weft|v[12]/plaid)/`)

// TestRoutes: a path is one of the published file, or it is the server's own and says so.
func TestRoutes(t *testing.T) {
	spec := published(t)
	paths := wefttest.NewServer(t).Routes()
	sort.Strings(paths)
	for i, path := range paths {
		if !spec.Has(path) && !own.MatchString(path) {
			t.Errorf("%s is neither in the published file nor below /weft/, nor a dialect's", path)
		}
		if i > 0 && path == paths[i-1] {
			t.Errorf("%s is listed twice", path)
		}
		if examples[path] == nil && spec.Has(path) {
			t.Errorf("%s has no example", path)
		}
	}
	for path := range examples {
		if !spec.Has(path) {
			t.Errorf("there is an example of %s, which the published file does not have", path)
		}
	}
}

// testExamples: the example of each route succeeds, with the credentials in the headers and in the body.
func testExamples(t *testing.T, p *probe) {
	for _, path := range p.published() {
		p.ok(t, path, p.example(t, path))
		inBody := p.example(t, path)
		inBody["client_id"], inBody["secret"] = p.ClientID, p.Secret
		p.with("Plaid-Client-Id").with("Plaid-Secret").ok(t, path, inBody)
	}
}

// testVersions: older versions answer too. What they alone have is not in the file.
func testVersions(t *testing.T, p *probe) {
	for _, path := range p.published() {
		for _, version := range []string{"2020-09-14", "2019-05-29", "2018-05-22"} {
			old := p.with("Plaid-Version", version)
			if path == "/item/remove" && version != "2020-09-14" {
				old = old.allowing("$.removed")
			}
			old.ok(t, path, p.example(t, path))
		}
		for _, version := range []string{"2020-09-15", "2017-03-08", "latest"} {
			p.with("Plaid-Version", version).refused(t, path, "INVALID_HEADERS", p.example(t, path))
		}
	}
}

// testNoSuchRoute: what is not there answers as an error of the contract, too.
func testNoSuchRoute(t *testing.T, p *probe) {
	for _, path := range []string{"/", "/accounts", "/accounts/get/", "/accounts//get", "/no/such/route", "/sandbox/%2e%2e/accounts/get", "/Accounts/Get"} {
		p.refused(t, path, "NOT_FOUND", map[string]any{})
	}
	for _, path := range p.published() {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodOptions} {
			a := p.send(t, method, path, map[string]any{})
			a.isFault(t, method+" "+path, "NOT_FOUND", nil)
		}
	}
}
