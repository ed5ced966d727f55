package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weft/internal/cli/printing"
	"weft/internal/connection"
	"weft/internal/store"
)

func newConnections(cfg *config) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "connections",
		Short: "Connect banks through SimpleFIN: add, list, refresh, remove, correct",
		Long: `A connection is a login that reaches several institutions at once, each of which is an Item. SimpleFIN servers such as the
SimpleFIN Bridge give a setup token for one; the server then asks them four times a day by itself.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cfg.outboundFlags(cmd.PersistentFlags())
	cmd.AddCommand(newConnectionsAdd(cfg), newConnectionsList(cfg), newConnectionsRefresh(cfg), newConnectionsRemove(cfg), newConnectionsCorrect(cfg))
	return cmd
}

// forTenant runs a command on the connections of the tenant that its flags name.
func forTenant(cmd *cobra.Command, cfg *config, f tenantFlags, run func(context.Context, *connection.Service, store.Tenant) error) error {
	return withConnections(cmd, cfg, func(ctx context.Context, s *connection.Service) error {
		tenant, err := f.tenant(ctx, s.Items)
		if err != nil {
			return err
		}
		return printing.Plainly(run(ctx, s, tenant))
	})
}

func newConnectionsAdd(cfg *config) *cobra.Command {
	var f tenantFlags
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Connect with a setup token, which is read from the standard input",
		Long: `Add reads a SimpleFIN setup token from the standard input, claims it and makes an Item of each institution behind it. A
setup token is good for one claim. New Items' access tokens are printed once.

  weft connections add < token.txt`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			token, err := readToken(cmd.InOrStdin())
			if err != nil {
				return err
			}
			return forTenant(cmd, cfg, f, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
				done, err := s.Connect(ctx, tenant, "simplefin", token)
				if err != nil {
					return err
				}
				w := cmd.OutOrStdout()
				fmt.Fprintf(w, "connection_id  %s\n", done.ID)
				printing.Round(w, done.Round)
				if done.Err != nil {
					return fmt.Errorf("the connection is kept, but its institutions could not be asked yet: %s; the server asks again, and so does weft connections refresh %s",
						done.Err.Message, done.ID)
				}
				return nil
			})
		},
	}
	f.add(cmd)
	return cmd
}

// longestToken is how many characters are read of a token.
const longestToken = 8192

// readToken reads a token: not from the command line, which others can see.
func readToken(r io.Reader) (string, error) {
	text, err := io.ReadAll(bufio.NewReader(io.LimitReader(r, longestToken)))
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(string(text)) == "" {
		return "", usageError{[]string{"there is no setup token on the standard input: weft connections add < token.txt"}}
	}
	return string(text), nil
}

func newConnectionsList(cfg *config) *cobra.Command {
	var f tenantFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List connections, how they stand, and what their servers say",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return forTenant(cmd, cfg, f, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
				list, err := s.List(ctx, tenant)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "CONNECTION_ID\tINSTITUTION\tITEM_ID\tCREATED\tNEXT\tSTATE")
				for _, c := range list {
					printing.Status(w, c)
				}
				return w.Flush()
			})
		},
	}
	f.add(cmd)
	return cmd
}

func newConnectionsRefresh(cfg *config) *cobra.Command {
	var f tenantFlags
	cmd := &cobra.Command{
		Use:   "refresh CONNECTION_ID",
		Short: "Ask a connection's institutions now",
		Long: `Refresh asks the institutions of a connection now. A new institution becomes an Item, whose access token is printed once. A
SimpleFIN server admits 24 requests a day; a refresh takes one, and more where old days are still missing.`,
		Args: exactlyOne("CONNECTION_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return forTenant(cmd, cfg, f, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
				round, err := s.Refresh(ctx, tenant, args[0])
				if err != nil {
					return err
				}
				printing.Round(cmd.OutOrStdout(), round)
				for _, r := range round.Results {
					if r.Err != nil {
						return errors.New("not all institutions could be brought up to date")
					}
				}
				return nil
			})
		},
	}
	f.add(cmd)
	return cmd
}

func newConnectionsRemove(cfg *config) *cobra.Command {
	var f tenantFlags
	cmd := &cobra.Command{
		Use:   "remove CONNECTION_ID",
		Short: "Remove a connection with all of its Items",
		Args:  exactlyOne("CONNECTION_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return forTenant(cmd, cfg, f, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
				if err := s.Remove(ctx, tenant, args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "The connection and its Items are removed. Disable the token at the SimpleFIN server too: only you can.")
				return err
			})
		},
	}
	f.add(cmd)
	return cmd
}

func newConnectionsCorrect(cfg *config) *cobra.Command {
	var f tenantFlags
	var accountType, subtype string
	cmd := &cobra.Command{
		Use:   "correct ITEM_ID ACCOUNT_ID --type TYPE [--subtype SUBTYPE]",
		Short: "Correct the type of an account, which SimpleFIN does not tell",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError{[]string{cmd.CommandPath() + " needs an ITEM_ID and an ACCOUNT_ID"}}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if accountType == "" {
				return usageError{[]string{"--type is missing: depository, credit, loan, investment or other"}}
			}
			return forTenant(cmd, cfg, f, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
				it, err := s.Items.ItemByID(ctx, tenant, args[0])
				if err != nil {
					return fmt.Errorf("%s has no Item %s in %s; see weft items list", tenant.Client, args[0], tenant.Environment)
				}
				_, later, err := s.Correct(ctx, it, args[1], accountType, subtype)
				if err != nil {
					return err
				}
				if later != nil {
					_, err = fmt.Fprintf(cmd.OutOrStdout(), "The correction is kept; the account shows it with the next refresh: %s\n", later.Message)
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "The account is corrected, and its history was asked for again.")
				return err
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&accountType, "type", "", "depository, credit, loan, investment or other")
	cmd.Flags().StringVar(&subtype, "subtype", "", "such as checking, \"credit card\" or 401k; none if empty")
	return cmd
}
