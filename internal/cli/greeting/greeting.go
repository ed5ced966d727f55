// Package greeting is what a server that has started says.
package greeting

import (
	"fmt"
	"io"
	"strings"

	"weft/internal/plaid"
	"weft/internal/product/imports"
	"weft/internal/server"
)

// Print prints where the server is and how to try it. Secrets are printed only when they have just been made.
func Print(w io.Writer, version string, srv *server.Server, cfg server.Config) {
	fmt.Fprintf(w, "Weft %s serves at %s\n\n", version, srv.URL())
	fmt.Fprintf(w, "  client_id           %s\n  public_key          %s\n", srv.Client.ClientID, srv.Client.PublicKey)
	for _, env := range plaid.Environments {
		if secret := srv.Made[env]; secret != "" {
			fmt.Fprintf(w, "  %-19s %s\n", env+" secret", secret)
		}
	}
	secret := srv.Made[plaid.Sandbox]
	switch {
	case len(srv.Made) > 0:
		fmt.Fprint(w, "\nThe secrets are shown this once; \"weft keys rotate\" makes new ones.\n")
	case cfg.Preset.Secrets[plaid.Sandbox] == "":
		fmt.Fprint(w, "\nThe secrets were shown when they were made; \"weft keys rotate\" makes new ones.\n")
	}
	if secret == "" {
		secret = "$WEFT_SANDBOX_SECRET"
	}
	if cfg.Seed != "" {
		fmt.Fprint(w, "\nIds and tokens repeat themselves (--seed): use this server for tests alone.\n")
	}
	if at := srv.OperatorURL(); at != "" {
		fmt.Fprintf(w, "\nMetrics are at %s/metrics, profiles at %s/debug/pprof/.\n", at, at)
	}
	if cfg.WatchDir != "" {
		fmt.Fprintf(w, "\nStatement files (*%s) in %s are imported as they come.\n", strings.Join(imports.Extensions, ", *"), cfg.WatchDir)
	}
	fmt.Fprintf(w, "\nTry it:\n  curl -s %s/sandbox/public_token/create -H 'Content-Type: application/json' -d "+
		"\"{\\\"client_id\\\":\\\"%s\\\",\\\"secret\\\":\\\"%s\\\",\\\"institution_id\\\":\\\"ins_109508\\\",\\\"initial_products\\\":[\\\"investments\\\"]}\"\n\n",
		srv.URL(), srv.Client.ClientID, secret)
}
