package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"weft/internal/cli/seeding"
	"weft/internal/clock"
	"weft/internal/plaid"
	"weft/internal/server"
	"weft/internal/store"
)

// seed is the command line of weft seed.
type seed struct {
	*config
	items, transactions uint
	tokens              string
	force               bool
}

func newSeed(cfg *config) *cobra.Command {
	s := &seed{config: cfg}
	cmd := &cobra.Command{
		Use:   "seed",
		Short: "Fill a database with Items of the sandbox, for measuring",
		Long: `Seed makes Items of the first client in the sandbox, each with a checking account and an investment account, in one go. They
are read, refreshed and removed as Items that were linked. It refuses a database that has Items already, unless --force is given, and
one that a server has open (SQLite).`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return withoutServer(cmd, cfg, s.run(cmd)) },
	}
	f := cmd.Flags()
	f.UintVar(&s.items, "items", 1000, "how many Items to make")
	f.UintVar(&s.transactions, "transactions-per-item", 100, "how many transactions each has on its checking account, and how many on its investment account")
	f.StringVar(&s.tokens, "tokens", "", "file to write a line to for each Item: its item_id and its access token")
	f.BoolVar(&s.force, "force", false, "add to a database that has Items already")
	return cmd
}

// run seeds a database that no server has open.
func (s *seed) run(cmd *cobra.Command) func(server.Storage, *store.DB) error {
	return func(storage server.Storage, db *store.DB) (err error) {
		ctx := cmd.Context()
		preset, err := s.preset()
		if err != nil {
			return err
		}
		log, err := newLog(cmd.ErrOrStderr(), "warn", "text")
		if err != nil {
			return err
		}
		keys, err := server.Prepare(ctx, storage, db)
		if err != nil {
			return err
		}
		parts := server.On(server.Config{Storage: storage, Clock: clock.System{}, Log: log, SandboxLogin: seeding.LoginLife}, db, keys)
		items := parts.Connections.Items
		first, made, err := items.Clients.EnsureFirst(ctx, preset)
		if err != nil {
			return err
		}
		tenant := store.Tenant{Client: first.ClientID, Environment: plaid.Sandbox}
		if list, err := seeding.Any(ctx, db); err != nil || (list && !s.force) {
			return errors.Join(err, errors.New("the database has Items already; --force adds to them"))
		}
		write, done, err := s.tokenFile()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, done()) }()
		bar := progressbar.NewOptions64(int64(s.items), progressbar.OptionSetWriter(cmd.ErrOrStderr()), progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetDescription("seeding"), progressbar.OptionSetVisibility(onTerminal(cmd)))
		watch := clock.Begin()
		err = seeding.Seed(ctx, items, seeding.Plan{Tenant: tenant, Items: int(s.items), Transactions: int(s.transactions), Made: func(id, token string) error {
			_ = bar.Add(1) // that a terminal cannot be written to is no reason to stop
			return write(id, token)
		}})
		if err != nil {
			return err
		}
		_ = bar.Finish()
		out := cmd.OutOrStdout()
		fmt.Fprintf(out, "client_id %s\n", first.ClientID)
		if secret := made[plaid.Sandbox]; secret != "" {
			fmt.Fprintf(out, "sandbox secret %s\n", secret)
		}
		_, err = fmt.Fprintf(out, "Seeded %s.\n", seeding.Figures(int(s.items), watch.Elapsed()))
		return err
	}
}

func onTerminal(cmd *cobra.Command) bool {
	f, ok := cmd.ErrOrStderr().(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// tokenFile writes tokens into the file, if there is one, for its owner's eyes alone.
func (s *seed) tokenFile() (write func(itemID, token string) error, done func() error, err error) {
	if s.tokens == "" {
		return func(string, string) error { return nil }, func() error { return nil }, nil
	}
	f, err := os.OpenFile(s.tokens, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, err
	}
	b := bufio.NewWriter(f)
	write = func(itemID, token string) error { _, err := fmt.Fprintln(b, itemID, token); return err }
	return write, func() error { return errors.Join(b.Flush(), f.Close()) }, nil
}
