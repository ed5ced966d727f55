package imports_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"weft/internal/clock"
	"weft/internal/connector/ofx"
	"weft/internal/plaid"
	"weft/internal/product/imports"
	"weft/internal/server"
	"weft/internal/store"
	"weft/wefttest"
)

// benchmarkRows is how many transactions the file of the benchmark has.
const benchmarkRows = 100_000

// longStatement is a bank's file with many rows, a little longer than most banks' rows are.
func longStatement(rows int) []byte {
	var b strings.Builder
	b.WriteString("<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261101<LANGUAGE>ENG" + oak + "</SONRS></SIGNONMSGSRSV1>" +
		"<BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD<BANKACCTFROM><ACCTID>1122<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20240101<DTEND>20261031\n")
	first := plaid.MustDate("2024-01-01")
	for i := range rows {
		day := strings.ReplaceAll(first.AddDays(i/100).String(), "-", "")
		fmt.Fprintf(&b, "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>%s<TRNAMT>-%d.%02d<FITID>%s%09d<NAME>MERCHANT %d<MEMO>CARD PURCHASE 1234 MERCHANT %d SPRINGFIELD</STMTTRN>\n", day, i%500, i%100, day, i, i%1000, i%1000)
	}
	b.WriteString("</BANKTRANLIST><LEDGERBAL><BALAMT>50<DTASOF>20261031</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n")
	return []byte(b.String())
}

func benchmarkServer(b *testing.B) *server.Server {
	b.Helper()
	srv, err := server.New(b.Context(), server.Config{
		Storage: server.Storage{DataDir: b.TempDir(), Exclusive: true}, Listen: "127.0.0.1:0", Seed: "bench",
		Clock: clock.NewManual(wefttest.Start), Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := srv.Close(); err != nil {
			b.Error(err)
		}
	})
	return srv
}

// BenchmarkImport prints how many rows a second an import reads and stores, beside the rate at which the same rows go into the
// same table with no work done on them: that is the limit.
func BenchmarkImport(b *testing.B) {
	content := longStatement(benchmarkRows)
	b.Run("import", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			srv := benchmarkServer(b)
			b.StartTimer()
			result, err := imports.Import(b.Context(), srv.Items, store.Tenant{Client: srv.Client.ClientID, Environment: plaid.Production}, "long.ofx", content, imports.Options{})
			if err != nil || result.Error != nil || result.Items[0].Changes["transactions"].Added != benchmarkRows {
				b.Fatal(err, result)
			}
		}
		b.ReportMetric(benchmarkRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("again", func(b *testing.B) {
		srv := benchmarkServer(b)
		tenant := store.Tenant{Client: srv.Client.ClientID, Environment: plaid.Production}
		if _, err := imports.Import(b.Context(), srv.Items, tenant, "long.ofx", content, imports.Options{}); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			result, err := imports.Import(b.Context(), srv.Items, tenant, "long.ofx", content, imports.Options{})
			if err != nil || result.Items[0].Changes["transactions"].Unchanged != benchmarkRows {
				b.Fatal(err, result)
			}
		}
		b.ReportMetric(benchmarkRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("bare inserts", func(b *testing.B) {
		rows := storedRows(b, content)
		for b.Loop() {
			b.StopTimer()
			srv := benchmarkServer(b)
			b.StartTimer()
			err := srv.Items.DB.Write(b.Context(), func(tx *store.Tx) error { return insertBare(b.Context(), tx, rows) })
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(benchmarkRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

// storedRows are the rows as an import would store them.
func storedRows(b *testing.B, content []byte) [][]any {
	b.Helper()
	f, err := ofx.Parse(content)
	if err != nil {
		b.Fatal(err)
	}
	var rows [][]any
	for i, t := range f.Imports()[0].Batch.Transactions {
		source, err := plaid.JSON(t)
		if err != nil {
			b.Fatal(err)
		}
		rows = append(rows, []any{"item", "account", t.Key, t.Key + "xxxxx", i + 1, i + 1, i + 1, 0, t.Date.String(), t.Reference, string(source), string(source), "\"x\"", "{}", "{}"})
	}
	return rows
}

func insertBare(ctx context.Context, tx *store.Tx, rows [][]any) error {
	for _, statement := range []string{
		`insert into connections (connection_id, client_id, environment, connector, institution_id, credentials, declined, created_at, failures, rounds) values ('connection', 'c', 'production', 'ofx', 'i', '', '[]', 0, 0, 0)`,
		`insert into items (item_key, item_id, client_id, environment, connection_id, version, state, created_at) values ('item', 'item', 'c', 'production', 'connection', 0, '{}', 0)`,
	} {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Insert(ctx, "transactions", []string{"item_key", "account_id", "native_key", "transaction_id", "first", "added", "sequence", "removed", "date", "reference", "source", "document", "original", "category_v1", "category_v2"}, rows, "")
}
