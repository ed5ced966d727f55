package cli

import (
	"context"

	"github.com/spf13/cobra"

	"weft/internal/cli/listening"
	"weft/internal/plaid"
	"weft/internal/server"
	"weft/internal/store"
	"weft/internal/webhook"
)

func newListen(cfg *config) *cobra.Command {
	var f tenantFlags
	cmd := listening.Command(listening.Tools{
		Tenant: func(cmd *cobra.Command, run func(context.Context, *webhook.Service, store.Tenant) error) error {
			return onWebhooks(cmd, cfg, &f, run)
		},
		Client: &f.client, Environment: &f.environment,
		Variable: func(name string) string { return cfg.env[name] },
		Usage:    func(fault string) error { return usageError{[]string{fault}} },
	})
	f.addIn(cmd, plaid.Sandbox)
	return cmd
}

// onWebhooks runs a command on the webhooks of the tenant that its flags name, beside a server that may be running.
func onWebhooks(cmd *cobra.Command, cfg *config, f *tenantFlags, run func(context.Context, *webhook.Service, store.Tenant) error) error {
	return beside(cmd, cfg, func(ctx context.Context, p *server.Parts) error {
		tenant, err := f.tenant(ctx, p.Connections.Items)
		if err == nil {
			err = run(ctx, p.Webhooks, tenant)
		}
		return err
	})
}
