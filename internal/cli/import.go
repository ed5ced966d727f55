package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"

	"github.com/spf13/cobra"

	"weft/internal/cli/importing"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/imports"
)

// importOptions are the flags of the import command.
type importOptions struct {
	tenantFlags
	imports.Options
	json bool
}

func newImport(cfg *config) *cobra.Command {
	var o importOptions
	var institution string
	cmd := &cobra.Command{
		Use:   "import FILE|FOLDER…",
		Short: "Import statement files of your banks (OFX, QFX, QBO)",
		Long: `Import reads statement files and makes them Items: one for each institution, with its accounts, holdings and transactions.
A later file of the same institution updates the Item; files may overlap and may be imported in any order, and importing
one twice changes nothing. A new Item's access token is printed once. The command works beside a running server.

Of a FOLDER it imports the files *.ofx, *.qfx and *.qbo that lie right in it, by name. A file that cannot be imported does
not keep the others from it; the exit status is then 1.

Some files do not say whose they are. --institution does: it names the institution of a file that has no name for it, and
tells files apart that do not identify it at all, so give each bank's files the same name every time. A file that has a name
for its institution keeps it.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{[]string{cmd.CommandPath() + " needs at least one FILE or FOLDER"}}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, paths []string) (err error) {
			if cmd.Flags().Changed("institution") {
				if o.Institution, err = imports.InstitutionName(institution); err != nil {
					return usageError{[]string{"--" + message(err)}}
				}
			}
			return runImport(cmd, cfg, o, paths)
		},
	}
	o.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.DryRun, "dry-run", false, "tell what would change, and change nothing")
	f.BoolVar(&o.json, "json", false, "print the outcome as JSON")
	f.StringVar(&institution, "institution", "", "the institution's name, for files that do not say it")
	return cmd
}

// message is an error's text without its code.
func message(err error) string {
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe.Message
	}
	return err.Error()
}

// importMemory is when garbage is collected in earnest: a large file would otherwise take twice as much memory as it needs.
const importMemory = 192 << 20

func runImport(cmd *cobra.Command, cfg *config, o importOptions, paths []string) error {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // nobody has set another
		debug.SetMemoryLimit(importMemory)
	}
	if o.environment != plaid.Production && o.environment != plaid.Development {
		return usageError{[]string{fmt.Sprintf("--environment %q is not production or development", o.environment)}}
	}
	return withItems(cmd, cfg, func(ctx context.Context, items *item.Service) error {
		tenant, err := o.tenant(ctx, items)
		if err != nil {
			return err
		}
		run := importing.Run{Items: items, Tenant: tenant, Options: o.Options, JSON: o.json, Out: cmd.OutOrStdout(), Progress: cmd.ErrOrStderr()}
		return run.Import(ctx, paths)
	})
}
