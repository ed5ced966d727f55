// Package listening is the command that brings a client's webhooks to a program which cannot be called from outside.
package listening

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"weft/internal/clock"
	"weft/internal/outbound"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/webhook"
)

// Tools are what the command line gives to the command.
type Tools struct {
	// Tenant runs it on the webhooks of the client that its flags name, in the server's database.
	Tenant func(cmd *cobra.Command, run func(context.Context, *webhook.Service, store.Tenant) error) error
	// Client and Environment are what those flags say, once they are read.
	Client, Environment *string
	// Variable is an environment variable.
	Variable func(name string) string
	// Usage is a fault of the command line.
	Usage func(fault string) error
}

// command is the command with what its flags say.
type command struct {
	Tools
	server, forwardTo, secretFile string
	events                        []string
	printJSON, plain              bool
}

// Command is the command; its flags for the client and the environment are still to be added.
func Command(t Tools) *cobra.Command {
	c := &command{Tools: t}
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Bring a client's webhooks to a program on this machine, without a public address",
		Long: `Listen prints the webhooks of a client in an environment as they happen, from now on, those of Items without an address too,
and forwards each to a program: to the byte as it would be sent there, signed anew, in order. Where the connection is lost, or
the program is not running, webhooks wait and nothing is missed (for an hour). What the program answers is printed and is not
judged: a webhook is not sent again for a status. Addresses that Items have are sent their webhooks all the same.

  weft listen --forward-to localhost:3000/hook
  weft listen --forward-to localhost:3000/hook --server https://weft.example --events TRANSACTIONS,ITEM.ERROR

Without --server the command works beside the server, on its database (--data, --database), as other commands do. With --server it
listens over HTTP with WEFT_CLIENT_ID and the environment's secret, such as WEFT_SANDBOX_SECRET.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return t.Usage(fmt.Sprintf("unknown command %q; see %s --help", args[0], cmd.CommandPath()))
			}
			return nil
		},
		RunE: c.run,
	}
	f := cmd.Flags()
	f.StringVar(&c.forwardTo, "forward-to", "", "where to forward webhooks, such as localhost:3000/hook or 3000/hook; beyond this machine as a whole URL")
	f.StringVar(&c.server, "server", "", "URL of a server to listen to over HTTP, such as https://weft.example; the database if empty")
	f.StringVar(&c.secretFile, "secret-file", "", "file with the client's secret for --server, - for the standard input")
	f.StringSliceVar(&c.events, "events", nil, "webhooks that are meant, such as TRANSACTIONS or ITEM.ERROR; all if empty")
	f.BoolVar(&c.printJSON, "print-json", false, "print each webhook's body as a line of JSON, and all else to the standard error")
	f.BoolVar(&c.plain, "outbound-http", false, "allow plain http to a --server on another machine (the secret then travels in clear)")
	return cmd
}

func (c *command) run(cmd *cobra.Command, _ []string) error {
	s := &session{lines: cmd.OutOrStdout(), notes: cmd.ErrOrStderr(), clock: clock.System{}}
	if c.printJSON {
		s.lines, s.bodies = s.notes, cmd.OutOrStdout()
	}
	var err error
	if s.events, err = c.filter(); err != nil {
		return err
	}
	if s.forwardTo, s.receiver, err = c.target(); err != nil {
		return err
	}
	if c.server != "" {
		if s.source, err = c.remote(cmd.InOrStdin()); err != nil {
			return err
		}
		return s.run(cmd.Context(), c.greet(s, *c.Client))
	}
	if c.secretFile != "" {
		return c.Usage("--secret-file is for --server; on the database no secret is needed")
	}
	err = c.Tenant(cmd, func(ctx context.Context, hooks *webhook.Service, tenant store.Tenant) error {
		s.source = local{hooks, tenant}
		return s.run(ctx, c.greet(s, tenant.Client))
	})
	if err != nil && s.source == nil {
		return fmt.Errorf("%w; a server elsewhere is named by --server", err)
	}
	return err
}

// greet tells what the command does, once it does.
func (c *command) greet(s *session, client string) func(environment string) {
	return func(environment string) {
		which := "all webhooks"
		if len(s.events) > 0 {
			which = strings.Join(s.events, ", ")
		}
		fmt.Fprintf(s.notes, "Listening to %s of client %s in %s, through %s\n", which, client, environment, s.source.name())
		if s.forwardTo != "" {
			fmt.Fprintf(s.notes, "Forwarding to %s\n", s.forwardTo)
		} else {
			fmt.Fprintln(s.notes, "Printing only; --forward-to forwards to a program")
		}
		if environment == "sandbox" {
			fmt.Fprintln(s.notes, "Try it with /sandbox/item/fire_webhook; Ctrl-C ends this")
		} else {
			fmt.Fprintln(s.notes, "Ctrl-C ends this")
		}
	}
}

var eventName = regexp.MustCompile(`^[A-Z_]+(\.[A-Z_]+)?$`)

// filter reads --events.
func (c *command) filter() (events []string, err error) {
	for _, text := range c.events {
		e := strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(text)), ".*")
		if !eventName.MatchString(e) {
			return nil, c.Usage(fmt.Sprintf("--events %q is not a type like TRANSACTIONS, or one with a code like ITEM.ERROR", text))
		}
		events = append(events, e)
	}
	return events, nil
}

var port = regexp.MustCompile(`^:?([0-9]{1,5})(/.*)?$`)

// target reads --forward-to. What names no scheme is on this machine.
func (c *command) target() (string, *outbound.Client, error) {
	text := c.forwardTo
	if text == "" {
		return "", nil, nil
	}
	if m := port.FindStringSubmatch(text); m != nil {
		text = "localhost:" + m[1] + m[2]
	}
	bare := !strings.Contains(text, "://")
	if bare {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	client := outbound.New(outbound.Options{Allow: anywhere, AllowHTTP: true})
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return "", nil, c.Usage(fmt.Sprintf("--forward-to %q is not an address like localhost:3000/hook or http://localhost:3000/hook", c.forwardTo))
	case u.User != nil:
		return "", nil, c.Usage("--forward-to must not hold a name or a password")
	case bare && !loopback(u.Hostname()):
		return "", nil, c.Usage(fmt.Sprintf("--forward-to %q leads beyond this machine: write http:// or https:// before it if that is meant", c.forwardTo))
	}
	if err := client.Check(u); err != nil {
		return "", nil, c.Usage(fmt.Sprintf("--forward-to %q: %s", c.forwardTo, webhook.Reason(err)))
	}
	u.Fragment = ""
	return u.String(), client, nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	at, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || (err == nil && at.IsLoopback())
}

// remote reads --server and the credentials for it.
func (c *command) remote(stdin io.Reader) (source, error) {
	u, err := url.Parse(c.server)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "":
		return nil, c.Usage("--server is not a URL like https://weft.example or http://127.0.0.1:8400")
	case !plaid.Known(plaid.Environments, *c.Environment):
		return nil, c.Usage(fmt.Sprintf("--environment %q is not sandbox, development or production", *c.Environment))
	case u.User != nil:
		return nil, c.Usage("--server must not hold a name or a password")
	case u.Scheme == "http" && !loopback(u.Hostname()) && !c.plain:
		return nil, c.Usage(fmt.Sprintf("--server %q would be sent the secret in clear: use https, or allow it with --outbound-http", c.server))
	}
	variable := "WEFT_" + strings.ToUpper(*c.Environment) + "_SECRET"
	if *c.Client == "" {
		*c.Client = c.Variable("WEFT_CLIENT_ID")
	}
	secret, from := c.Variable(variable), variable
	if c.secretFile != "" {
		from = "--secret-file"
		if secret, err = readSecret(c.secretFile, stdin); err != nil {
			return nil, err
		}
	}
	if *c.Client == "" || secret == "" {
		return nil, c.Usage(fmt.Sprintf("--server needs the client's credentials: set WEFT_CLIENT_ID (or --client) and %s (or --secret-file)", variable))
	}
	r := newRemote(u, *c.Client, secret, "WEFT_CLIENT_ID or --client, and "+from)
	if err := r.client.Check(u); err != nil {
		return nil, c.Usage(fmt.Sprintf("--server %q: %s", c.server, webhook.Reason(err)))
	}
	return r, nil
}

// longestSecret is how many characters are read of a secret.
const longestSecret = 1024

// readSecret reads a secret: not from the command line, which others can see.
func readSecret(file string, stdin io.Reader) (secret string, err error) {
	from := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("--secret-file: %w", err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, longestSecret))
	return strings.TrimSpace(string(text)), err
}
