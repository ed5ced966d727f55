package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"weft/internal/ident"
	"weft/internal/server"
	"weft/internal/store"
)

func newRestored(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "restored",
		Short: "Tell Weft that its database was restored from a backup",
		Long: `Restored ends all cursors that clients hold: /transactions/sync asks them to begin again, so that nothing that the lost
time has brought is missed. The server notices by itself where the database alone was put back; this command is for those who
have put back the whole data folder, or a PostgreSQL database of servers on other machines. Stop the server first.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withoutServer(cmd, cfg, func(storage server.Storage, db *store.DB) error {
				if _, err := server.Existing(cmd.Context(), storage, db); err != nil {
					return err
				}
				if err := server.Renew(cmd.Context(), db, ident.System().UUID()); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "Cursors that clients hold are ended: they are asked to begin again.")
				return err
			})
		},
	}
}
