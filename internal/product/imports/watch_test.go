package imports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/plaid"
	"weft/internal/product/imports"
	"weft/internal/server"
	"weft/internal/store"
	"weft/wefttest"
)

// bankStatement is a file of a bank's account with as many transactions.
func bankStatement(bank string, rows int) string {
	text := "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>" +
		"<DTSERVER>20261101<LANGUAGE>ENG" + bank + "</SONRS></SIGNONMSGSRSV1>\n<BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD" +
		"<BANKACCTFROM><ACCTID>1122<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261001<DTEND>20261031\n"
	for i := range rows {
		text += fmt.Sprintf("<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>202610%02d<TRNAMT>-5.00<FITID>%d<NAME>Shop</STMTTRN>\n", i+1, i)
	}
	return text + "</BANKTRANLIST><LEDGERBAL><BALAMT>50<DTASOF>20261031</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
}

const oak, elm = "<FI><ORG>Oak Bank<FID>1</FI>", "<FI><ORG>Elm Bank<FID>2</FI>"

// newServer is a server that does not serve.
func newServer(t *testing.T, log io.Writer, change func(*server.Config)) *server.Server {
	t.Helper()
	cfg := server.Config{
		Storage: server.Storage{DataDir: t.TempDir(), Exclusive: true}, Listen: "127.0.0.1:0", Seed: "watch",
		Clock: clock.NewManual(wefttest.Start), Log: slog.New(slog.NewJSONHandler(log, nil)), CacheBytes: 1 << 20,
	}
	if change != nil {
		change(&cfg)
	}
	srv, err := server.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	return srv
}

// folder is a watched folder.
type folder struct {
	*testing.T
	*imports.Watcher
	log  bytes.Buffer
	time time.Time
}

func watch(t *testing.T, change func(*server.Config)) *folder {
	t.Helper()
	f := &folder{T: t, time: wefttest.Start}
	srv := newServer(t, &f.log, change)
	f.Watcher = &imports.Watcher{
		Items: srv.Items, Tenant: store.Tenant{Client: srv.Client.ClientID, Environment: plaid.Production},
		Dir: filepath.Join(t.TempDir(), "inbox"), Log: slog.New(slog.NewJSONHandler(&f.log, nil)),
	}
	f.must(os.Mkdir(f.Dir, 0o700))
	return f
}

func (f *folder) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// put writes a file, which is a second younger than the one before.
func (f *folder) put(name, content string) {
	f.Helper()
	path := filepath.Join(f.Dir, name)
	f.must(os.WriteFile(path, []byte(content), 0o600))
	f.touch(name)
}

func (f *folder) touch(name string) {
	f.Helper()
	f.time = f.time.Add(time.Second)
	f.must(os.Chtimes(filepath.Join(f.Dir, name), f.time, f.time))
}

// look looks so many times and fails the test unless just these lines were logged: a line is its level, message, file, and
// the rest as JSON has it; the wanted one names parts of it, in their order.
func (f *folder) look(what string, times int, want ...string) {
	f.Helper()
	f.log.Reset()
	for range times {
		f.Look(f.Context())
	}
	said := strings.Split(strings.TrimSpace(f.log.String()), "\n")
	if f.log.Len() == 0 {
		said = nil
	}
	if len(said) != len(want) {
		f.Errorf("%s: logged %d lines, want %d: %q", what, len(said), len(want), said)
		return
	}
	for i, parts := range want {
		if ok, err := regexp.MatchString("(?i)"+strings.ReplaceAll(parts, " … ", ".*"), said[i]); err != nil || !ok {
			f.Errorf("%s: logged %s, want %s", what, said[i], parts)
		}
	}
}

