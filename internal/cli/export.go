package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"weft/internal/cli/exporting"
	"weft/internal/export"
	"weft/internal/item"
)

// exportOptions are the flags of the export command.
type exportOptions struct {
	tenantFlags
	query         export.Query
	from, to, out string
}

func newExport(cfg *config) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export FORMAT",
		Short: "Write accounts, transactions and holdings for other tools (csv, parquet, beancount, hledger, ofx)",
		Long: `Export writes what is stored of a client's Items in a form that other tools read:

  csv, parquet         tables of accounts, transactions, securities, holdings and investment transactions, in a folder
  beancount, hledger   a journal in double entry, with opening balances and a check of each account's balance
  ofx                  a statement for each account, for programs that import bank statements

A format of one file is printed, unless --out names a file. Nothing is asked of any bank. The command works beside a running
server. Balances are those of now: with --to on a day that is past, journals have no opening balances and no checks.`,
		Args: exactlyOne("FORMAT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			format, err := export.Find(args[0])
			if err != nil {
				return usageError{[]string{err.Error()}}
			}
			if format.Folder && o.out == "" {
				return usageError{[]string{fmt.Sprintf("--out must name the folder for the tables of %s", format.Name)}}
			}
			if faults := exporting.Days(&o.query, o.from, o.to); len(faults) > 0 {
				return usageError{faults}
			}
			return runExport(cmd, cfg, o, format)
		},
	}
	o.add(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&o.query.Items, "item", nil, "item_id to export; all Items if none is named")
	f.StringSliceVar(&o.query.Accounts, "account", nil, "account_id to export; all accounts if none is named")
	f.StringVar(&o.from, "from", "", "first day of transactions, as 2026-01-31; all if empty")
	f.StringVar(&o.to, "to", "", "last day of transactions, as 2026-12-31; all if empty")
	f.BoolVar(&o.query.Pending, "pending", false, "export pending transactions too")
	f.StringVar(&o.out, "out", "", "file, or folder of csv and parquet, to write to")
	return cmd
}

func runExport(cmd *cobra.Command, cfg *config, o exportOptions, format export.Format) error {
	return withItems(cmd, cfg, func(ctx context.Context, items *item.Service) error {
		tenant, err := o.tenant(ctx, items)
		if err != nil {
			return err
		}
		book, err := export.Read(ctx, items, tenant, o.query)
		if err != nil {
			return err
		}
		create := exporting.To(cmd.OutOrStdout())
		if o.out != "" {
			create = exporting.Into(o.out, format)
		}
		return format.Write(book, create)
	})
}
