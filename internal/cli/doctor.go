package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weft/internal/cli/checkup"
	"weft/internal/cli/logging"
	"weft/internal/clock"
	"weft/internal/seal"
	"weft/internal/server"
	"weft/internal/store"
)

func newDoctor(cfg *config) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check database, key file, clock and address, and say what is wrong",
		Long:  `Doctor checks what a server needs to start, changes nothing, and tells all that is wrong. Its exit status is 1 where something is.`,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			sc, err := cfg.server(logging.Gather(io.Discard))
			if err != nil {
				return err
			}
			return examine(cmd.Context(), cmd.OutOrStdout(), sc)
		},
	}
	cfg.serveFlags(cmd.Flags())
	return cmd
}

// finding is the outcome of one check.
type finding struct {
	what, says string
	err        error
}

func examine(ctx context.Context, w io.Writer, cfg server.Config) error {
	findings := []finding{checkClock(clock.System{}.Now()), checkAddress(ctx, cfg)}
	findings = append(findings, checkStorage(ctx, cfg.Storage)...)
	faults := 0
	for _, f := range findings {
		mark := "ok   "
		if f.err != nil {
			mark, f.says = "FAULT", f.err.Error()
			faults++
		}
		fmt.Fprintf(w, "%s  %-9s %s\n", mark, f.what, f.says)
	}
	if faults > 0 {
		return fmt.Errorf("%d of %d checks found a fault", faults, len(findings))
	}
	_, err := fmt.Fprintln(w, "Everything is in order.")
	return err
}

// earliest is a time that every right clock has passed: this program was written then.
var earliest = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func checkClock(now time.Time) finding {
	f := finding{what: "clock", says: now.Format(time.RFC3339)}
	if now.Before(earliest) || now.After(earliest.AddDate(30, 0, 0)) {
		f.err = fmt.Errorf("the machine's clock says %s; tokens and consents would expire at wrong times", now.Format(time.RFC3339))
	}
	return f
}

// checkAddress checks whether a server could listen, unless one has the database already, which then has the address.
func checkAddress(ctx context.Context, cfg server.Config) finding {
	if cfg.Storage.DatabaseURL == "" && store.InUse(cfg.Storage.DatabaseFile()) {
		return finding{what: "address", says: "not tried: a server is running on this database"}
	}
	return checkListen(ctx, cfg.Listen)
}

func checkListen(ctx context.Context, address string) finding {
	f := finding{what: "address", says: address + " is free"}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err == nil {
		err = l.Close()
	}
	if err != nil {
		f.err = fmt.Errorf("cannot listen on %s: %w (is a server running there already?)", address, err)
	}
	return f
}

// checkStorage opens database and keys without changing them. A SQLite file that is not there yet is in order, if it can be
// made.
func checkStorage(ctx context.Context, storage server.Storage) []finding {
	database, key := finding{what: "database"}, finding{what: "key file"}
	if storage.DatabaseURL == "" {
		if _, err := os.Stat(storage.DatabaseFile()); errors.Is(err, os.ErrNotExist) {
			database.says = storage.DatabaseFile() + " will be made at the first start"
			database.err = checkup.Writable(storage.DataDir)
			key.says, key.err = checkNewKey(storage)
			return []finding{database, key}
		}
	}
	storage.Exclusive = false // a running server is told by its address
	db, err := server.OpenDatabase(ctx, storage, clock.System{})
	if err != nil {
		database.err = err
		return []finding{database}
	}
	database.says, database.err = checkup.Describe(ctx, db)
	_, fresh, err := server.CheckKey(ctx, storage, db)
	switch {
	case errors.Is(err, seal.ErrNoKeyFile) && fresh:
		key.says = storage.KeyFile() + " will be made at the first start"
	case err != nil:
		key.err = err
	default:
		key.says = "fits the database"
	}
	if err := db.Close(); err != nil {
		database.err = errors.Join(database.err, err)
	}
	return []finding{database, key}
}

func checkNewKey(storage server.Storage) (string, error) {
	if storage.Key != "" {
		_, err := seal.FromText(storage.Key)
		return "WEFT_KEY can be used", err
	}
	if _, err := seal.Load(storage.KeyFile()); !errors.Is(err, seal.ErrNoKeyFile) {
		return storage.KeyFile() + " can be used", err
	}
	return storage.KeyFile() + " will be made at the first start", nil
}