// banks are the institutions of the tenant's Items, sorted.
func (f *folder) banks() string {
	f.Helper()
	list, err := f.Items.List(f.Context(), f.Tenant)
	f.must(err)
	var names []string
	for _, it := range list {
		names = append(names, it.InstitutionName)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

const newItem = "INFO … has made a new Item"

// A file is read when it is the same in two looks running, and again when its content changes.
func TestWatchReadsWhatIsWritten(t *testing.T) {
	f := watch(t, nil)
	whole := bankStatement(oak, 3)
	f.look("an empty folder", 2)
	f.put("oak.ofx", "")
	f.look("a file with nothing in it yet", 3)
	f.put("oak.ofx", whole[:len(whole)/2])
	f.look("half of it", 1)
	f.put("oak.ofx", whole)
	f.look("all of it", 1)
	f.touch("oak.ofx")
	f.look("still at work on it", 1)
	if f.banks() != "" {
		t.Errorf("imported %s", f.banks())
	}
	f.look("done", 3, `INFO … imported a watched file","file":"oak.ofx","item_id":"[0-9A-Za-z]{37}","institution":"Oak Bank","accounts":{"added":1 … "transactions":{"added":3,"changed":0,"removed":0}`,
		newItem+` … "file":"oak.ofx","item_id":"([0-9A-Za-z]{37})","command":"weft items token [0-9A-Za-z]{37}"`)
	f.touch("oak.ofx")
	f.look("the same content", 4)
	f.put("oak.ofx", bankStatement(oak, 5))
	f.look("new content", 3, `INFO … imported … "transactions":{"added":2,`)
	f.must(os.Remove(filepath.Join(f.Dir, "oak.ofx")))
	f.look("it has gone", 2)
	f.put("oak.ofx", bankStatement(oak, 5))
	f.look("it was put back", 3, `INFO … imported … "transactions":{"added":0,`)
	if f.banks() != "Oak Bank" {
		t.Errorf("Items at %s", f.banks())
	}
}

// Why a file is not imported is told once for each content, and the others are imported all the same.
func TestWatchTellsOnce(t *testing.T) {
	f := watch(t, nil)
	f.put("a.ofx", "Date,Amount,Text\n")
	f.put("b.ofx", bankStatement(oak, 1))
	f.look("a table", 4, `WARN … a watched file is not imported","file":"a.ofx","reason":"the file is no OFX statement but a table`, "INFO … b.ofx", newItem)
	f.touch("a.ofx")
	f.look("the same table", 3)
	f.put("a.ofx", "Date,Amount,Text\n1,2,3\n")
	f.look("another table", 3, `WARN … a.ofx`)
	f.put("a.ofx", strings.Replace(bankStatement(elm, 2), "<TRNAMT>-5.00", "<TRNAMT>x", 1))
	f.look("a statement", 3, `INFO … a.ofx … "transactions":{"added":1,`, newItem, `WARN … parts of a watched file could not be read … "file":"a.ofx","parts":2,"first":"line [0-9]+: TRNAMT: expected`)
	if f.banks() != "Elm Bank, Oak Bank" {
		t.Errorf("Items at %s", f.banks())
	}
	large := filepath.Join(f.Dir, "large.qfx")
	f.put("large.qfx", "x")
	f.must(os.Truncate(large, 64<<20+1))
	f.touch("large.qfx")
	f.look("a large file", 4, `WARN … large.qfx","reason":"the file has more than 64 MiB`)
	f.put("large.qfx", bankStatement(oak, 1))
	f.look("a smaller one", 3, "INFO … large.qfx")
}

func TestWatchCannotRead(t *testing.T) {
	if os.Geteuid() == 0 { // who may read everything: there is nothing to be seen
		return
	}
	f := watch(t, nil)
	f.put("a.ofx", bankStatement(oak, 1))
	path := filepath.Join(f.Dir, "a.ofx")
	f.must(os.Chmod(path, 0))
	f.look("no right to read it", 4, `WARN … a.ofx","reason":"it cannot be read: permission denied`)
	f.must(os.Chmod(path, 0o600))
	f.look("the right was given", 1, "INFO", newItem)
}

// Only regular files with a statement's name count: no links, which may lead out of the folder, and no downloads under way.
func TestWatchIgnores(t *testing.T) {
	f := watch(t, nil)
	outside := filepath.Join(t.TempDir(), "outside.ofx")
	f.must(os.WriteFile(outside, []byte(bankStatement(elm, 1)), 0o600))
	f.must(os.Symlink(outside, filepath.Join(f.Dir, "link.ofx")))
	f.must(os.Symlink("oak.ofx.part", filepath.Join(f.Dir, "inside.ofx")))
	f.must(os.Symlink("nowhere", filepath.Join(f.Dir, "dangling.ofx")))
	f.must(os.Mkdir(filepath.Join(f.Dir, "folder.ofx"), 0o700))
	for _, name := range []string{"oak.ofx.part", "oak.ofx.crdownload", "oak.ofx.tmp", ".oak.ofx", "oak.txt", "ofx", "oak.ofx~", "folder.ofx/oak.ofx"} {
		f.put(name, bankStatement(elm, 1))
	}
	f.look("what is none", 3)
	f.put("A.OFX", bankStatement(oak, 1))
	f.put("b.Qfx", bankStatement(oak, 2))
	f.put("c.qbo", bankStatement(oak, 3))
	f.look("what is one", 3, "INFO … A.OFX", newItem, "INFO … b.Qfx", "INFO … c.qbo")
	if f.banks() != "Oak Bank" {
		t.Errorf("Items at %s", f.banks())
	}
	if left, err := os.ReadDir(f.Dir); err != nil || len(left) != 14 {
		t.Errorf("%d things are left in the folder, %v", len(left), err)
	}
}

func TestWatchFolderGoneAndBack(t *testing.T) {
	f := watch(t, nil)
	f.put("oak.ofx", bankStatement(oak, 1))
	f.look("it is there", 3, "INFO", newItem)
	f.must(os.Rename(f.Dir, f.Dir+".away"))
	f.look("it is gone", 3, `WARN … the watched folder cannot be read … "reason":"no such file or directory"`)
	f.must(os.Rename(f.Dir+".away", f.Dir))
	f.put("elm.ofx", bankStatement(elm, 1))
	f.look("it is back", 3, "INFO … the watched folder is back", "INFO … elm.ofx", newItem)
	f.must(os.Rename(f.Dir, f.Dir+".away"))
	f.look("it is gone again", 1, "WARN")
}

// A new Item has a token that can be asked for, and none in the log.
func TestWatchLogsNoToken(t *testing.T) {
	f := watch(t, nil)
	f.put("oak.ofx", bankStatement(oak, 1))
	f.look("a new Item", 2, "INFO", newItem)
	if said := f.log.String(); strings.Contains(said, "access-") || strings.Contains(said, "1122") || !strings.Contains(said, "weft items token ") {
		t.Errorf("logged %s", said)
	}
}

// A failure of the server's own is told once, and the file is tried again: the more rarely, the longer it lasts.
func TestWatchTriesAgain(t *testing.T) {
	attempts, failing := 0, false
	f := watch(t, func(cfg *server.Config) {
		cfg.Observe = func(query string, _ []any) {
			if failing && strings.HasPrefix(strings.TrimSpace(query), "select i.item_id from connections") {
				attempts++
			}
		}
	})
	f.put("oak.ofx", bankStatement(oak, 1))
	f.look("it is new", 1)
	failing = true
	restore := f.breakItems()
	f.look("the database fails", 20, `ERROR … a watched file could not be imported now … "file":"oak.ofx"`)
	if attempts != 5 { // at the looks 1, 2, 4, 8 and 16
		t.Errorf("%d attempts in 20 looks", attempts)
	}
	restore()
	f.look("it works again", 20, "INFO … oak.ofx", newItem)
}

// breakItems lets the tables of Items be gone until restore is called.
func (f *folder) breakItems() (restore func()) {
	f.Helper()
	rename := func(from, to string) {
		f.must(f.Items.DB.Write(f.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(f.Context(), "alter table "+from+" rename to "+to)
			return err
		}))
	}
	rename("items", "items_away")
	return func() { rename("items_away", "items") }
}

// A fault of the program is told once and ends neither the server nor the import of other files.
func TestWatchOutlivesAPanic(t *testing.T) {
	failing := false
	f := watch(t, func(cfg *server.Config) {
		cfg.Observe = func(string, []any) {
			if failing {
				failing = false
				panic("broken")
			}
		}
	})
	f.put("a.ofx", bankStatement(oak, 1))
	f.put("b.ofx", bankStatement(elm, 1))
	f.look("they are new", 1)
	failing = true
	f.look("one panics", 5, `ERROR … panicked","file":"a.ofx","panic":"broken","stack":`, "INFO … b.ofx", newItem)
	f.put("a.ofx", bankStatement(oak, 2))
	f.look("it has changed", 3, "INFO … a.ofx", newItem)
}

// An import that is stopped by the server's end is no failure.
func TestWatchStops(t *testing.T) {
	f := watch(t, nil)
	f.put("oak.ofx", bankStatement(oak, 1))
	f.look("it is new", 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.log.Reset()
	f.Look(ctx)
	if f.log.Len() > 0 || f.banks() != "" {
		t.Errorf("logged %s, imported %s", &f.log, f.banks())
	}
	f.look("another start", 1, "INFO", newItem)
}

// signals is a log that tells of one message.
type signals struct {
	message string
	seen    chan string
}

func (s signals) Write(line []byte) (int, error) {
	var entry struct{ Msg, File string }
	if err := json.Unmarshal(line, &entry); err == nil && entry.Msg == s.message {
		s.seen <- entry.File
	}
	return len(line), nil
}

// A server watches its folder for as long as it serves.
func TestServerWatches(t *testing.T) {
	dir := t.TempDir()
	log := signals{"imported a watched file", make(chan string, 10)}
	srv := newServer(t, log, func(cfg *server.Config) { cfg.WatchDir, cfg.WatchEvery = dir, time.Millisecond })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ctx) }()
	for _, name := range []string{"oak.ofx", "elm.qfx"} {
		// A file that is there whole at once, so that no look sees a part of it twice.
		if err := os.WriteFile(filepath.Join(dir, name+".part"), []byte(bankStatement(oak, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, name+".part"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if got := <-log.seen; got != name {
			t.Errorf("imported %s, want %s", got, name)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
