package migrations_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"weft/internal/store/migrations"
	"weft/internal/store/storetest"
)

// Statements of migrations, as they may be where servers of an older version go on beside them.
var (
	comment     = regexp.MustCompile(`(?m)--.*$`)
	create      = regexp.MustCompile(`^create table (\w+) \(`)
	index       = regexp.MustCompile(`^create (unique )?index (\w+) on (\w+) \(`)
	indexLater  = regexp.MustCompile(`^create index /\* concurrently \*/ (\w+) on (\w+) \(`)
	unindex     = regexp.MustCompile(`^drop index /\* concurrently \*/ if exists (\w+)$`)
	addColumn   = regexp.MustCompile(`^alter table (\w+) add column \w+ (text|bigint)( not null default ('[^']*'|[0-9]+)| default ('[^']*'|[0-9]+))?$`)
	dropColumn  = regexp.MustCompile(`^alter table (\w+) drop column \w+$`)
	dropTable   = regexp.MustCompile(`^drop table (\w+)$`)
	insert      = regexp.MustCompile(`^insert into (\w+) `)
	transaction = "-- +goose NO TRANSACTION"
)

// breaks is why a migration is not what it says: a server that knows the schema of version Oldest could not go on beside it, or
// would be kept waiting; empty where it is.
func breaks(m migrations.Migration) string {
	if m.Oldest == m.Version { // it says that nobody can
		return ""
	}
	made, changed := map[string]bool{"compatible_migrations": true}, map[string]bool{}
	alone := strings.Contains(m.SQL, transaction)
	for text := range strings.SplitSeq(comment.ReplaceAllString(m.SQL, ""), ";") {
		text = strings.TrimSpace(text)
		ofTable := func(form *regexp.Regexp, group int) bool {
			found := form.FindStringSubmatch(text)
			if found != nil && !made[found[group]] {
				changed[found[group]] = true
			}
			return found != nil
		}
		switch {
		case text == "":
		case create.MatchString(text):
			made[create.FindStringSubmatch(text)[1]] = true
		case ofTable(index, 3):
			if !made[index.FindStringSubmatch(text)[3]] {
				return "an index on a table that is there has to be made concurrently: " + text
			}
		case alone && (unindex.MatchString(text) || ofTable(indexLater, 2)):
		case insert.MatchString(text) && made[insert.FindStringSubmatch(text)[1]]:
		case !alone && ofTable(addColumn, 1):
		case !alone && m.Oldest > 0 && (ofTable(dropColumn, 1) || ofTable(dropTable, 1)):
		default:
			return "older servers cannot go on beside, or are kept waiting by: " + text
		}
	}
	if alone && strings.Contains(m.SQL, "create index") && !strings.Contains(m.SQL, "drop index") {
		return "an index that was broken off stays and is not valid: drop it first"
	}
	if len(changed) > 1 {
		return fmt.Sprintf("it changes %d tables that are there, and would wait for one while it keeps others from another", len(changed))
	}
	return ""
}

// Every migration that says that older servers can go on beside it keeps to the rule.
func TestMigrationsAreCompatibleAsTheySay(t *testing.T) {
	all, err := migrations.All()
	if err != nil || len(all) < 10 {
		t.Fatalf("%d migrations, %v", len(all), err)
	}
	for i, m := range all {
		if why := breaks(m); why != "" {
			t.Errorf("%s: %s", m.Name, why)
		}
		if len(m.Name) < 6 || m.Name[4] != '_' || m.Version < 1 || i > 0 && m.Version <= all[i-1].Version {
			t.Errorf("%s: version %d, after %d", m.Name, m.Version, all[max(i, 1)-1].Version)
		}
	}
}

