package cli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"weft/internal/needs"
	"weft/internal/store/migrations"
)

// What the SQL of this program uses beside plain reading and writing of rows by keys. docs/operations.md says of each that the
// distributed engine has it.
var uses = map[string]*regexp.Regexp{
	"insert … on conflict do nothing / do update": regexp.MustCompile(`on conflict`),
	"returning":                           regexp.MustCompile(`\breturning\b`),
	"for update":                          regexp.MustCompile(`\bfor update\b`),
	"skip locked":                         regexp.MustCompile(`\bskip locked\b`),
	"pg_advisory_xact_lock":               regexp.MustCompile(`\bpg_advisory_xact_lock\b`),
	"with … as materialized":              regexp.MustCompile(`^with `),
	"comparison of rows, (a, b) > (c, d)": regexp.MustCompile(`\([\w.]+(, ?[\w.]+)+\) ?[<>]`),
	"joins":                               regexp.MustCompile(`\bjoin\b`),
	"union all":                           regexp.MustCompile(`\bunion all\b`),
	"case":                                regexp.MustCompile(`\bcase\b`),
	"limit, offset":                       regexp.MustCompile(`\b(limit|offset)\b`),
	"foreign keys":                        regexp.MustCompile(`\breferences\b`),
	"partial indexes":                     regexp.MustCompile(`(?s)create (unique )?index[^;]* where `),
	"unique indexes that are not the primary key": regexp.MustCompile(`create unique index|\w+ +text +(not null )?unique`),
	"create index concurrently":                   regexp.MustCompile(`create index concurrently`),
	"window functions":                            regexp.MustCompile(`\bover ?\(`),
	"lateral":                                     regexp.MustCompile(`\blateral\b`),
	"exists":                                      regexp.MustCompile(`\bexists ?\(`),
	"group by":                                    regexp.MustCompile(`\bgroup by\b`),
	"distinct":                                    regexp.MustCompile(`\bdistinct\b`),
	"update … from":                               regexp.MustCompile(`^update \w+ set [^()]* from `),
	"lists of values":                             regexp.MustCompile(`\(values `),
}

// avoided is what YugabyteDB does not have by its documentation of version 2025.1, or what costs more on many machines than on one.
// Locks of sessions, which it has, are asked for by the tool that migrates alone.
var avoided = map[string]*regexp.Regexp{
	"listen and notify":           regexp.MustCompile(`^(listen|unlisten|notify) \w+|\bpg_notify\b`),
	"locks of tables":             regexp.MustCompile(`\block table\b`),
	"deferred constraints":        regexp.MustCompile(`\bdeferr|set constraints`),
	"exclusion":                   regexp.MustCompile(`\bexclude using\b`),
	"inheritance":                 regexp.MustCompile(`\binherits\b`),
	"generated columns":           regexp.MustCompile(`generated always`),
	"sequences":                   regexp.MustCompile(`\b(nextval|currval|setval|serial|bigserial|create sequence)\b`),
	"places and versions of rows": regexp.MustCompile(`\b(ctid|xmin|xmax|tableoid|txid_current|pg_current_xact_id)\b`),
	"two-phase commit":            regexp.MustCompile(`prepare transaction`),
	"cursors":                     regexp.MustCompile(`\bdeclare \w+ .*cursor\b`),
	"temporary tables":            regexp.MustCompile(`create (temp|unlogged)`),
	"triggers and rules":          regexp.MustCompile(`create (or replace )?(constraint )?(trigger|rule|function|procedure)`),
	"session locks":               regexp.MustCompile(`\bpg_(try_)?advisory_(lock|unlock)`),
	"indexes of other kinds":      regexp.MustCompile(`using (gist|gin|brin|spgist|hash) `),
	"collations of its own":       regexp.MustCompile(`\bcollate\b`),
	"extensions":                  regexp.MustCompile(`create extension`),
	"samples":                     regexp.MustCompile(`\btablesample\b`),
	"all columns, whatever they are, so that a column more changes an answer": regexp.MustCompile(`select (\w+\.)?\*`),
	"recursion": regexp.MustCompile(`with recursive`),
}

