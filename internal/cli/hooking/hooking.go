// Package hooking is the commands on webhooks, beside a server that may be running.
package hooking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weft/internal/store"
	"weft/internal/webhook"
)

// Tools are what the command line gives to these commands.
type Tools struct {
	// Tenant runs a command on the webhooks of the client that the command's flags name; Flags adds those.
	Tenant func(cmd *cobra.Command, run func(context.Context, *webhook.Service, store.Tenant) error) error
	Flags  func(cmd *cobra.Command)
	// Usage is a fault of the command line; Time reads a time.
	Usage func(fault string) error
	Time  func(text string) (time.Time, error)
}

// Commands are the commands.
func Commands(t Tools) []*cobra.Command {
	about := []*cobra.Command{t.list(), t.show(), t.replay()}
	for _, cmd := range about {
		t.Flags(cmd)
	}
	return append(about, t.rotateKey())
}

// oneID is a command line of one webhook_id.
func (t Tools) oneID(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return t.Usage(cmd.CommandPath() + " needs a WEBHOOK_ID")
	}
	return nil
}

func (t Tools) none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return t.Usage(fmt.Sprintf("unknown command %q; see %s --help", args[0], cmd.CommandPath()))
	}
	return nil
}

func (t Tools) list() *cobra.Command {
	filter := webhook.Filter{}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List a client's webhooks, newest first",
		Args:  t.none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if filter.Limit < 1 {
				return t.Usage("--limit must be at least 1")
			}
			if filter.State != "" && !slices.Contains([]string{webhook.Pending, webhook.Delivered, webhook.Dead}, filter.State) {
				return t.Usage(fmt.Sprintf("--state %q is not pending, delivered or dead", filter.State))
			}
			return t.Tenant(cmd, func(ctx context.Context, s *webhook.Service, tenant store.Tenant) error {
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

func (t Tools) show() *cobra.Command {
	return &cobra.Command{
		Use:   "show WEBHOOK_ID",
		Short: "Show a webhook with the attempts at it",
		Args:  t.oneID,
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.Tenant(cmd, func(ctx context.Context, s *webhook.Service, tenant store.Tenant) error {
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
}

func (t Tools) replay() *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use:   "replay [WEBHOOK_ID | --from TIME --to TIME]",
		Short: "Send a webhook again, or all of a time",
		Long: `Replay has a webhook sent once more by the server, whatever became of it before. A receiver that is suspended is sent webhooks
again from then on. With --from and --to, all webhooks that were written in that time are meant.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 || (len(args) == 1) == (from != "" || to != "") {
				return t.Usage(cmd.CommandPath() + " needs a WEBHOOK_ID, or --from and --to")
			}
			return t.Tenant(cmd, func(ctx context.Context, s *webhook.Service, tenant store.Tenant) error {
				n := 1
				if len(args) == 1 {
					if err := s.Replay(ctx, tenant, args[0]); err != nil {
						return noWebhook(args[0], err)
					}
				} else {
					begin, err := t.Time(from)
					end, err2 := t.Time(to)
					if err != nil || err2 != nil {
						return t.Usage("--from and --to must be times like 2026-11-20T09:30:00Z or dates like 2026-11-20")
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
	cmd.Flags().StringVar(&from, "from", "", "first time, with --to")
	cmd.Flags().StringVar(&to, "to", "", "end of the time, with --from")
	return cmd
}

func (t Tools) rotateKey() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate-key",
		Short: "Make a new key that signs webhooks",
		Long: `Rotate-key makes a new key, which the server signs with from then on. Receivers ask for it by its id, as they do for every
key; the old key is served until nothing that it signed is under way any more.`,
		Args: t.none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.Tenant(cmd, func(ctx context.Context, s *webhook.Service, _ store.Tenant) error { // the key is that of all clients
				kid, until, err := s.RotateKey(ctx)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "Webhooks are signed with the key %s from now on. The key before it is served until %s.\n", kid, until.Format(time.DateTime))
				return err
			})
		},
	}
}
