// Package cli is the command line: one file a subcommand. It is the only place that reads environment variables; every
// flag has one, WEFT_ and the flag's name in capitals. A wrong configuration is told whole, all faults in one message,
// with the exit status 2.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a fault of the command line or of the environment.
type usageError struct{ faults []string }

func (e usageError) Error() string {
	if len(e.faults) == 1 {
		return e.faults[0]
	}
	return fmt.Sprintf("%d faults in the configuration:\n  - %s", len(e.faults), strings.Join(e.faults, "\n  - "))
}

// Run runs a command line and returns the exit status. Environ are NAME=value pairs.
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	env := environment(environ)
	root := newRoot(env)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "weft:", err)
		return exitUsage
	}
	fmt.Fprintln(stderr, "weft:", err)
	return exitFailed
}

// collectorVariable is the one variable of others that is read: programs that send traces all go by it.
const collectorVariable = "OTEL_EXPORTER_OTLP_ENDPOINT"

// environment is the variables that are read and set, by name.
func environment(environ []string) map[string]string {
	env := map[string]string{}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && (strings.HasPrefix(name, "WEFT_") || name == collectorVariable) && value != "" {
			env[name] = value
		}
	}
	return env
}

func newRoot(env map[string]string) *cobra.Command {
	cfg := &config{env: env}
	root := &cobra.Command{
		Use:   "weft",
		Short: "A self-hosted, Plaid-compatible account-aggregation server",
		Long: `Weft stands where Plaid stands between an application and its users' banks.
Programs written for Plaid run against it by changing one URL.

Without a command, weft serves. Every flag can be set by an environment variable:
WEFT_ and the flag's name in capitals, with _ for -; a flag on the command line wins.
WEFT_CLIENT_ID, WEFT_SANDBOX_SECRET, WEFT_DEVELOPMENT_SECRET and WEFT_PRODUCTION_SECRET
preset the first client's keys; WEFT_KEY replaces the key file (base64 of its content).`,
		Args:          noArguments,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return applyEnvironment(cmd, env)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd, cfg) },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{[]string{err.Error()}} })
	cfg.storageFlags(root.PersistentFlags())
	cfg.serveFlags(root.Flags())
	root.AddCommand(newServe(cfg), newImport(cfg), newExport(cfg), newConnections(cfg), newItems(cfg), newSimpleFIN(cfg), newWebhooks(cfg), newListen(cfg), newLink(cfg), newJobs(cfg), newMigrate(cfg), newRestored(cfg), newSeed(cfg), newKeys(cfg), newDoctor(cfg), newVersion())
	return root
}

// noArguments refuses words that are no command.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{[]string{fmt.Sprintf("unknown command %q; see %s --help", args[0], cmd.CommandPath())}}
	}
	return nil
}

// variable is the environment variable of a flag.
func variable(flag string) string {
	return "WEFT_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// applyEnvironment sets the flags that the command line leaves open.
func applyEnvironment(cmd *cobra.Command, env map[string]string) error {
	var faults []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if value, ok := env[variable(f.Name)]; ok && !f.Changed {
			if err := cmd.Flags().Set(f.Name, value); err != nil {
				faults = append(faults, fmt.Sprintf("%s: %v", variable(f.Name), err))
			}
		}
	})
	if len(faults) > 0 {
		return usageError{faults}
	}
	return nil
}
