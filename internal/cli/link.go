package cli

import (
	"context"

	"github.com/spf13/cobra"

	"weft/internal/cli/linking"
	"weft/internal/item"
	"weft/internal/store"
)

func newLink(cfg *config) *cobra.Command {
	cmd, f := &cobra.Command{Use: "link", Short: "Show and change how Link is for a client", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}, tenantFlags{}
	tools := linking.Tools{
		Flags: f.add, Usage: func(fault string) error { return usageError{[]string{fault}} },
		Tenant: func(cmd *cobra.Command, run func(context.Context, *store.DB, store.Tenant) error) error {
			return withItems(cmd, cfg, func(ctx context.Context, s *item.Service) error {
				tenant, err := f.tenant(ctx, s)
				if err == nil {
					err = run(ctx, s.DB, tenant)
				}
				return err
			})
		},
	}
	cmd.AddCommand(tools.Settings())
	return cmd
}
