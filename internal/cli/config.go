package cli

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"weft/internal/cli/logging"
	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector/sandbox"
	"weft/internal/limit"
	"weft/internal/outbound"
	"weft/internal/plaid"
	"weft/internal/product/imports"
	"weft/internal/server"
	"weft/internal/webhook"
)

// config is the command line as it was given: texts, so that all of its faults can be told together.
type config struct {
	env map[string]string

	outboundAllow                                                     []string
	outboundHTTP, instant, syncMutationError                          bool
	data, database                                                    string
	listen, publicURL, seed, now, logLevel, logFormat, cacheMegabytes string
	watch, webhookRetries, rateLimits                                 string
	operatorListen, otlpEndpoint                                      string
	sandboxLoginDays                                                  uint16
	drainWait                                                         time.Duration
}

func (c *config) storageFlags(f *pflag.FlagSet) {
	f.StringVar(&c.data, "data", "./weft-data", "folder of the SQLite database and the key file")
	f.StringVar(&c.database, "database", "", "PostgreSQL to use in place of SQLite (postgres://user@host/name)")
}

func (c *config) serveFlags(f *pflag.FlagSet) {
	f.StringVar(&c.listen, "listen", "127.0.0.1:8400", "address to serve on; port 0 takes a free one")
	f.StringVar(&c.publicURL, "public-url", "", "URL at which clients reach the server, if another than the address")
	f.StringVar(&c.seed, "seed", "", "make ids, tokens and simulated banks repeat themselves (tests only: tokens can be guessed)")
	f.StringVar(&c.now, "now", "", "let the server's clock stand still at this time (RFC 3339, or YYYY-MM-DD)")
	f.StringVar(&c.logLevel, "log-level", "info", "debug, info, warn or error")
	f.StringVar(&c.logFormat, "log-format", "text", "text or json")
	c.outboundFlags(f)
	f.StringVar(&c.webhookRetries, "webhook-retries", "steady", "when webhooks are tried again: steady (72 h, soon after a receiver is back) or plaid (24 h, as Plaid documents)")
	f.StringVar(&c.rateLimits, "rate-limits", "on", "on, off to let all requests through, or a number for that many times as many; --now lets all through, since its minutes never end")
	f.BoolVar(&c.instant, "instant", false, "have the history of transactions come with an Item at once, and not in two steps some seconds later (for CI)")
	f.BoolVar(&c.syncMutationError, "sync-mutation-error", false, "have /transactions/sync refuse to go on where transactions have changed between two pages, as Plaid does (to test programs)")
	f.Uint16Var(&c.sandboxLoginDays, "sandbox-login-days", sandbox.LoginDays, "after how many days a login at a simulated bank ends, as at Plaid; 0 for never")
	f.StringVar(&c.cacheMegabytes, "cache-mb", "24", "memory for cached answers, in MiB; 0 for none")
	f.StringVar(&c.operatorListen, "operator-listen", "", "address for the operator's metrics (/metrics) and profiles (/debug/pprof), such as 127.0.0.1:8401; none by default, since it asks for no secret")
	f.StringVar(&c.otlpEndpoint, "otlp-endpoint", c.env[collectorVariable], "URL of an OpenTelemetry collector for traces, by OTLP over HTTP; "+collectorVariable+" without the flag")
	f.DurationVar(&c.drainWait, "drain-wait", 0, "how long to go on serving, and not be ready at /readyz, when told to stop: as long as a proxy takes to notice")
	f.StringVar(&c.watch, "watch", "", "folder to import statement files from as they come, for the first client in production")
}

// outboundFlags are those of commands that call banks.
func (c *config) outboundFlags(f *pflag.FlagSet) {
	f.StringSliceVar(&c.outboundAllow, "outbound-allow", nil, "networks beside the public internet that may be called, such as 192.168.1.0/24 or 127.0.0.1")
	f.BoolVar(&c.outboundHTTP, "outbound-http", false, "allow plain http for outbound calls (credentials then travel in clear)")
}

// outbound reads what may be called.
func (c *config) outbound() (outbound.Options, error) {
	o := outbound.Options{AllowHTTP: c.outboundHTTP}
	var faults []string
	for _, text := range c.outboundAllow {
		network, err := netip.ParsePrefix(strings.TrimSpace(text))
		if address, addressErr := netip.ParseAddr(strings.TrimSpace(text)); err != nil && addressErr == nil {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			faults = append(faults, fmt.Sprintf("--outbound-allow %q is not a network like 192.168.1.0/24 or an address", text))
		}
		o.Allow = append(o.Allow, network)
	}
	if len(faults) > 0 {
		return o, usageError{faults}
	}
	return o, nil
}

