package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/imports"
	"weft/internal/store"
)

// importOptions are the flags of the import command.
type importOptions struct {
	tenantFlags
	dryRun, json bool
}

func newImport(cfg *config) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "Import statement files of your banks (OFX, QFX)",
		Long: `Import reads statement files and makes them Items: one for each institution, with its accounts, holdings and transactions.
A later file of the same institution updates the Item; files may overlap and may be imported in any order, and importing
one twice changes nothing. A new Item's access token is printed once. The command works beside a running server.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{[]string{cmd.CommandPath() + " needs at least one FILE"}}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error { return runImport(cmd, cfg, o, files) },
	}
	o.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.dryRun, "dry-run", false, "tell what would change, and change nothing")
	f.BoolVar(&o.json, "json", false, "print the outcome as JSON")
	return cmd
}

func runImport(cmd *cobra.Command, cfg *config, o importOptions, files []string) error {
	if o.environment != plaid.Production && o.environment != plaid.Development {
		return usageError{[]string{fmt.Sprintf("--environment %q is not production or development", o.environment)}}
	}
	return withItems(cmd, cfg, func(ctx context.Context, items *item.Service) error {
		tenant, err := o.tenant(ctx, items)
		if err != nil {
			return err
		}
		return importFiles(cmd, items, tenant, o, files)
	})
}

func importFiles(cmd *cobra.Command, items *item.Service, tenant store.Tenant, o importOptions, files []string) error {
	out := imports.Outcome{DryRun: o.dryRun, Files: []imports.FileResult{}}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		result, err := imports.Import(cmd.Context(), items, tenant, filepath.Base(path), content, o.dryRun)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		out.Files = append(out.Files, result)
		if !o.json {
			printImported(cmd.OutOrStdout(), result)
		}
	}
	if o.json {
		enc := json.NewEncoder(cmd.OutOrStdout())
		enc.SetIndent("", "  ")
		if err := enc.Encode(out); err != nil {
			return err
		}
	}
	return refusedFiles(out)
}

// refusedFiles is the error for files that could not be imported, of which the output has told already.
func refusedFiles(out imports.Outcome) error {
	refused := 0
	for _, f := range out.Files {
		if f.Error != nil {
			refused++
		}
	}
	if refused > 0 {
		return fmt.Errorf("%d of %d files could not be imported", refused, len(out.Files))
	}
	return nil
}

// printImported prints what became of a file, for people.
func printImported(w io.Writer, f imports.FileResult) {
	fmt.Fprintf(w, "%s\n", f.Name)
	if f.Error != nil {
		fmt.Fprintf(w, "  could not be imported: %s\n", f.Error.ErrorMessage)
	}
	for _, it := range f.Items {
		fmt.Fprintf(w, "  %s\n", it.InstitutionName)
		fmt.Fprintf(w, "    item_id       %s\n", it.ItemID)
		if it.AccessToken != "" {
			fmt.Fprintf(w, "    access_token  %s  (shown this once)\n", it.AccessToken)
		}
		table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "    \tadded\tchanged\tremoved\tunchanged")
		for _, what := range []string{"accounts", "holdings", "investment_transactions", "transactions"} {
			if c, ok := it.Changes[what]; ok {
				fmt.Fprintf(table, "    %s\t%d\t%d\t%d\t%d\n", strings.ReplaceAll(what, "_", " "), c.Added, c.Changed, c.Removed, c.Unchanged)
			}
		}
		if err := table.Flush(); err != nil {
			return // the reader has gone
		}
	}
	for _, p := range f.Problems {
		fmt.Fprintf(w, "  line %d: %s: expected %s\n", p.Line, p.Element, p.Expected)
	}
}
