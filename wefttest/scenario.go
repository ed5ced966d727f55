package wefttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// RunScenario runs a text file of requests and expected answers:
//
//	# A comment.
//	> /item/public_token/exchange
//	{"public_token": "${public}"}
//	< 200
//	{"access_token": "${access=access-sandbox-*}", "item_id": "${item=*}"}
//	advance 31m
//
// A request may be followed by header lines ("Plaid-Version: 2018-05-22"). An expected answer names what must be there:
// members that it leaves out are not looked at, an array must have the same length unless its last element is "...", and
// a text may hold * for anything. ${name} is put in from what an earlier ${name=pattern} has taken; $client_id, $secret,
// and $url are the server's. "client NAME" goes on as another client, whose id is ${client_id_NAME} from then on; "client" goes back
// to the first. A member "!name"
// must be absent. "settle" does what is due, such as the delivery of webhooks; $receiver is a receiver's address.
func (s *Server) RunScenario(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := &scenario{t: t, file: file, server: s, clients: map[string]*Server{"": s}, vars: map[string]string{}}
	r.useClient("")
	for _, step := range splitSteps(string(text)) {
		r.run(step)
	}
}

// ScenarioPaths are the paths that a scenario calls.
func ScenarioPaths(text string) []string {
	var paths []string
	for line := range strings.SplitSeq(text, "\n") {
		if p, ok := strings.CutPrefix(line, "> "); ok {
			paths = append(paths, strings.TrimSpace(p))
		}
	}
	return paths
}

// step is a line that begins with a command, and the lines that belong to it.
type step struct {
	line    int
	command string
	body    string
}

func splitSteps(text string) []step {
	var steps []step
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "#"):
		case strings.HasPrefix(line, "> "), strings.HasPrefix(line, "< "), strings.HasPrefix(line, "advance "), strings.HasPrefix(line, "client"), trimmed == "settle":
			steps = append(steps, step{line: i + 1, command: trimmed})
		case len(steps) > 0:
			steps[len(steps)-1].body += line + "\n"
		}
	}
	return steps
}

type scenario struct {
	t       *testing.T
	file    string
	server  *Server
	clients map[string]*Server
	vars    map[string]string
	request step
	status  int
	answer  []byte
}

func (r *scenario) fail(at step, format string, args ...any) {
	r.t.Helper()
	r.t.Fatalf("%s:%d: %s", r.file, at.line, fmt.Sprintf(format, args...))
}

func (r *scenario) run(st step) {
	r.t.Helper()
	verb, rest, _ := strings.Cut(st.command, " ")
	switch verb {
	case ">":
		r.send(st, rest)
	case "<":
		r.check(st, rest)
	case "advance":
		d, err := time.ParseDuration(rest)
		if err != nil {
			r.fail(st, "%v", err)
		}
		r.server.Advance(d)
	case "settle":
		r.server.Settle()
	case "client":
		r.useClient(rest)
	default:
		r.fail(st, "unknown command %q", st.command)
	}
}

func (r *scenario) useClient(name string) {
	c, ok := r.clients[name]
	if !ok {
		c = r.server.NewClient()
		r.clients[name] = c
		r.vars["client_id_"+name] = c.ClientID
	}
	r.server = c
	r.vars["client_id"], r.vars["secret"], r.vars["url"] = c.ClientID, c.Secret, c.URL
}

var reference = regexp.MustCompile(`\$\{(\w+)\}`)

func (r *scenario) fill(at step, text string) string {
	return reference.ReplaceAllStringFunc(text, func(ref string) string {
		name := ref[2 : len(ref)-1]
		value, ok := r.vars[name]
		if !ok && name == "receiver" {
			value, ok = NewReceiver(r.t).URL, true
			r.vars[name] = value
		}
		if !ok {
			r.fail(at, "%s was not taken from an answer before", ref)
		}
		return value
	})
}

var headerLine = regexp.MustCompile(`^([A-Za-z-]+): (.*)$`)

