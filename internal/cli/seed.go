package cli

import (
	"github.com/spf13/cobra"

	"weft/internal/cli/seeding"
	"weft/internal/server"
	"weft/internal/store"
)

func newSeed(cfg *config) *cobra.Command {
	var o seeding.Options
	cmd := &cobra.Command{
		Use:   "seed",
		Short: "Fill a database with Items of the sandbox, for measuring",
		Long: `Seed makes Items of the first client in the sandbox, each with a checking account and an investment account, in one go. They
are read, refreshed and removed as Items that were linked. It refuses a database that has Items already, unless --force is given, and
one that a server has open (SQLite).`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Preset, err = cfg.preset(); err != nil {
				return err
			}
			return withoutServer(cmd, cfg, func(storage server.Storage, db *store.DB) error {
				return seeding.Run(cmd.Context(), o, storage, db, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	o.Flags(cmd.Flags())
	return cmd
}
