package cli

import (
	"context"

	"github.com/spf13/cobra"

	"weft/internal/cli/connecting"
	"weft/internal/connection"
	"weft/internal/store"
)

func newConnections(cfg *config) *cobra.Command {
	cmd, f := &cobra.Command{
		Use:   "connections",
		Short: "Connect banks through SimpleFIN: add, list, refresh, remove, correct",
		Long: `A connection is a login that reaches several institutions at once, each of which is an Item. SimpleFIN servers such as the
SimpleFIN Bridge give a setup token for one; the server then asks them four times a day by itself.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}, tenantFlags{}
	cfg.outboundFlags(cmd.PersistentFlags())
	cmd.AddCommand(connecting.Commands(connecting.Tools{
		Flags: f.add,
		Tenant: func(cmd *cobra.Command, run func(context.Context, *connection.Service, store.Tenant) error) error {
			return withConnections(cmd, cfg, func(ctx context.Context, s *connection.Service) error {
				tenant, err := f.tenant(ctx, s.Items)
				if err == nil {
					err = run(ctx, s, tenant)
				}
				return err
			})
		},
		Usage: func(fault string) error { return usageError{[]string{fault}} },
	})...)
	return cmd
}
