package server_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/internal/store/storetest"
	"weft/wefttest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// scenarios are the products' text files.
func scenarios(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../product/*/testdata/*.txt")
	dialects, err2 := filepath.Glob("../dialect/*/testdata/*.txt")
	if err != nil || err2 != nil || len(files) < 6 || len(dialects) == 0 {
		t.Fatalf("scenarios: %v %v, %v %v", files, dialects, err, err2)
	}
	return append(files, dialects...)
}

func TestScenarios(t *testing.T) {
	for _, file := range scenarios(t) {
		name := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSuffix(file, ".txt"), "../product/"), "../")
		t.Run(name+"/sqlite", func(t *testing.T) { wefttest.NewServer(t).RunScenario(t, file) })
		t.Run(name+"/postgres", func(t *testing.T) {
			wefttest.NewServerWith(t, wefttest.Options{Database: storetest.PostgresURL(t)}).RunScenario(t, file)
		})
		t.Run(name+"/uncached", func(t *testing.T) {
			wefttest.NewServerWith(t, wefttest.Options{NoCache: true}).RunScenario(t, file)
		})
	}
}

// What a switch changes has its scenarios in a folder of its own.
func TestScenarioOfMutations(t *testing.T) {
	file := "../product/transactions/testdata/mutation/told.txt"
	for name, o := range map[string]wefttest.Options{"sqlite": {}, "postgres": {Database: storetest.PostgresURL(t)}, "uncached": {NoCache: true}} {
		t.Run(name, func(t *testing.T) {
			o.SyncMutationError = true
			wefttest.NewServerWith(t, o).RunScenario(t, file)
		})
	}
}

func TestEachRouteHasAScenario(t *testing.T) {
	var called []string
	for _, file := range scenarios(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		called = append(called, wefttest.ScenarioPaths(string(text))...)
	}
	for _, path := range wefttest.NewServer(t).Routes() {
		if !slices.ContainsFunc(called, covers(path)) {
			t.Errorf("no scenario calls %s", path)
		}
	}
}

// covers reports whether a scenario that calls a path covers another one. A dialect's row is one endpoint in all of its versions,
// and its reports are handed on as they are.
func covers(path string) func(called string) bool {
	row, dialect := strings.CutPrefix(path, "/v1/plaid/")
	if !dialect {
		row, dialect = strings.CutPrefix(path, "/v2/plaid/")
	}
	return func(called string) bool {
		return called == path || dialect && (called == "/v1/plaid/"+row || called == "/v2/plaid/"+row ||
			called == "/"+row && strings.HasPrefix(row, "asset_report/"))
	}
}
