package seeding

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/plaid"
	"weft/internal/server"
	"weft/internal/store"
)

// Options are those of the command.
type Options struct {
	// Preset are the first client's keys, where they are chosen.
	Preset client.Preset

	items, transactions, holdings uint32
	tokens                        string
	force                         bool
}

// Flags are the command's.
func (o *Options) Flags(f *pflag.FlagSet) {
	f.Uint32Var(&o.items, "items", 1000, "how many Items to make")
	f.Uint32Var(&o.transactions, "transactions-per-item", 100, "how many transactions each has on its checking account, and how many on its investment account")
	f.Uint32Var(&o.holdings, "holdings-per-item", 12, fmt.Sprintf("how many positions each has, from 1 to %d", MostHoldings))
	f.StringVar(&o.tokens, "tokens", "", "file to write a line to for each Item: its item_id and its access token")
	f.BoolVar(&o.force, "force", false, "add to a database that has Items already")
}

// Run seeds a database that no server has open.
func Run(ctx context.Context, o Options, storage server.Storage, db *store.DB, out, messages io.Writer) (err error) {
	if o.holdings < 1 || o.holdings > MostHoldings {
		return fmt.Errorf("--holdings-per-item must be from 1 to %d", MostHoldings)
	}
	keys, err := server.Prepare(ctx, storage, db)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(messages, &slog.HandlerOptions{Level: slog.LevelWarn}))
	items := server.On(server.Config{Storage: storage, Clock: clock.System{}, Log: log, SandboxLogin: LoginLife}, db, keys).Connections.Items
	first, made, err := items.Clients.EnsureFirst(ctx, o.Preset)
	if err != nil {
		return err
	}
	if used, err := some(ctx, db); err != nil || (used && !o.force) {
		return errors.Join(err, errors.New("the database has Items already; --force adds to them"))
	}
	write, done, err := o.tokenFile()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	bar := progressbar.NewOptions64(int64(o.items), progressbar.OptionSetWriter(messages), progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetDescription("seeding"), progressbar.OptionSetVisibility(terminal(messages)))
	watch := clock.Begin()
	tenant := store.Tenant{Client: first.ClientID, Environment: plaid.Sandbox}
	err = Seed(ctx, items, Plan{Tenant: tenant, Items: int(o.items), Transactions: int(o.transactions), Holdings: int(o.holdings), Made: func(id, token string) error {
		_ = bar.Add(1) // that a terminal cannot be written to is no reason to stop
		return write(id, token)
	}})
	if err != nil {
		return err
	}
	_ = bar.Finish()
	fmt.Fprintf(out, "client_id %s\n", first.ClientID)
	if secret := made[plaid.Sandbox]; secret != "" {
		fmt.Fprintf(out, "sandbox secret %s\n", secret)
	}
	_, err = fmt.Fprintf(out, "Seeded %s.\n", figures(int(o.items), watch.Elapsed()))
	return err
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// tokenFile writes tokens into the file, if there is one, for its owner's eyes alone.
func (o *Options) tokenFile() (write func(itemID, token string) error, done func() error, err error) {
	if o.tokens == "" {
		return func(string, string) error { return nil }, func() error { return nil }, nil
	}
	f, err := os.OpenFile(o.tokens, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err == nil {
		err = f.Chmod(0o600) // it may have been there
	}
	if err != nil {
		return nil, nil, err
	}
	b := bufio.NewWriter(f)
	write = func(itemID, token string) error { _, err := fmt.Fprintln(b, itemID, token); return err }
	return write, func() error { return errors.Join(b.Flush(), f.Close()) }, nil
}
