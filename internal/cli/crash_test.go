package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"weft/internal/cli"
	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// commandVariable makes the test's own program a weft command: the child of a crash test.
const commandVariable = "WEFT_TEST_COMMAND"

// commandLine is what a weft command is given: NAME=value pairs and words. With Migrations it is one of a later version.
type commandLine struct {
	Env, Args  []string
	Migrations map[string]string
}

// runAsCommand runs the command line that the parent has written down, and ends the program. As the program itself does, it
// stops where it is told to.
func runAsCommand(line string) {
	var c commandLine
	if err := json.Unmarshal([]byte(line), &c); err != nil {
		panic(err)
	}
	storetest.Upgrade(c.Migrations)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	status := cli.Run(ctx, c.Args, c.Env, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// command is a weft command in a process of its own.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	return laterCommand(t, nil, env, args...)
}

// laterCommand is a command of a later version of the program, which has more migrations.
func laterCommand(t *testing.T, migrations map[string]string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	line, err := json.Marshal(commandLine{env, args, migrations})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), commandVariable+"="+string(line))
	return cmd
}

// An import that is killed at any moment leaves the state before it or the state after it, and importing the file again
// ends where an undisturbed import does: nothing is lost, nothing is there twice.
func TestImportSurvivesBeingKilled(t *testing.T) {
	const kills = 40
	file := filepath.Join(t.TempDir(), "statement.ofx")
	if err := os.WriteFile(file, []byte(statementFile(2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	undisturbed, _ := used(t)
	start := time.Now()
	if out, err := command(t, nil, "import", "--data", undisturbed, file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := time.Since(start)
	want := content(t, undisturbed)
	if len(want) != 2001 {
		t.Fatalf("an import leaves %d rows", len(want))
	}
	random := rand.New(rand.NewPCG(1, 2))
	before, after := 0, 0
	for range kills {
		data, _ := used(t)
		cmd := command(t, nil, "import", "--data", data, file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// The moment is drawn over the time that a whole import takes; the timer is the murderer, nobody waits for it.
		timer := time.AfterFunc(time.Duration(random.Int64N(int64(whole))), func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		switch got := content(t, data); {
		case len(got) == 0 && err != nil:
			before++
		case slices.Equal(got, want):
			after++
		default:
			t.Fatalf("a killed import has left %d of %d rows (%v)", len(got), len(want), err)
		}
		if out, err := command(t, nil, "import", "--data", data, file).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := content(t, data); !slices.Equal(got, want) {
			t.Fatalf("importing again has left %d rows, an undisturbed import %d", len(got), len(want))
		}
	}
	t.Logf("%d killed before the commit, %d after it or not at all", before, after)
	if before == 0 {
		t.Error("no import was killed before its commit: the test proves nothing")
	}
}

// content is what a database has of imports: the accounts' keys and the transactions.
func content(t *testing.T, data string) []string {
	t.Helper()
	db, err := store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: filepath.Join(data, "weft.db"), Now: clock.System{}.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	rows, err := db.Query(t.Context(), `select native_key from accounts union all select native_key || source from transactions`)
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
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// statementFile is a bank statement of so many transactions.
func statementFile(transactions int) string {
	var b strings.Builder
	b.WriteString("OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261101" +
		"<LANGUAGE>ENG<FI><ORG>Larkfield Savings<FID>12</FI></SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>" +
		"<STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>021000021<ACCTID>5550001234<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20260101<DTEND>20261031\n")
	for i := range transactions {
		fmt.Fprintf(&b, "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>2026%02d%02d<TRNAMT>-%d.%02d<FITID>F%d<NAME>SHOP %d</STMTTRN>\n", 1+i%10, 1+i%28, i%90, i%100, i, i%7)
	}
	b.WriteString("</BANKTRANLIST><LEDGERBAL><BALAMT>100.00<DTASOF>20261031</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n")
	return b.String()
}