// storage is where the database and the key are.
func (c *config) storage() (server.Storage, error) {
	s := server.Storage{DataDir: c.data, DatabaseURL: c.database, Key: c.env["WEFT_KEY"]}
	var faults []string
	if c.data == "" {
		faults = append(faults, "--data must name a folder")
	}
	if c.database != "" && !strings.HasPrefix(c.database, "postgres://") && !strings.HasPrefix(c.database, "postgresql://") {
		faults = append(faults, "--database must begin with postgres:// (without it, Weft uses SQLite under --data)")
	}
	if len(faults) > 0 {
		return s, usageError{faults}
	}
	return s, nil
}

// server reads the whole configuration of a server, and tells all of its faults.
func (c *config) server(logTo *logging.Lines) (server.Config, error) {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	storage, err := c.storage()
	if usage, ok := err.(usageError); ok {
		faults = append(faults, usage.faults...)
	}
	storage.Exclusive = true
	cfg := server.Config{Storage: storage, Listen: c.listen, PublicURL: strings.TrimSuffix(c.publicURL, "/"), Seed: c.seed, Clock: clock.System{}}
	if _, _, err := net.SplitHostPort(c.listen); err != nil {
		fault("--listen %q is not an address like 127.0.0.1:8400", c.listen)
	}
	if u, err := url.Parse(c.publicURL); c.publicURL != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		fault("--public-url %q is not an http or https URL", c.publicURL)
	}
	if _, _, err := net.SplitHostPort(c.operatorListen); c.operatorListen != "" && err != nil {
		fault("--operator-listen %q is not an address like 127.0.0.1:8401", c.operatorListen)
	}
	if u, err := url.Parse(c.otlpEndpoint); c.otlpEndpoint != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		fault("--otlp-endpoint %q is not an http or https URL", c.otlpEndpoint)
	}
	cfg.OperatorListen, cfg.Collector, cfg.DrainWait = c.operatorListen, c.otlpEndpoint, max(c.drainWait, 0)
	if c.now != "" {
		t, err := parseTime(c.now)
		if err != nil {
			fault("--now %q is neither a time like 2026-11-20T09:30:00Z nor a date like 2026-11-20", c.now)
		}
		cfg.Clock = clock.NewManual(t)
	}
	megabytes, err := strconv.ParseUint(c.cacheMegabytes, 10, 16)
	if err != nil {
		fault("--cache-mb %q is not a number from 0 to 65535", c.cacheMegabytes)
	}
	cfg.CacheBytes = megabytes << 20
	if c.watch != "" {
		if _, err := imports.StatementFiles(c.watch); err != nil {
			fault("--watch %q is not a folder that can be read: %v", c.watch, err)
		}
	}
	cfg.WatchDir = c.watch
	if cfg.Log, err = logging.New(logTo, c.logLevel, c.logFormat); err != nil {
		faults = append(faults, err.Error())
	}
	cfg.Paced, cfg.SyncMutationError = !c.instant, c.syncMutationError
	if times, err := strconv.ParseInt(c.rateLimits, 10, 32); err == nil && times > 0 {
		cfg.Limits = limit.Times(times)
	} else if c.rateLimits != "on" && c.rateLimits != "off" {
		fault("--rate-limits %q is neither on nor off, nor how many times as many requests are let through", c.rateLimits)
	}
	cfg.NoRateLimits = c.rateLimits == "off" || c.now != ""
	cfg.SandboxLogin = time.Duration(c.sandboxLoginDays) * 24 * time.Hour
	cfg.Outbound, err = c.outbound()
	if usage, ok := err.(usageError); ok {
		faults = append(faults, usage.faults...)
	}
	if cfg.Retries, err = webhook.ParseRetries(c.webhookRetries); err != nil {
		fault("--webhook-retries %v", err)
	}
	cfg.Preset, err = c.preset()
	if usage, ok := err.(usageError); ok {
		faults = append(faults, usage.faults...)
	}
	if len(faults) > 0 {
		return server.Config{}, usageError{faults}
	}
	return cfg, nil
}

func parseTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}

// minSecret is the least length of a preset secret: 16 characters can hold 64 bits, which is enough against guessing over
// the network; made-up secrets have 128.
const minSecret = 16

// preset reads the first client's keys from the environment. Secrets have no flags: a command line can be seen by others.
func (c *config) preset() (client.Preset, error) {
	p := client.Preset{ClientID: c.env["WEFT_CLIENT_ID"], Secrets: client.Secrets{}}
	var faults []string
	seen := map[string]string{}
	for _, env := range plaid.Environments {
		name := "WEFT_" + strings.ToUpper(env) + "_SECRET"
		secret := c.env[name]
		if secret == "" {
			continue
		}
		if len(secret) < minSecret {
			faults = append(faults, fmt.Sprintf("%s must have at least %d characters", name, minSecret))
		}
		if other, ok := seen[secret]; ok {
			faults = append(faults, fmt.Sprintf("%s and %s must differ: the secret decides the environment", other, name))
		}
		seen[secret] = name
		p.Secrets[env] = secret
	}
	if len(faults) > 0 {
		return p, usageError{faults}
	}
	return p, nil
}
