package cli

import (
	"context"

	"github.com/spf13/cobra"

	"weft/internal/cli/deadjobs"
	"weft/internal/job"
	"weft/internal/server"
)

func newJobs(cfg *config) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jobs",
		Short: "List, show, retry and discard jobs that were given up",
		Long: `The server's work, such as the delivery of a webhook or the fetching of a history, is done by jobs, which are tried again where
they fail. One that has failed too often is dead: it stays listed here until someone retries or discards it.
The commands work beside a running server.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(deadjobs.Commands(deadjobs.Tools{
		Queue: func(cmd *cobra.Command, run func(context.Context, *job.Queue) error) error {
			return beside(cmd, cfg, func(ctx context.Context, p *server.Parts) error { return run(ctx, p.Jobs) })
		},
		Usage: func(fault string) error { return usageError{[]string{fault}} },
	})...)
	return cmd
}
