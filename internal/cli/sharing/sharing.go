// Package sharing is the commands on the programs that read Items over SimpleFIN, beside a server that may be running.
package sharing

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weft/internal/cli/printing"
	"weft/internal/clock"
	"weft/internal/dialect/simplefin"
	"weft/internal/item"
	"weft/internal/store"
)

// Tools are what the command line gives to these commands.
type Tools struct {
	// Tenant runs a command on the accesses of the client that the command's flags name; Flags adds those.
	Tenant func(cmd *cobra.Command, run func(context.Context, simplefin.Accesses, store.Tenant) error) error
	Flags  func(cmd *cobra.Command)
	// Usage is a fault of the command line. None and One check a command line without arguments, and with one of that name.
	Usage func(fault string) error
	None  cobra.PositionalArgs
	One   func(name string) cobra.PositionalArgs
}

// Commands are the commands.
func (t Tools) Commands() []*cobra.Command {
	all := []*cobra.Command{t.create(), t.list(), t.remove()}
	for _, cmd := range all {
		t.Flags(cmd)
	}
	return all
}

func (t Tools) create() *cobra.Command {
	var name, publicURL string
	cmd := &cobra.Command{
		Use:   "create ITEM_ID…",
		Short: "Make a setup token with which a program reads Items over SimpleFIN",
		Long: `Create makes an access to Items and prints its setup token, once. Give that to the program within seven days. The URL in it
begins with --public-url, which must be what the server itself is started with and what the program can reach.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return t.Usage(cmd.CommandPath() + " needs at least one ITEM_ID; see weft items list")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if u, err := url.Parse(publicURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
				return t.Usage(fmt.Sprintf("--public-url %q is not an http or https URL", publicURL))
			}
			if err := simplefin.CheckName("name", name); err != nil {
				return t.Usage("--" + printing.Plainly(err).Error())
			}
			return t.Tenant(cmd, func(ctx context.Context, accesses simplefin.Accesses, tenant store.Tenant) error {
				ids, err := ownItems(ctx, accesses.Items, tenant, args)
				if err != nil {
					return err
				}
				made, err := accesses.Create(ctx, tenant, publicURL, name, ids)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "access_id    %s\nsetup_token  %s\nThe setup token is shown this once, and can be claimed once, until %s.\n",
					made.ID, made.SetupToken, made.ExpiresAt.UTC().Format(time.DateTime+" MST"))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "what reads the Items, for the list")
	cmd.Flags().StringVar(&publicURL, "public-url", "http://127.0.0.1:8400", "URL at which programs reach the server")
	return cmd
}

// ownItems checks that ids are those of a tenant's Items. Each is there once.
func ownItems(ctx context.Context, items *item.Service, tenant store.Tenant, ids []string) ([]string, error) {
	var own []string
	for _, id := range ids {
		if _, err := items.ItemByID(ctx, tenant, id); err != nil {
			return nil, fmt.Errorf("%s has no Item %s in %s; see weft items list", tenant.Client, id, tenant.Environment)
		}
		if !slices.Contains(own, id) {
			own = append(own, id)
		}
	}
	return own, nil
}

func (t Tools) list() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List who may read a client's Items over SimpleFIN",
		Args:  t.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.Tenant(cmd, func(ctx context.Context, accesses simplefin.Accesses, tenant store.Tenant) error {
				list, err := accesses.List(ctx, tenant)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "ACCESS_ID\tNAME\tCREATED\tSTATE\tLAST USED\tITEMS")
				for _, a := range list {
					used := "never"
					if a.UsedAt != nil {
						used = a.UsedAt.Format(time.DateTime)
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, a.Name, a.CreatedAt.Format(time.DateTime), accessState(a, clock.System{}.Now()), used, strings.Join(a.ItemIDs, ", "))
				}
				return w.Flush()
			})
		},
	}
	return cmd
}

func accessState(a simplefin.Access, now time.Time) string {
	switch {
	case a.ClaimedAt != nil:
		return "claimed " + a.ClaimedAt.Format(time.DateTime)
	case now.Before(a.ExpiresAt):
		return "waits until " + a.ExpiresAt.Format(time.DateTime)
	}
	return "expired " + a.ExpiresAt.Format(time.DateTime)
}

func (t Tools) remove() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove ACCESS_ID",
		Short: "End an access at once",
		Args:  t.One("ACCESS_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.Tenant(cmd, func(ctx context.Context, accesses simplefin.Accesses, tenant store.Tenant) error {
				if err := accesses.Remove(ctx, tenant, args[0]); err != nil {
					return printing.Plainly(err)
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "Access %s is removed.\n", args[0])
				return err
			})
		},
	}
	return cmd
}
