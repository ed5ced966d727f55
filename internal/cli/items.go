package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weft/internal/connection"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/server"
	"weft/internal/store"
)

// tenantFlags say whose Items a command means.
type tenantFlags struct{ client, environment string }

func (f *tenantFlags) add(cmd *cobra.Command) { f.addIn(cmd, plaid.Production) }

// addIn adds them where another environment is meant if none is named.
func (f *tenantFlags) addIn(cmd *cobra.Command, environment string) {
	cmd.Flags().StringVar(&f.client, "client", "", "client_id whose Items are meant; the first client if empty")
	cmd.Flags().StringVar(&f.environment, "environment", environment, "sandbox, development or production")
}

// tenant finds the client.
func (f tenantFlags) tenant(ctx context.Context, items *item.Service) (store.Tenant, error) {
	if !plaid.Known(plaid.Environments, f.environment) {
		return store.Tenant{}, usageError{[]string{fmt.Sprintf("--environment %q is not sandbox, development or production", f.environment)}}
	}
	clients, err := items.Clients.List(ctx)
	if err != nil {
		return store.Tenant{}, err
	}
	for _, c := range clients {
		if f.client == "" || c.ClientID == f.client {
			return store.Tenant{Client: c.ClientID, Environment: f.environment}, nil
		}
	}
	return store.Tenant{}, fmt.Errorf("there is no client %q; see weft keys list", f.client)
}

// withItems opens the Items beside a server that may be running.
func withItems(cmd *cobra.Command, cfg *config, run func(context.Context, *item.Service) error) error {
	return withConnections(cmd, cfg, func(ctx context.Context, conns *connection.Service) error { return run(ctx, conns.Items) })
}

// withConnections opens the connections, and their Items, beside a server that may be running.
func withConnections(cmd *cobra.Command, cfg *config, run func(context.Context, *connection.Service) error) error {
	return beside(cmd, cfg, func(ctx context.Context, p *server.Parts) error { return run(ctx, p.Connections) })
}

// beside opens a server's parts beside a server that may be running.
func beside(cmd *cobra.Command, cfg *config, run func(context.Context, *server.Parts) error) (err error) {
	storage, err := cfg.storage()
	if err != nil {
		return err
	}
	out, err := cfg.outbound()
	if err != nil {
		return err
	}
	parts, err := server.Beside(cmd.Context(), server.Config{Storage: storage, Outbound: out, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.Connections.Items.DB.Close()) }()
	return run(cmd.Context(), parts)
}

func newItems(cfg *config) *cobra.Command {
	items := &cobra.Command{
		Use:   "items",
		Short: "List Items, and make an access token for one",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	items.AddCommand(newItemsList(cfg), newItemsToken(cfg))
	return items
}

func newItemsList(cfg *config) *cobra.Command {
	var f tenantFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List a client's Items",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withItems(cmd, cfg, func(ctx context.Context, s *item.Service) error {
				tenant, err := f.tenant(ctx, s)
				if err != nil {
					return err
				}
				list, err := s.List(ctx, tenant)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "ITEM_ID\tINSTITUTION\tPRODUCTS\tCREATED\tSTATE")
				for _, it := range list {
					state := "in order"
					if it.Error != "" {
						state = string(it.Error)
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", it.ID, cmp.Or(it.InstitutionName, "account numbers"), strings.Join(it.Products, ", "),
						time.UnixMilli(it.CreatedAt).UTC().Format(time.DateTime), state)
				}
				return w.Flush()
			})
		},
	}
	f.add(cmd)
	return cmd
}

func newItemsToken(cfg *config) *cobra.Command {
	var f tenantFlags
	cmd := &cobra.Command{
		Use:   "token ITEM_ID",
		Short: "Make one more access token for an Item",
		Long: `Token makes an access token for an Item whose token was lost. Tokens that the Item has stay valid;
/item/access_token/invalidate ends them.`,
		Args: exactlyOne("ITEM_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withItems(cmd, cfg, func(ctx context.Context, s *item.Service) error {
				tenant, err := f.tenant(ctx, s)
				if err != nil {
					return err
				}
				it, err := s.ItemByID(ctx, tenant, args[0])
				if err != nil {
					return fmt.Errorf("%s has no Item %s in %s; see weft items list", tenant.Client, args[0], tenant.Environment)
				}
				token, err := s.NewAccessToken(ctx, it)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "access_token  %s\nThe token is shown this once.\n", token)
				return err
			})
		},
	}
	f.add(cmd)
	return cmd
}