func (r *scenario) send(st step, path string) {
	r.t.Helper()
	header := http.Header{}
	var body []string
	for _, line := range strings.Split(r.fill(st, st.body), "\n") {
		if m := headerLine.FindStringSubmatch(line); m != nil && len(body) == 0 {
			header[http.CanonicalHeaderKey(m[1])] = []string{m[2]}
			continue
		}
		body = append(body, line)
	}
	var err error
	r.request = st
	r.status, r.answer, err = r.server.Post(path, []byte(strings.TrimSpace(strings.Join(body, "\n"))), header)
	if err != nil {
		r.fail(st, "%v", err)
	}
}

func (r *scenario) check(st step, status string) {
	r.t.Helper()
	if want, err := strconv.Atoi(strings.TrimSpace(status)); err != nil || want != r.status {
		r.fail(st, "status %d, want %s; answer: %s", r.status, status, r.answer)
	}
	if strings.TrimSpace(st.body) == "" {
		return
	}
	want, err := decodeNumbers([]byte(r.fill(st, st.body)))
	if err != nil {
		r.fail(st, "expected answer: %v", err)
	}
	got, err := decodeNumbers(r.answer)
	if err != nil {
		r.fail(st, "answer %q: %v", r.answer, err)
	}
	if problem := r.match("", want, got); problem != "" {
		r.fail(st, "%s\nanswer: %s", problem, r.answer)
	}
}

// decodeNumbers keeps numbers as they are written.
func decodeNumbers(b []byte) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}

// match compares an answer with what is expected of it and returns what differs, or "".
func (r *scenario) match(at string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v, want an object", at, got)
		}
		return r.matchObject(at, want, got)
	case []any:
		got, ok := got.([]any)
		if !ok {
			return fmt.Sprintf("%s is not an array", at)
		}
		return r.matchArray(at, want, got)
	case string:
		return r.matchText(at, want, got)
	}
	if want != got {
		return fmt.Sprintf("%s is %v, want %v", at, got, want)
	}
	return ""
}

func (r *scenario) matchObject(at string, want, got map[string]any) string {
	for name, w := range want {
		if absent, ok := strings.CutPrefix(name, "!"); ok {
			if v, there := got[absent]; there {
				return fmt.Sprintf("%s.%s is %v, want it absent", at, absent, v)
			}
			continue
		}
		g, ok := got[name]
		if !ok {
			return fmt.Sprintf("%s.%s is missing", at, name)
		}
		if problem := r.match(at+"."+name, w, g); problem != "" {
			return problem
		}
	}
	return ""
}

func (r *scenario) matchArray(at string, want, got []any) string {
	if n := len(want); n > 0 && want[n-1] == "..." {
		want = want[:n-1]
		if len(got) < len(want) {
			return fmt.Sprintf("%s has %d elements, want at least %d", at, len(got), len(want))
		}
	} else if len(got) != n {
		return fmt.Sprintf("%s has %d elements, want %d", at, len(got), n)
	}
	for i, w := range want {
		if problem := r.match(fmt.Sprintf("%s[%d]", at, i), w, got[i]); problem != "" {
			return problem
		}
	}
	return ""
}

var taking = regexp.MustCompile(`^\$\{(\w+)=(.*)\}$`)

func (r *scenario) matchText(at, want string, got any) string {
	take := taking.FindStringSubmatch(want)
	if take != nil {
		want = take[2]
	}
	text, ok := got.(string)
	if !ok && want == "*" && got != nil {
		text, ok = fmt.Sprint(got), true
	}
	if !ok {
		return fmt.Sprintf("%s is %v, want %q", at, got, want)
	}
	if want != text && !glob(want, text) {
		return fmt.Sprintf("%s is %q, want %q", at, text, want)
	}
	if take != nil {
		r.vars[take[1]] = text
	}
	return ""
}

// glob matches a text with a pattern in which * stands for anything.
func glob(pattern, text string) bool {
	if !strings.Contains(pattern, "*") {
		return false
	}
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`)
	ok, err := regexp.MatchString(`(?s)^`+quoted+`$`, text)
	return err == nil && ok
}
