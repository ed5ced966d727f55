package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weft/internal/server"
	"weft/internal/store"
	"weft/internal/webhook"
)

func newWebhooks(cfg *config) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhooks",
		Short: "List, show and replay webhooks, and rotate the key that signs them",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cfg.retriesFlag(cmd.PersistentFlags())
	cmd.AddCommand(newWebhooksList(cfg), newWebhooksShow(cfg), newWebhooksReplay(cfg), newWebhooksRotateKey(cfg))
	return cmd
}

// forWebhooks runs a command on the webhooks of the tenant that its flags name.
func forWebhooks(cmd *cobra.Command, cfg *config, f tenantFlags, run func(context.Context, *webhook.Service, store.Tenant) error) error {
	return beside(cmd, cfg, func(ctx context.Context, p *server.Parts) error {
		tenant, err := f.tenant(ctx, p.Connections.Items)
		if err != nil {
			return err
		}
		return run(ctx, p.Webhooks, tenant)
	})
}

func newWebhooksList(cfg *config) *cobra.Command {
	var f tenantFlags
	filter := webhook.Filter{}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List a client's webhooks, newest first",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return forWebhooks(cmd, cfg, f, func(ctx context.Context, s *webhook.Service, tenant store.Tenant) error {
				list, err := s.List(ctx, tenant, filter)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "WEBHOOK_ID\tCREATED\tITEM_ID\tTYPE\tCODE\tATTEMPTS\tSTATE")
				for _, h := range list {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", h.ID, h.CreatedAt.Format(time.DateTime), h.ItemID, h.Type, h.Code, h.Attempts, stateOf(h))
				}
				return w.Flush()
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&filter.ItemID, "item", "", "item_id whose webhooks are meant; all if empty")
	cmd.Flags().StringVar(&filter.State, "state", "", "pending, delivered or dead; all if empty")
	cmd.Flags().StringVar(&filter.Before, "before", "", "webhook_id of an earlier list, to go on after it")
	cmd.Flags().IntVar(&filter.Limit, "limit", 50, "most webhooks to list")
	return cmd
}

func stateOf(h webhook.Webhook) string {
	if h.Suspended != "" {
		return h.State + " (its receiver is suspended: " + h.Suspended + ")"
	}
	return h.State
}

// noWebhook says how to find one.
func noWebhook(id string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no webhook %s of this client in this environment; see weft webhooks list", id)
	}
	return err
}

func newWebhooksShow(cfg *config) *cobra.Command {
	var f tenantFlags
	cmd := &cobra.Command{
		Use:   "show WEBHOOK_ID",
		Short: "Show a webhook with the attempts at it",
		Args:  exactlyOne("WEBHOOK_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return forWebhooks(cmd, cfg, f, func(ctx context.Context, s *webhook.Service, tenant store.Tenant) error {
				h, tried, err := s.Get(ctx, tenant, args[0], 100)
				if err != nil {
					return noWebhook(args[0], err)
				}
				w := cmd.OutOrStdout()
				fmt.Fprintf(w, "webhook_id  %s\nurl         %s\nstate       %s\ncreated     %s\n\n%s\n\n", h.ID, h.URL, stateOf(h), h.CreatedAt.Format(time.DateTime), h.Body)
				table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
				fmt.Fprintln(table, "ATTEMPT AT\tTOOK\tRESULT")
				for _, a := range tried {
					result := a.Error
					if a.Status != 0 {
						result = fmt.Sprintf("%d %q", a.Status, strings.TrimSpace(a.Answer))
					}
					fmt.Fprintf(table, "%s\t%s\t%s\n", a.At.Format(time.DateTime), a.Duration, result)
				}
				return table.Flush()
			})
		},
	}
	f.add(cmd)
	return cmd
}

func newWebhooksReplay(cfg *config) *cobra.Command {
	var f tenantFlags
	var from, to string
	cmd := &cobra.Command{
		Use:   "replay [WEBHOOK_ID | --from TIME --to TIME]",
		Short: "Send a webhook again, or all of a time",
		Long: `Replay has a webhook sent once more by the server, whatever became of it before. A receiver that is suspended is sent webhooks
again from then on. With --from and --to, all webhooks that were written in that time are meant.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (from != "" || to != "") {
				return usageError{[]string{cmd.CommandPath() + " needs a WEBHOOK_ID, or --from and --to"}}
			}
			return forWebhooks(cmd, cfg, f, func(ctx context.Context, s *webhook.Service, tenant store.Tenant) error {
				n := 1
				if len(args) == 1 {
					if err := s.Replay(ctx, tenant, args[0]); err != nil {
						return noWebhook(args[0], err)
					}
				} else {
					begin, err := parseTime(from)
					end, err2 := parseTime(to)
					if err != nil || err2 != nil {
						return usageError{[]string{"--from and --to must be times like 2026-11-20T09:30:00Z or dates like 2026-11-20"}}
					}
					if n, err = s.ReplayBetween(ctx, tenant, begin, end); err != nil {
						return err
					}
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d webhooks are sent again, as soon as the server runs.\n", n)
				return err
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&from, "from", "", "first time, with --to")
	cmd.Flags().StringVar(&to, "to", "", "end of the time, with --from")
	return cmd
}

func newWebhooksRotateKey(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "rotate-key",
		Short: "Make a new key that signs webhooks",
		Long: `Rotate-key makes a new key, which the server signs with from then on. Receivers ask for it by its id, as they do for every
key; the old key is served until nothing that it signed is under way any more.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return beside(cmd, cfg, func(ctx context.Context, p *server.Parts) error {
				kid, until, err := p.Webhooks.RotateKey(ctx)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "Webhooks are signed with the key %s from now on. The key before it is served until %s.\n", kid, until.Format(time.DateTime))
				return err
			})
		},
	}
}
