package cli

import (
	"context"

	"github.com/spf13/cobra"

	"weft/internal/cli/hooking"
	"weft/internal/store"
	"weft/internal/webhook"
)

func newWebhooks(cfg *config) *cobra.Command {
	cmd, f := &cobra.Command{Use: "webhooks", Short: "List, show and replay webhooks, and rotate the key that signs them", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}, tenantFlags{}
	cmd.AddCommand(hooking.Commands(hooking.Tools{
		Flags: f.add,
		Tenant: func(cmd *cobra.Command, run func(context.Context, *webhook.Service, store.Tenant) error) error {
			return onWebhooks(cmd, cfg, &f, run)
		},
		Usage: func(fault string) error { return usageError{[]string{fault}} }, Time: parseTime,
	})...)
	return cmd
}
