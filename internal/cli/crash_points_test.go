package cli_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/item"
	"weft/internal/needs"
	"weft/internal/product/imports"
	"weft/internal/server"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// victimVariable makes the test's own program a server that kills itself at a named point.
const victimVariable = "WEFT_TEST_VICTIM"

// victim says what a server does, and where it dies.
type victim struct {
	Data, Database string
	// Does is "link", "refresh", "import", "report" or "serve": a report that waits is made by the due jobs, or by a server that
	// is told to stop at the point.
	Does string
	// Point is how many statements and commits of the work it lives through; 0 for all. Late is how many microseconds later
	// it dies, for the middle of a commit.
	Point, Late int64
	// Hour is how many hours later its clock stands.
	Hour int
}

// runAsVictim starts a server, does the work, prints how many points there were, and ends the program.
func runAsVictim(line string) {
	var v victim
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		panic(err)
	}
	points, err := v.run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(points); err != nil {
		panic(err)
	}
	os.Exit(0)
}

// linkDay is when the victim's Item is linked; it is refreshed a month later.
var linkDay = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

var production = store.Tenant{Client: "5f1a2b3c4d5e6f7a8b9c0d1e", Environment: "production"}

// run returns the points that the work has passed.
func (v victim) run() (points []string, err error) {
	working := atomic.Bool{}
	now := linkDay
	if v.Does == "refresh" {
		now = linkDay.AddDate(0, 1, 0)
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	var mu sync.Mutex
	now = now.Add(time.Duration(v.Hour) * time.Hour)
	observe := func(query string, _ []any) {
		if !working.Load() {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		points = append(points, query)
		if int64(len(points)) == v.Point && v.Does == "serve" {
			stop()
		} else if int64(len(points)) == v.Point {
			kill := func() { _ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL) }
			if v.Late == 0 {
				kill()
			}
			time.AfterFunc(time.Duration(v.Late)*time.Microsecond, kill)
		}
	}
	s, err := server.New(ctx, server.Config{
		Storage: server.Storage{DataDir: v.Data, DatabaseURL: v.Database, Exclusive: true}, Listen: "127.0.0.1:0", Seed: "victim",
		Clock: clock.NewManual(now), Log: slog.New(slog.DiscardHandler), Observe: observe,
		Preset: client.Preset{ClientID: production.Client, Secrets: client.Secrets{}},
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	sandbox := store.Tenant{Client: production.Client, Environment: "sandbox"}
	working.Store(true)
	defer working.Store(false)
	switch v.Does {
	case "import":
		result, importErr := imports.Import(ctx, s.Items, production, "bank.ofx", []byte(statementFile(300)), imports.Options{})
		if result.Error != nil {
			return nil, errors.New(result.Error.ErrorMessage)
		}
		return points, importErr
	case "report":
		_, err = s.Jobs.RunDue(ctx)
	case "serve":
		err = s.Serve(ctx)
		mu.Lock()
		defer mu.Unlock()
	case "link":
		_, err = s.Items.Link(ctx, sandbox, item.LinkRequest{InstitutionID: "ins_109508", Username: "user_investor", Password: "x",
			Products: []string{"investments"}, Webhook: "https://receiver.example/"})
	default:
		var items []item.Item
		if items, err = s.Items.List(ctx, sandbox); err == nil {
			_, err = s.Items.Refresh(ctx, items[0])
		}
	}
	return points, err
}

// start runs the victim in a process of its own and returns its points, or that it was killed.
func (v victim) start(t *testing.T) (points []string, killed bool) {
	t.Helper()
	line, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimVariable+"="+string(line))
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled() {
		storetest.Ended(t, v.Database)
		return nil, true
	}
	if err != nil {
		t.Fatalf("%+v: %v\n%s", v, err, complaint.String())
	}
	if err := json.Unmarshal(out, &points); err != nil {
		t.Fatal(err)
	}
	return points, false
}

// everything is all bank data of a database and the webhooks that tell of it, in order.
func everything(t *testing.T, v victim) []string {
	t.Helper()
	var db *store.DB
	var err error
	if v.Database != "" {
		db, err = store.OpenPostgres(t.Context(), store.PostgresOptions{URL: v.Database, Now: clock.System{}.Now})
	} else {
		db, err = store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: filepath.Join(v.Data, "weft.db"), Now: clock.System{}.Now})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	rows, err := db.Query(t.Context(), `select 'account ' || native_key || ' ' || position || ' ' || as_of from accounts
		union all select kind || ' ' || document from documents
		union all select 'security ' || native_key || ' ' || document from item_securities
		union all select 'investment ' || ordinal || ' ' || native_key || ' ' || document from investment_transactions
		union all select 'transaction ' || native_key || ' ' || sequence || ' ' || removed || ' ' || source from transactions
		union all select 'item ' || version || ' ' || state from items
		union all select 'connection ' || connector from connections
		union all select 'webhook ' || position || ' ' || state || ' ' || body from webhooks
		union all select 'job ' || args from jobs where kind = 'webhook'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		all = append(all, stripIDs(row))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// wholePostgres is how many are killed on PostgreSQL in the whole check: for a refresh enough for each of its points.
var wholePostgres = map[string]int{"import": 8, "refresh": 64}

// A server that is killed at any statement or commit of an import or a refresh leaves the state before it or the state
// after it; started again, and the work done again, it is where an undisturbed one is.
func TestKilledAtNamedPoints(t *testing.T) {
	for _, does := range []string{"import", "refresh"} {
		linked := victim{Data: t.TempDir(), Does: "link"}
		linked.start(t)
		t.Run(does, func(t *testing.T) {
			killAtPoints(t, does, needs.Cycles(12, 100), func() victim {
				v := victim{Data: filepath.Join(t.TempDir(), "data"), Does: does}
				err := os.CopyFS(v.Data, os.DirFS(linked.Data))
				if err = errors.Join(err, os.Chmod(filepath.Join(v.Data, "weft.key"), 0o600)); err != nil {
					t.Fatal(err)
				}
				return v
			})
		})
		t.Run(does+" postgres", func(t *testing.T) {
			killAtPoints(t, does, needs.Cycles(4, wholePostgres[does]), func() victim {
				v := victim{Data: t.TempDir(), Database: storetest.PostgresURL(t), Does: "link"}
				v.start(t)
				v.Does = does
				return v
			})
		})
	}
}

func killAtPoints(t *testing.T, does string, cycles int, prepare func() victim) {
	undisturbed := prepare()
	before := everything(t, undisturbed)
	points, _ := undisturbed.start(t)
	want := everything(t, undisturbed)
	undisturbed.start(t)
	again := everything(t, undisturbed)
	if does == "refresh" && webhooks(want) <= webhooks(before) {
		t.Fatal("the refresh tells nobody: the test proves nothing of webhooks")
	}
	if slices.Equal(before, want) || !slices.Equal(want, again) {
		t.Fatalf("the work changes %d rows to %d, and done again to %d", len(before), len(want), len(again))
	}
	random := rand.New(rand.NewPCG(3, 4))
	unchanged, changed, step := 0, 0, max(1, 2*len(points)/cycles)
	met := map[int64]bool{}
	for cycle, next := 0, 0; cycle < cycles; cycle++ {
		v := prepare()
		switch { // the commits are worth more than their share
		case cycle%3 == 0:
			v.Point, v.Late = commitPoint(points, store.Committing), random.Int64N(1500)
		case cycle%10 == 1:
			v.Point = commitPoint(points, store.Committed)
		default:
			v.Point = 1 + int64(next*step%len(points))
			next++
		}
		met[v.Point] = true
		_, killed := v.start(t)
		switch got := everything(t, v); {
		case slices.Equal(got, before):
			unchanged++
		case slices.Equal(got, want):
			changed++
		default:
			t.Fatalf("killed at point %d of %d, it left %d rows, neither the %d before nor the %d after (killed %v)", v.Point, len(points), len(got), len(before), len(want), killed)
		}
		if does == "refresh" && killed { // a lease of the dead is waited out
			waitOut(t, v)
		}
		v.Point, v.Late = 0, 0
		v.start(t)
		if got := everything(t, v); !slices.Equal(got, want) {
			t.Fatalf("killed and done again, it has %d rows, an undisturbed one %d", len(got), len(want))
		}
	}
	if len(met) < min(len(points), cycles/2) {
		t.Errorf("killed at %d of %d points", len(met), len(points))
	}
	t.Logf("at %d of %d points; of %d killed, %d had not committed, %d had", len(met), len(points), cycles, unchanged, changed)
	if unchanged == 0 || changed == 0 {
		t.Error("the kills were all on one side of the commit: the test proves nothing")
	}
}

// webhooks counts those in a database.
func webhooks(rows []string) (n int) {
	for _, row := range rows {
		if strings.HasPrefix(row, "webhook ") {
			n++
		}
	}
	return n
}

// commitPoint is the last commit of the work, which is that of the data.
func commitPoint(points []string, what string) int64 {
	for i := len(points) - 1; i >= 0; i-- {
		if points[i] == what {
			return int64(i + 1)
		}
	}
	return 0
}

// waitOut ends the lease that a killed server has left, as time would: the victims' clock stands.
func waitOut(t *testing.T, v victim) {
	t.Helper()
	var db *store.DB
	var err error
	if v.Database != "" {
		db, err = store.OpenPostgres(t.Context(), store.PostgresOptions{URL: v.Database, Now: clock.System{}.Now})
	} else {
		db, err = store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: filepath.Join(v.Data, "weft.db"), Now: clock.System{}.Now})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the next server would notice
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `update connections set lease_until = 0 where lease_until is not null`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var randomID = regexp.MustCompile(`[0-9A-Za-z]{37}`)

// stripIDs takes the ids out of a row: an Item's is random, and others are derived from it.
func stripIDs(row string) string { return randomID.ReplaceAllString(row, "id") }
