package importing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/cli/importing"
	"weft/internal/clock"
	"weft/internal/plaid"
	"weft/internal/product/imports"
	"weft/internal/server"
	"weft/internal/store"
)

const statement = "<OFX><SIGNONMSGSRSV1><SONRS><FI><ORG>Oak Bank</FI></SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD" +
	"<BANKACCTFROM><ACCTID>1122<ACCTTYPE>CHECKING</BANKACCTFROM><LEDGERBAL><BALAMT>50<DTASOF>20261031</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"

// interrupter is an output, and the interrupt that comes after so many of its lines.
type interrupter struct {
	bytes.Buffer
	lines     int
	interrupt func()
}

func (i *interrupter) Write(text []byte) (int, error) {
	n, err := i.Buffer.Write(text)
	if strings.Count(i.String(), "\n") >= i.lines {
		i.interrupt()
	}
	return n, err
}

// An import that is interrupted has told of all that it has done, the tokens of new Items among it.
func TestInterrupted(t *testing.T) {
	srv, err := server.New(t.Context(), server.Config{
		Storage: server.Storage{DataDir: t.TempDir(), Exclusive: true}, Listen: "127.0.0.1:0", Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close() //nolint:errcheck // it is a test's own
	dir := t.TempDir()
	for _, name := range []string{"a.ofx", "b.ofx", "c.ofx"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(statement), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := importing.Run{Items: srv.Items, Tenant: store.Tenant{Client: srv.Client.ClientID, Environment: plaid.Production}, Progress: io.Discard}

	ctx, cancel := context.WithCancel(t.Context())
	out := &interrupter{lines: 6, interrupt: cancel}
	run.Out = out
	err = run.Import(ctx, []string{dir})
	if err == nil || err.Error() != "interrupted at "+filepath.Join(dir, "b.ofx")+"; the files before it are done" {
		t.Errorf("ended with %v", err)
	}
	if !strings.HasPrefix(out.String(), "a.ofx\n  Oak Bank\n") || !strings.Contains(out.String(), "access_token  access-production-") || strings.Contains(out.String(), "b.ofx") {
		t.Errorf("printed %q", out)
	}
	out.Reset()
	run.JSON = true
	err = run.Import(ctx, []string{dir})
	var told imports.Outcome
	if jsonErr := json.Unmarshal(out.Bytes(), &told); jsonErr != nil || err == nil || !strings.HasPrefix(err.Error(), "interrupted before the first file") || told.Files == nil || len(told.Files) > 0 {
		t.Errorf("printed %q, %v: %v", out, jsonErr, err)
	}
}
