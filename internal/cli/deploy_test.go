package cli_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/needs"
)

// deployed is the text of a file of deploy/.
func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(needs.Root(t), "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// found are the first groups of all places of a text where an expression holds; there has to be one.
func found(t *testing.T, file, expression string) (all []string) {
	t.Helper()
	for _, m := range regexp.MustCompile("(?m)"+expression).FindAllStringSubmatch(deployed(t, file), -1) {
		all = append(all, m[1])
	}
	if len(all) == 0 {
		t.Fatalf("%s has no %s", file, expression)
	}
	return all
}

// deployments are the files that set variables of the server, each with how it does.
var deployments = map[string]string{
	"Dockerfile":           `(WEFT_[A-Z_]+=[^ \n]+)`,
	"compose.yaml":         `^ +(WEFT_[A-Z_]+: .+)$`,
	"weft.service":         `(WEFT_[A-Z_]+=[^ \n]+)`,
	"kubernetes/weft.yaml": `name: (WEFT_[A-Z_]+, value.+)\}$`,
}

// settings are the variables of a file with their values; what a file leaves to the operator has a value that would do.
func settings(t *testing.T, file string) map[string]string {
	t.Helper()
	set := map[string]string{}
	for _, text := range found(t, file, deployments[file]) {
		name := regexp.MustCompile(`^[A-Z_]+`).FindString(text)
		value := strings.Trim(strings.TrimPrefix(strings.TrimPrefix(strings.TrimLeft(strings.TrimPrefix(text, name), "=:, "), "value:"), " "), `"`)
		switch {
		case strings.Contains(value, "PASSWORD"):
			value = regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(value, "password")
		case strings.HasPrefix(value, "$") || strings.HasPrefix(value, "valueFrom"):
			value = map[string]string{"WEFT_PUBLIC_URL": "https://weft.example", "WEFT_DATABASE": "postgres://weft@postgres/weft",
				"WEFT_SANDBOX_SECRET": "a-secret-of-the-sandbox", "WEFT_PRODUCTION_SECRET": "a-secret-of-production"}[name]
		}
		set[name] = value
	}
	return set
}

// What deploy/ sets are variables that the program reads, with values that it takes: one that was misspelt would be passed over in
// silence. The commands are commands.
func TestDeploymentsSetWhatThereIs(t *testing.T) {
	help := weft(t, nil, "--help").succeeds(t).out + weft(t, nil, "serve", "--help").succeeds(t).out
	known := regexp.MustCompile(`WEFT_[A-Z_]+`).FindAllString(help, -1)
	for _, m := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(help, -1) {
		known = append(known, "WEFT_"+strings.ToUpper(strings.ReplaceAll(m[1], "-", "_")))
	}
	for file := range deployments {
		set := settings(t, file)
		var env []string
		for name, value := range set {
			if !slices.Contains(known, name) {
				t.Errorf("%s sets %s, which nothing reads", file, name)
			}
			if name != "WEFT_DATA" && name != "WEFT_KEY" && name != "WEFT_DATABASE" {
				env = append(env, name+"="+value)
			}
		}
		if len(set) < 2 {
			t.Errorf("%s sets only %v", file, set)
		}
		// Status 2 is a fault of the configuration; the address may be taken, and there is no such database.
		if o := weft(t, env, "doctor", "--data", filepath.Join(t.TempDir(), "data")); o.status == 2 {
			t.Errorf("%s sets what is refused: %s", file, o.errors)
		}
		if database := set["WEFT_DATABASE"]; database != "" {
			if o := weft(t, []string{"WEFT_DATABASE=" + database + "&connect_timeout=1"}, "keys", "list", "--data", t.TempDir()); o.status == 2 || strings.Contains(o.errors, "not a valid") {
				t.Errorf("%s: %s", file, o.errors)
			}
		}
	}
	commands := slices.Concat(found(t, "Dockerfile", `^CMD \["(.*)"\]`), found(t, "compose.yaml", `command: \[(.*)\]`), found(t, "kubernetes/weft.yaml", `args: \[(.*)\]`),
		found(t, "weft.service", `^ExecStart=/usr/local/bin/weft (.*)$`))
	if len(commands) != 5 {
		t.Errorf("commands: %v", commands)
	}
	for _, command := range commands {
		if o := weft(t, nil, command, "--help").succeeds(t); !strings.Contains(o.out, "weft "+command) {
			t.Errorf("%s is no command", command)
		}
	}
}

// one is the only value of several places.
func one(t *testing.T, what string, values ...string) string {
	t.Helper()
	if slices.Sort(values); len(slices.Compact(values)) != 1 {
		t.Errorf("%s: %v", what, values)
	}
	return values[0]
}

// Whoever sends requests and questions sends them where the server listens, to pages that it has.
func TestDeploymentsAskWhereTheServerIs(t *testing.T) {
	port := one(t, "the port", slices.Concat(found(t, "Dockerfile", `WEFT_LISTEN=0\.0\.0\.0:(\d+)`), found(t, "Dockerfile", `^EXPOSE (\d+)`), found(t, "Caddyfile", `weft-1:(\d+)`),
		found(t, "Caddyfile", `weft-2:(\d+)`), found(t, "Caddyfile", `weft-3:(\d+)`), found(t, "kubernetes/weft.yaml", `name: http, containerPort: (\d+)`))...)
	if listens := "127.0.0.1:" + port; !strings.Contains(weft(t, nil, "serve", "--help").out, listens) {
		t.Errorf("%s is not the default", listens)
	}
	one(t, "the operator's port", slices.Concat(found(t, "kubernetes/weft.yaml", `name: operator, containerPort: (\d+)`), found(t, "kubernetes/weft.yaml", `prometheus.io/port: "(\d+)"`),
		found(t, "kubernetes/weft.yaml", `WEFT_OPERATOR_LISTEN, value: "0\.0\.0\.0:(\d+)"`), found(t, "compose.yaml", `WEFT_OPERATOR_LISTEN: 0\.0\.0\.0:(\d+)`),
		found(t, "weft.service", `WEFT_OPERATOR_LISTEN=127\.0\.0\.1:(\d+)`))...)
	one(t, "the proxy's port", append(found(t, "compose.yaml", `ports: \["\d+:(\d+)"\]`), found(t, "Caddyfile", `^:(\d+) \{`)...)...)
	if services := found(t, "compose.yaml", `^  (weft-\d):\n    <<: \*weft`); strings.Join(services, " ") != strings.Join(found(t, "Caddyfile", `(weft-\d):`), " ") || len(services) != 3 {
		t.Errorf("the proxy does not send to %v", services)
	}
	if targets := found(t, "kubernetes/weft.yaml", `(?:targetPort|port): (http)\b`); len(targets) != 4 {
		t.Errorf("the service and three probes name the port: %v", targets)
	}
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil)
	paths := append(found(t, "Caddyfile", `health_uri (\S+)`), found(t, "kubernetes/weft.yaml", `httpGet: \{path: ([^,]+),`)...)
	for _, path := range paths {
		res, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != http.StatusOK { //nolint:errcheck // the status is the answer
			t.Errorf("%s answers %d", path, res.StatusCode)
		}
	}
	one(t, "who is sent requests is ready", paths[0], paths[len(paths)-1], "/readyz")
}

