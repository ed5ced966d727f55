package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/item"
	"weft/internal/plaid"
)

func newKeys(cfg *config) *cobra.Command {
	keys := &cobra.Command{
		Use:   "keys",
		Short: "Manage API clients and their secrets",
		Long: `Keys manages the API's clients. Each has one client_id, and a secret for each environment.
The commands work beside a running server; what they change holds at once.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	keys.AddCommand(newKeysCreate(cfg), newKeysList(cfg), newKeysProcessor(cfg), newKeysRevoke(cfg), newKeysRotate(cfg))
	return keys
}

// withClients opens the clients beside a server that may be running.
func withClients(cmd *cobra.Command, cfg *config, run func(context.Context, *client.Service) error) error {
	return withItems(cmd, cfg, func(ctx context.Context, items *item.Service) error { return run(ctx, items.Clients) })
}

func newKeysCreate(cfg *config) *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a client with a secret for each environment",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withClients(cmd, cfg, func(ctx context.Context, s *client.Service) error {
				c, secrets, err := s.Create(ctx, name)
				if err != nil {
					return err
				}
				w := cmd.OutOrStdout()
				fmt.Fprintf(w, "client_id           %s\npublic_key          %s\n", c.ClientID, c.PublicKey)
				for _, env := range plaid.Environments {
					fmt.Fprintf(w, "%-19s %s\n", env+" secret", secrets[env])
				}
				fmt.Fprintln(w, "The secrets are shown this once.")
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&name, "name", "client", "what the client is, for the list")
	return cmd
}

func newKeysList(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List clients and their keys",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withClients(cmd, cfg, func(ctx context.Context, s *client.Service) error {
				clients, err := s.List(ctx)
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "CLIENT_ID\tNAME\tENVIRONMENT\tKEY_ID\tSECRET\tCREATED\tSTATE")
				for _, c := range clients {
					if err := listKeys(ctx, w, s, c); err != nil {
						return err
					}
				}
				return w.Flush()
			})
		},
	}
}

func listKeys(ctx context.Context, w io.Writer, s *client.Service, c client.Client) error {
	keys, err := s.ListKeys(ctx, c.ClientID)
	if err != nil {
		return err
	}
	name := c.Name
	if c.Processor != "" {
		name += " (processor " + c.Processor + ")"
	}
	for _, k := range keys {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t…%s\t%s\t%s\n", c.ClientID, name, k.Environment, k.KeyID, k.Last4,
			k.CreatedAt.Format(time.DateTime), keyState(k, clock.System{}.Now()))
	}
	return nil
}

func keyState(k client.Key, now time.Time) string {
	switch {
	case k.RevokedAt != nil:
		return "revoked " + k.RevokedAt.Format(time.DateTime)
	case k.ExpiresAt == nil:
		return "valid"
	case !k.Valid(now):
		return "expired " + k.ExpiresAt.Format(time.DateTime)
	}
	return "valid until " + k.ExpiresAt.Format(time.DateTime)
}

func newKeysProcessor(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "processor CLIENT_ID [NAME]",
		Short: "Make a client a processor, such as dwolla; without a name it is none any more",
		Long: `Processor makes a client the processor of a name: processor tokens that other clients make for that
name are its to use, with its own secret, at /processor/….`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 2 {
				return usageError{[]string{fmt.Sprintf("%s needs a CLIENT_ID, and the processor's NAME", cmd.CommandPath())}}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			name := append(args, "")[1]
			return withClients(cmd, cfg, func(ctx context.Context, s *client.Service) error {
				if err := s.SetProcessor(ctx, args[0], name); err != nil {
					return err
				}
				said := fmt.Sprintf("Client %s is the processor %s.\n", args[0], name)
				if name == "" {
					said = fmt.Sprintf("Client %s is no processor.\n", args[0])
				}
				_, err := fmt.Fprint(cmd.OutOrStdout(), said)
				return err
			})
		},
	}
}

func newKeysRevoke(cfg *config) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke KEY_ID",
		Short: "End a key at once",
		Args:  exactlyOne("KEY_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withClients(cmd, cfg, func(ctx context.Context, s *client.Service) error {
				if err := s.Revoke(ctx, args[0]); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "Key %s is revoked.\n", args[0])
				return err
			})
		},
	}
}

// defaultOverlap is how long old secrets live on after a rotation: long enough to roll out the new one.
const defaultOverlap = 24 * time.Hour

func newKeysRotate(cfg *config) *cobra.Command {
	var environment string
	var overlap time.Duration
	cmd := &cobra.Command{
		Use:   "rotate CLIENT_ID",
		Short: "Make a new secret; the old one stays valid for an overlap",
		Args:  exactlyOne("CLIENT_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if overlap < 0 {
				return usageError{[]string{"--overlap must not be negative"}}
			}
			return withClients(cmd, cfg, func(ctx context.Context, s *client.Service) error {
				secret, key, err := s.Rotate(ctx, args[0], environment, overlap)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s secret  %s\nkey_id  %s\nThe secret is shown this once. Older ones end at %s.\n",
					environment, secret, key.KeyID, key.CreatedAt.Add(overlap).Format(time.DateTime+" MST"))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&environment, "environment", plaid.Sandbox, "sandbox, development or production")
	cmd.Flags().DurationVar(&overlap, "overlap", defaultOverlap, "how long older secrets stay valid; 0 ends them at once")
	return cmd
}

func exactlyOne(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{[]string{fmt.Sprintf("%s needs one %s", cmd.CommandPath(), name)}}
		}
		return nil
	}
}
