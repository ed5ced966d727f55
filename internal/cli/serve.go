package cli

import (
	"github.com/spf13/cobra"

	"weft/internal/cli/greeting"
	"weft/internal/cli/logging"
	"weft/internal/server"
)

func newServe(cfg *config) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the API (the default command)",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return serve(cmd, cfg) },
	}
	cfg.serveFlags(cmd.Flags())
	return cmd
}

func serve(cmd *cobra.Command, cfg *config) error {
	log := logging.Gather(cmd.ErrOrStderr())
	defer log.Flush()
	sc, err := cfg.server(log)
	if err != nil {
		return err
	}
	srv, err := server.New(cmd.Context(), sc)
	if err != nil {
		return err
	}
	greeting.Print(cmd.OutOrStdout(), programVersion(), srv, sc)
	err = srv.Serve(cmd.Context())
	if closeErr := srv.Close(); err == nil {
		err = closeErr
	}
	return err
}
