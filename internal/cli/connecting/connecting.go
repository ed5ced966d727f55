// Package connecting is the commands on connections, beside a server that may be running.
package connecting

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

// Tools are what the command line gives to these commands.
type Tools struct {
	// Tenant runs a command on the connections of the client that the command's flags name; Flags adds those.
	Tenant func(cmd *cobra.Command, run func(context.Context, *connection.Service, store.Tenant) error) error
	Flags  func(cmd *cobra.Command)
	// Usage is a fault of the command line.
	Usage func(fault string) error
}

// Commands are the commands.
func Commands(t Tools) []*cobra.Command {
	all := []*cobra.Command{t.add(), t.list(), t.refresh(), t.remove(), t.correct()}
	for _, cmd := range all {
		t.Flags(cmd)
	}
	return all
}

// arguments is a command line of certain words.
func (t Tools) arguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == len(names):
			return nil
		case len(names) == 0:
			return t.Usage(fmt.Sprintf("unknown command %q; see %s --help", args[0], cmd.CommandPath()))
		case len(names) == 1:
			return t.Usage(fmt.Sprintf("%s needs one %s", cmd.CommandPath(), names[0]))
		}
		return t.Usage(fmt.Sprintf("%s needs an %s", cmd.CommandPath(), strings.Join(names, " and an ")))
	}
}

// run runs a command on the tenant's connections, and tells its error in plain words.
func (t Tools) run(cmd *cobra.Command, run func(context.Context, *connection.Service, store.Tenant) error) error {
	return t.Tenant(cmd, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
		return printing.Plainly(run(ctx, s, tenant))
	})
}

func (t Tools) add() *cobra.Command {
	return &cobra.Command{
		Use:   "add",
		Short: "Connect with a setup token, which is read from the standard input",
		Long: `Add reads a SimpleFIN setup token from the standard input, claims it and makes an Item of each institution behind it. A
setup token is good for one claim. New Items' access tokens are printed once.

  weft connections add < token.txt`,
		Args: t.arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			token, err := t.readToken(cmd.InOrStdin())
			if err != nil {
				return err
			}
			return t.run(cmd, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
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
}

// longestToken is how many characters are read of a token.
const longestToken = 8192

// readToken reads a token: not from the command line, which others can see.
func (t Tools) readToken(r io.Reader) (string, error) {
	text, err := io.ReadAll(bufio.NewReader(io.LimitReader(r, longestToken)))
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(string(text)) == "" {
		return "", t.Usage("there is no setup token on the standard input: weft connections add < token.txt")
	}
	return string(text), nil
}

func (t Tools) list() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List connections, how they stand, and what their servers say",
		Args:  t.arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.run(cmd, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
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
}

func (t Tools) refresh() *cobra.Command {
	return &cobra.Command{
		Use:   "refresh CONNECTION_ID",
		Short: "Ask a connection's institutions now",
		Long: `Refresh asks the institutions of a connection now. A new institution becomes an Item, whose access token is printed once. A
SimpleFIN server admits 24 requests a day; a refresh takes one, and more where old days are still missing.`,
		Args: t.arguments("CONNECTION_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.run(cmd, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
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
}

func (t Tools) remove() *cobra.Command {
	return &cobra.Command{
		Use:   "remove CONNECTION_ID",
		Short: "Remove a connection with all of its Items",
		Args:  t.arguments("CONNECTION_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.run(cmd, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
				if err := s.Remove(ctx, tenant, args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "The connection and its Items are removed. Disable the token at the SimpleFIN server too: only you can.")
				return err
			})
		},
	}
}

func (t Tools) correct() *cobra.Command {
	var accountType, subtype string
	cmd := &cobra.Command{
		Use:   "correct ITEM_ID ACCOUNT_ID --type TYPE [--subtype SUBTYPE]",
		Short: "Correct the type of an account, which SimpleFIN does not tell",
		Args:  t.arguments("ITEM_ID", "ACCOUNT_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if accountType == "" {
				return t.Usage("--type is missing: depository, credit, loan, investment or other")
			}
			return t.run(cmd, func(ctx context.Context, s *connection.Service, tenant store.Tenant) error {
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
	cmd.Flags().StringVar(&accountType, "type", "", "depository, credit, loan, investment or other")
	cmd.Flags().StringVar(&subtype, "subtype", "", "such as checking, \"credit card\" or 401k; none if empty")
	return cmd
}