// hints are sources of statements that nothing rests on: where the engine refuses them, servers wait a moment longer for each other, and
// who waits for rows is told so; what tells by snapshots what has changed is asked of PostgreSQL's own engine alone. docs/operations.md says
// what they are.
var hints = []string{"store/tell.go", "store/frozen.go", "store/marks/engines.go"}

// functions that statements may call.
var functions = strings.Fields(`version cast coalesce count max min sum length substring pg_advisory_xact_lock hashtextextended nullif current_schema current_database set_config`)

var (
	called = regexp.MustCompile(`\b([a-z_]+)\(`)
	quoted = regexp.MustCompile(`'[^']*'`)
	whole  = regexp.MustCompile(`^(select|insert into|update|delete from|with) \w`)
	piece  = regexp.MustCompile(`^\s*(for update|union all|order by|where|and|or|from|join|left join|on conflict|limit|returning|not exists|exists) `)
	spaces = regexp.MustCompile(`\s+`)
)

// fits reports why a statement would not run on the distributed engine, empty where it would.
func fits(statement string) string {
	text := quoted.ReplaceAllString(strings.TrimSpace(spaces.ReplaceAllString(statement, " ")), "''")
	for what, form := range avoided {
		if form.MatchString(text) {
			return what
		}
	}
	for _, m := range called.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(functions, m[1]) {
			return "the function " + m[1]
		}
	}
	return ""
}

// literals are the texts in the program's sources that begin as a statement or a part of one does.
func literals(t *testing.T) (statements, parts []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(needs.Root(t), "internal"), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(filepath.Dir(name), "test") ||
			slices.ContainsFunc(hints, func(source string) bool { return strings.HasSuffix(filepath.ToSlash(name), source) }) {
			return err
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				switch {
				case err != nil:
				case whole.MatchString(text):
					statements = append(statements, text)
				case piece.MatchString(text):
					parts = append(parts, text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return statements, parts
}

// The statements of the program and of its migrations ask nothing of PostgreSQL that YugabyteDB does not have, and docs/operations.md
// lists what they ask.
func TestSQLFitsADistributedEngine(t *testing.T) {
	statements, parts := literals(t)
	if len(statements) < 150 {
		t.Fatalf("only %d statements were found", len(statements))
	}
	for _, s := range statements {
		if why := fits(s); why != "" {
			t.Errorf("%s is asked for by\n%s", why, s)
		}
	}
	all, err := migrations.All()
	if err != nil {
		t.Fatal(err)
	}
	statements = append(statements, parts...)
	for _, m := range all {
		statements = append(statements, m.SQL)
		if why := fits(regexp.MustCompile(`--.*|\w+ \(`).ReplaceAllString(m.SQL, "")); why != "" {
			t.Errorf("%s is asked for by %s", why, m.Name)
		}
	}
	page, err := os.ReadFile(filepath.Join(needs.Root(t), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(uses)) {
		n := 0
		for _, s := range statements {
			if uses[name].MatchString(s) {
				n++
			}
		}
		listed := strings.Contains(string(page), "| "+name+" |")
		if t.Logf("%-45s %d", name, n); listed != (n > 0) {
			t.Errorf("%s: used by %d statements, listed in docs/operations.md: %v", name, n, listed)
		}
	}
}

func TestWhatDoesNotFitIsFound(t *testing.T) {
	for _, s := range []string{"listen items", "select pg_notify('a', 'b')", "lock table items in share mode", "select nextval('a')", "select ctid from items", "select * from items",
		"select i.* from items i", "select pg_advisory_lock(1)", "select lower(name) from clients", "with recursive a as (select 1) select 1", "create index a on b using gin (c)",
		"create table a (b bigserial primary key)", "create temp table a (b text)"} {
		if fits(s) == "" {
			t.Errorf("%s is taken for a statement that fits", s)
		}
	}
	if why := fits("select count(*), 'nextval(' from items where note = 'listen to me'"); why != "" {
		t.Error(why)
	}
}
