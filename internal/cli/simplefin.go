package cli

import (
	"context"

	"github.com/spf13/cobra"

	"weft/internal/cli/sharing"
	"weft/internal/dialect/simplefin"
	"weft/internal/item"
	"weft/internal/store"
)

func newSimpleFIN(cfg *config) *cobra.Command {
	f := tenantFlags{}
	cmd := &cobra.Command{
		Use:   "simplefin",
		Short: "Let programs that speak SimpleFIN read Items: create, list, remove",
		Long: `Simplefin manages which programs may read which Items over SimpleFIN. An access is made with a setup token, which the
program claims once; from then on it reads the Items until the access is removed.
The commands work beside a running server; what they change holds at once.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(sharing.Tools{
		Flags: f.add, Usage: func(fault string) error { return usageError{[]string{fault}} }, None: noArguments, One: exactlyOne,
		Tenant: func(cmd *cobra.Command, run func(context.Context, simplefin.Accesses, store.Tenant) error) error {
			return withItems(cmd, cfg, func(ctx context.Context, s *item.Service) error {
				tenant, err := f.tenant(ctx, s)
				if err != nil {
					return err
				}
				return run(ctx, simplefin.Accesses{Items: s}, tenant)
			})
		},
	}.Commands()...)
	return cmd
}
