// Package linking is the commands on Link, beside a server that may be running.
package linking

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/product/link/settings"
	"weft/internal/store"
)

// Tools are what the command line gives to these commands.
type Tools struct {
	// Tenant runs a command on the database for the client that the command's flags name; Flags adds those.
	Tenant func(cmd *cobra.Command, run func(context.Context, *store.DB, store.Tenant) error) error
	Flags  func(cmd *cobra.Command)
	// Usage is a fault of the command line.
	Usage func(fault string) error
}

// flags are the settings as the command line gives them; those that are not given stay as they are.
type flags struct {
	origins, redirects, products []string
	publicKey, webhooks, json    bool
	customizations, webhook      string
}

// Settings is the command that shows and changes how Link is for a client.
func (t Tools) Settings() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "settings",
		Short: "Show how Link is for a client, or change it",
		Long: `Settings shows how Link is for a client in an environment: what /weft/link/settings/get answers. With any of the flags below it
changes that and shows what has become of it. A list takes the place of the one before, and "" is an empty one. A running server
goes by the change at once.`,
		Example: `  weft link settings --environment sandbox --json
  weft link settings --redirect-uris https://app.example/oauth,https://app.example/done
  weft link settings --customizations looks.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return t.Usage(fmt.Sprintf("unknown argument %q; see %s --help", args[0], cmd.CommandPath()))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			change, err := f.change(cmd)
			if err != nil {
				return t.Usage(err.Error())
			}
			return t.Tenant(cmd, func(ctx context.Context, db *store.DB, tenant store.Tenant) error {
				set, err := apply(ctx, db, tenant, change)
				if err != nil {
					return err
				}
				return f.print(cmd.OutOrStdout(), set)
			})
		},
	}
	t.Flags(cmd)
	add := cmd.Flags()
	add.StringSliceVar(&f.origins, "allowed-origins", nil, "origins of the pages that may open Link; any if empty")
	add.StringSliceVar(&f.redirects, "redirect-uris", nil, "addresses to which banks and the portal may lead back")
	add.BoolVar(&f.publicKey, "public-key", false, "whether Link may be opened with the client's public_key")
	add.BoolVar(&f.webhooks, "session-webhooks", false, "whether the client is told of every session by webhook")
	add.StringSliceVar(&f.products, "portal-products", nil, "products that the portal asks for, the first of which must be there")
	add.StringVar(&f.webhook, "portal-webhook", "", "address that is told of what people link in the portal; none if empty")
	add.StringVar(&f.customizations, "customizations", "", "JSON file of all customizations by their names, - for the standard input")
	add.BoolVar(&f.json, "json", false, "print the settings as JSON")
	return cmd
}

// apply changes the settings, or only reads them where nothing is to change.
func apply(ctx context.Context, db *store.DB, tenant store.Tenant, c settings.Change) (settings.Settings, error) {
	if reflect.DeepEqual(c, settings.Change{}) {
		return settings.Read(ctx, db, tenant)
	}
	return settings.Update(ctx, db, tenant, c)
}

// change is what the command line asks for. The error is a fault of the command line.
func (f *flags) change(cmd *cobra.Command) (c settings.Change, err error) {
	given := cmd.Flags().Changed
	for _, list := range []struct {
		flag string
		from []string
		to   *[]string
	}{{"allowed-origins", f.origins, &c.AllowedOrigins}, {"redirect-uris", f.redirects, &c.RedirectURIs}, {"portal-products", f.products, &c.PortalProducts}} {
		if given(list.flag) {
			*list.to = append([]string{}, list.from...)
		}
	}
	if given("public-key") {
		c.PublicKey = &f.publicKey
	}
	if given("session-webhooks") {
		c.SessionWebhooks = &f.webhooks
	}
	if given("portal-webhook") {
		c.PortalWebhook = &f.webhook
	}
	if given("customizations") {
		if c.Customizations, err = customizations(cmd.InOrStdin(), f.customizations); err != nil {
			return c, err
		}
	}
	return c, plain(c.Validate(httpapi.Version20200914))
}

// plain says what is wrong without the API's words around it.
func plain(err error) error {
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return errors.New(pe.Message)
	}
	return err
}

// customizations reads a file of customizations. A name that they do not have is a fault rather than nothing.
func customizations(stdin io.Reader, name string) (map[string]settings.Customization, error) {
	from := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("--customizations: %w", err)
		}
		defer file.Close()
		from = file
	}
	all := map[string]settings.Customization{}
	decoder := json.NewDecoder(from)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("--customizations %s is no JSON object of customizations: %w", name, err)
	}
	return all, nil
}

func (f *flags) print(w io.Writer, set settings.Settings) error {
	if f.json {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(set)
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, line := range [][2]string{
		{"allowed_origins", listed(set.AllowedOrigins)}, {"redirect_uris", listed(set.RedirectURIs)},
		{"public_key_enabled", fmt.Sprint(set.PublicKey)}, {"session_webhooks_enabled", fmt.Sprint(set.SessionWebhooks)},
		{"portal_products", listed(set.PortalProducts)}, {"portal_webhook", cmp.Or(set.PortalWebhook, "-")},
		{"customizations", listed(slices.Sorted(maps.Keys(set.Customizations)))},
	} {
		fmt.Fprintf(table, "%s\t%s\n", line[0], line[1])
	}
	return table.Flush()
}

func listed(list []string) string {
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, ", ")
}