func TestBreakingMigrationsAreFound(t *testing.T) {
	for statements, want := range map[string]string{
		"create table a (b text);\ncreate unique index a_b on a (b);\ninsert into a (b) values ('x');": "",
		"alter table items add column flavour text;":                                                   "",
		"alter table items add column flavour text not null default '';":                               "",
		"alter table items add column a bigint;\nalter table items add column b bigint default 0;":     "",
		"alter table items add column flavour text not null;":                                          "cannot go on",
		"alter table items add column flavour text unique;":                                            "cannot go on",
		"alter table items add column a bigint;\nalter table accounts add column a bigint;":            "changes 2 tables",
		"alter table items drop column user_id;":                                                       "cannot go on",
		"alter table items rename column user_id to person;":                                           "cannot go on",
		"alter table items alter column version type text;":                                            "cannot go on",
		"drop table items;":                              "cannot go on",
		"drop index items_user;":                         "cannot go on",
		"update items set user_id = '';":                 "cannot go on",
		"insert into items (item_key) values ('');":      "cannot go on",
		"create index a on items (user_id);":             "concurrently",
		"create unique index a on items (user_id);":      "concurrently",
		"create index /* concurrently */ a on items (b)": "cannot go on",
	} {
		m := migrations.Migration{Version: 9001, SQL: storetest.Compatible(9001, 0, statements)}
		if why := breaks(m); (why == "") != (want == "") || !strings.Contains(why, want) {
			t.Errorf("%s: %q, want %q", statements, why, want)
		}
	}
	later := migrations.Migration{Version: 9002, Oldest: 9001, SQL: storetest.Compatible(9002, 9001, "alter table items drop column user_id;")}
	if why := breaks(later); why != "" {
		t.Errorf("what the version before does not use any more may go: %s", why)
	}
	indexing := migrations.Migration{Version: 9003, SQL: storetest.Indexing(9003, "a", "items (user_id)")}
	if why := breaks(indexing); why != "" {
		t.Error(why)
	}
	indexing.SQL = strings.Replace(indexing.SQL, "drop index /* concurrently */ if exists a;", "", 1)
	if why := breaks(indexing); !strings.Contains(why, "drop it first") {
		t.Errorf("an index that may be half there: %q", why)
	}
}

// A migration that says of itself what cannot be is refused, whoever would run it.
func TestMarksAreRead(t *testing.T) {
	for text, want := range map[string]int64{
		"create table a (b text);":           9001,
		storetest.Compatible(9001, 0, ""):    0,
		storetest.Compatible(9001, 17, ""):   17,
		storetest.Compatible(9002, 17, ""):   -1,
		storetest.Compatible(9001, 9001, ""): -1,
		"insert into compatible_migrations (version, oldest) values (9001, 99999999999999999999);": -1,
	} {
		undo := storetest.Upgrade(map[string]string{"9001_next.sql": text})
		all, err := migrations.All()
		undo()
		if want < 0 {
			if err == nil || !strings.Contains(err.Error(), "9001_next.sql") {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if err != nil || all[len(all)-1].Version != 9001 || all[len(all)-1].Oldest != want {
			t.Errorf("%s: %+v, %v", text, all[len(all)-1], err)
		}
	}
}

// For PostgreSQL a migration waits for locks for a moment alone, and what takes long locks nobody out.
func TestPostgresFiles(t *testing.T) {
	undo := storetest.Upgrade(map[string]string{"9001_column.sql": storetest.Compatible(9001, 0, "alter table a add column b text;"), "9002_index.sql": storetest.Indexing(9002, "a_b", "a (b)")})
	defer undo()
	files := migrations.Postgres()
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		if name == "9002_index.sql" {
			if !strings.Contains(text, "create index concurrently a_b on a (b)") || strings.Contains(text, "lock_timeout") {
				t.Error(text)
			}
		} else if !strings.HasPrefix(text, "-- +goose Up\nset local lock_timeout = '500ms';\n") {
			t.Errorf("%s begins with %.80q", name, text)
		}
	}
	if _, err := files.Open("none.sql"); err == nil {
		t.Error("a file that is not there")
	}
}
