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
	if err != nil || len(files) < 6 {
		t.Fatalf("scenarios: %v, %v", files, err)
	}
	return files
}

func TestScenarios(t *testing.T) {
	for _, file := range scenarios(t) {
		name := strings.TrimSuffix(strings.TrimPrefix(file, "../product/"), ".txt")
		t.Run(name+"/sqlite", func(t *testing.T) { wefttest.NewServer(t).RunScenario(t, file) })
		t.Run(name+"/postgres", func(t *testing.T) {
			wefttest.NewServerWith(t, wefttest.Options{Database: storetest.PostgresURL(t)}).RunScenario(t, file)
		})
		t.Run(name+"/uncached", func(t *testing.T) {
			wefttest.NewServerWith(t, wefttest.Options{NoCache: true}).RunScenario(t, file)
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
		if !slices.Contains(called, path) {
			t.Errorf("no scenario calls %s", path)
		}
	}
}
