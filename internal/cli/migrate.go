package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"weft/internal/clock"
	"weft/internal/server"
	"weft/internal/store"
)

func newMigrate(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database to the newest schema, without serving",
		Long: `Migrate brings the database to the newest schema. The server does so by itself when it starts;
this command is for those who want it as a step of its own. It refuses a database that a server has open (SQLite).`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withoutServer(cmd, cfg, func(storage server.Storage, db *store.DB) error {
				if _, err := server.Prepare(cmd.Context(), storage, db); err != nil {
					return err
				}
				have, err := db.Schema(cmd.Context())
				if err != nil {
					return err
				}
				what := "the newest"
				if newer, _ := have.Newer(); newer { // Prepare has refused it where it cannot be used
					what = "of a newer program; nothing was done"
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "The %s database has schema version %d, %s.\n", db.Dialect(), have.Version, what)
				return err
			})
		},
	}
}

// withoutServer opens the database for a command that no server may run beside (SQLite refuses it then).
func withoutServer(cmd *cobra.Command, cfg *config, run func(server.Storage, *store.DB) error) (err error) {
	storage, err := cfg.storage()
	if err != nil {
		return err
	}
	storage.Exclusive = true
	db, err := server.OpenDatabase(cmd.Context(), storage, clock.System{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return run(storage, db)
}