// Servers that stop are waited for: the wait, 30 seconds for requests, 20 for jobs, and some for the last traces. The wait is as long
// as those who send requests take to notice.
func TestDeploymentsWaitForServersThatStop(t *testing.T) {
	seconds := func(file, expression string) time.Duration {
		text := found(t, file, expression)[0]
		if !strings.HasSuffix(text, "s") {
			text += "s"
		}
		d, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	wait := seconds("compose.yaml", `WEFT_DRAIN_WAIT: (\S+)`)
	if grace := seconds("compose.yaml", `stop_grace_period: (\S+)`); grace < wait+60*time.Second {
		t.Errorf("Compose ends a server after %s", grace)
	}
	if notices := seconds("Caddyfile", `health_interval (\S+)`) + seconds("Caddyfile", `health_timeout (\S+)`); notices > wait {
		t.Errorf("the proxy notices after %s, and servers wait for %s", notices, wait)
	}
	wait = seconds("kubernetes/weft.yaml", `WEFT_DRAIN_WAIT, value: (\w+)`)
	if grace := seconds("kubernetes/weft.yaml", `terminationGracePeriodSeconds: (\d+)`); grace < wait+60*time.Second {
		t.Errorf("Kubernetes ends a server after %s", grace)
	}
	const probe = `readinessProbe:\n(?:.*\n)`
	notices := seconds("kubernetes/weft.yaml", probe+`{1,3}? +periodSeconds: (\d+)`)*time.Duration(seconds("kubernetes/weft.yaml", probe+`{1,4}? +failureThreshold: (\d+)`)/time.Second) +
		seconds("kubernetes/weft.yaml", probe+`{1,3}? +timeoutSeconds: (\d+)`)
	if notices > wait {
		t.Errorf("Kubernetes notices after %s, and servers wait for %s", notices, wait)
	}
	if grace := seconds("weft.service", `^TimeoutStopSec=(\S+)`); grace < 60*time.Second {
		t.Errorf("systemd ends a server after %s", grace)
	}
}

// The image runs as nobody that may do anything, from nothing but the program.
func TestTheImageIsConfined(t *testing.T) {
	from := found(t, "Dockerfile", `^FROM (\S+)`)
	if base := from[len(from)-1]; !strings.HasPrefix(base, "gcr.io/distroless/static") || !strings.HasSuffix(base, ":nonroot") {
		t.Errorf("the image is made from %s", base)
	}
	ids := slices.Concat(found(t, "Dockerfile", `^USER (\d+):`), found(t, "Dockerfile", `--chown=(\d+):`), found(t, "kubernetes/weft.yaml", `runAs(?:User|Group): (\d+)`), found(t, "kubernetes/weft.yaml", `fsGroup: (\d+)`))
	if id := one(t, "the user", ids...); id == "0" {
		t.Error("the image runs as root")
	}
	version := regexp.MustCompile(`\d+\.\d+`).FindString(from[0])
	mod, err := os.ReadFile(filepath.Join(needs.Root(t), "go.mod"))
	if err != nil || !strings.Contains(string(mod), "\ngo "+version) {
		t.Errorf("the image is built with Go %s, go.mod says otherwise (%v)", version, err)
	}
	one(t, "the folder", append(found(t, "Dockerfile", `WEFT_DATA=(\S+)`), append(found(t, "Dockerfile", `^VOLUME (\S+)`), slices.Concat(found(t, "compose.yaml", `"[a-z0-9-]+:(/data)"`),
		found(t, "kubernetes/weft.yaml", `mountPath: ([^}]+)\}`))...)...)...)
}
