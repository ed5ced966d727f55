package bench

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite"
)

// Variables by which this program is a limit, and not a test.
const (
	limitVariable    = "WEFT_BENCH_LIMIT"    // bare, map or read
	documentVariable = "WEFT_BENCH_DOCUMENT" // file of the answer
	databaseVariable = "WEFT_BENCH_DATABASE" // of a point read: a SQLite file, or a connection string of PostgreSQL
	tokensVariable   = "WEFT_BENCH_TOKENS"   // file of the tokens
)

// serveLimit serves a limit until its standard input ends.
func serveLimit(kind string) error {
	document, err := os.ReadFile(os.Getenv(documentVariable))
	if err != nil {
		return err
	}
	known, err := knownTokens(os.Getenv(tokensVariable))
	if err != nil {
		return err
	}
	find := func(context.Context, [32]byte) ([]byte, error) { return document, nil }
	if kind == "read" {
		if find, err = pointRead(os.Getenv(databaseVariable), document, known); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // its end is the parent's
		os.Exit(0)
	}()
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		out := document
		if kind != "bare" && err == nil {
			out, err = lookUp(r.Context(), body, known, find)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(out)))
		_, _ = w.Write(out)
	}))
}

func lookUp(ctx context.Context, body []byte, known map[[32]byte]bool, find func(context.Context, [32]byte) ([]byte, error)) ([]byte, error) {
	var req struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return nil, err
	}
	hash := sha256.Sum256([]byte(req.AccessToken))
	if !known[hash] {
		return nil, fmt.Errorf("the token is unknown")
	}
	return find(ctx, hash)
}

func knownTokens(file string) (map[[32]byte]bool, error) {
	text, err := os.ReadFile(file)
	known := map[[32]byte]bool{}
	for _, token := range strings.Fields(string(text)) {
		known[sha256.Sum256([]byte(token))] = true
	}
	return known, err
}

// mostRead bounds the documents of a point read together; where there are more tokens, several have one row.
const mostRead = 64 << 20

// pointRead makes a table of documents by the hash of a token, and reads one row of it.
func pointRead(database string, document []byte, known map[[32]byte]bool) (func(context.Context, [32]byte) ([]byte, error), error) {
	rows := max(min(len(known), mostRead/max(len(document), 1)), 1)
	row := func(hash [32]byte) int64 { return int64(int(hash[0])<<16|int(hash[1])<<8|int(hash[2])) % int64(rows) }
	const table = "create table limit_documents (id bigint primary key, document text not null)"
	const point = "select document from limit_documents where id = $1"
	ctx := context.Background()
	if strings.HasPrefix(database, "postgres:") {
		pool, err := pgxpool.New(ctx, database)
		if err != nil {
			return nil, err
		}
		if _, err := pool.Exec(ctx, "drop table if exists limit_documents"); err != nil {
			return nil, err
		}
		if _, err := pool.Exec(ctx, table); err != nil {
			return nil, err
		}
		_, err = pool.CopyFrom(ctx, pgx.Identifier{"limit_documents"}, []string{"id", "document"}, pgx.CopyFromSlice(rows, func(i int) ([]any, error) {
			return []any{int64(i), string(document)}, nil
		}))
		return func(ctx context.Context, hash [32]byte) (out []byte, err error) {
			err = pool.QueryRow(ctx, point, row(hash)).Scan(&out)
			return out, err
		}, err
	}
	db, err := sql.Open("sqlite", "file:"+database+"?_pragma=journal_mode(WAL)&_pragma=cache_size(-4096)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
	db.SetMaxIdleConns(max(4, runtime.GOMAXPROCS(0)))
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(table); err != nil {
		return nil, err
	}
	for i := range rows {
		if _, err := tx.Exec("insert into limit_documents values ($1, $2)", i, string(document)); err != nil {
			return nil, err
		}
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	read, err := db.Prepare(point)
	return func(_ context.Context, hash [32]byte) (out []byte, err error) {
		err = read.QueryRow(row(hash)).Scan(&out)
		return out, err
	}, err
}

// startLimit starts this program as a limit and returns its address.
func startLimit(t *testing.T, kind, database string, document []byte, tokens []string) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{documentVariable: filepath.Join(dir, "document"), tokensVariable: filepath.Join(dir, "tokens")}
	for name, text := range map[string][]byte{documentVariable: document, tokensVariable: []byte(strings.Join(tokens, "\n"))} {
		if err := os.WriteFile(files[name], text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if database == "" {
		database = filepath.Join(dir, "limit.db")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), limitVariable+"="+kind, databaseVariable+"="+database, documentVariable+"="+files[documentVariable], tokensVariable+"="+files[tokensVariable])
	return started(t, cmd, func(line string) string { return line })
}

// started starts a server and returns the address that it prints, as found in one of its lines.
func started(t *testing.T, cmd *exec.Cmd, find func(line string) string) string {
	t.Helper()
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	if err1 != nil || err2 != nil || cmd.Start() != nil {
		t.Fatalf("%s: cannot be started: %v %v", cmd.Path, err1, err2)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := find(lines.Text()); at != "" {
			go io.Copy(io.Discard, out) //nolint:errcheck // until it ends
			return at
		}
	}
	t.Fatalf("%s: has printed no address", cmd.Path)
	return ""
}
