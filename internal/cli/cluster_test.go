package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/seal"
	"weft/internal/store/storetest"
)

// patience bounds what is waited for: a sign that comes sooner ends the wait, so only a failure takes as long.
const patience = 3 * time.Minute

// cluster is three servers on one PostgreSQL database, each a process of its own with a folder and a cache of its own.
type cluster struct {
	t        *testing.T
	database string
	env      []string
	args     []string
	servers  [3]*process
	// migrations are those of the version that servers are started in, beside this one's.
	migrations map[string]string
}

// process is a server of a cluster.
type process struct {
	*exec.Cmd
	url, data string
	said      *bytes.Buffer // on stderr; to be read once it has ended
	ended     chan struct{}
}

// newCluster starts three servers at once, so that they bring the schema up to date against each other.
func newCluster(t *testing.T, args ...string) *cluster {
	t.Helper()
	return newClusterOn(t, storetest.PostgresURL(t), args...)
}

func newClusterOn(t *testing.T, database string, args ...string) *cluster {
	t.Helper()
	key, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, database: database, args: args}
	c.env = append([]string{"WEFT_KEY=" + base64.StdEncoding.EncodeToString(key)}, listenersKeys...)
	var starts sync.WaitGroup
	for i := range c.servers {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(i))
		starts.Go(func() { c.servers[i] = c.start(dir, "127.0.0.1:0") })
	}
	starts.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return c
}

var servesAt = regexp.MustCompile(`serves at (http://\S+)\n`)

// start starts a server and waits until it has said where it serves. It may be called on any goroutine.
func (c *cluster) start(dir, listen string) *process {
	args := append([]string{"serve", "--data", dir, "--database", c.database, "--listen", listen, "--drain-wait", "2s"}, c.args...)
	p := &process{Cmd: laterCommand(c.t, c.migrations, c.env, args...), data: dir, said: &bytes.Buffer{}, ended: make(chan struct{})}
	p.Stderr = p.said
	out, err := p.StdoutPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		c.t.Error(err)
		return p
	}
	c.t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended
		<-p.ended
	})
	lines, greeting := bufio.NewReader(out), ""
	for err == nil && !strings.Contains(greeting, "curl ") {
		var line string
		line, err = lines.ReadString('\n')
		greeting += line
	}
	go func() {
		_, _ = io.Copy(io.Discard, lines) // until it ends
		_ = p.Wait()                      // how it ended is in the process's state
		close(p.ended)
	}()
	if m := servesAt.FindStringSubmatch(greeting); m != nil {
		p.url = m[1]
		return p
	}
	<-p.ended
	c.t.Errorf("a server ended (%v) after %q: %s", p.ProcessState, greeting, p.said)
	return p
}

// again starts a server that has ended, where it was.
func (c *cluster) again(i int) {
	c.t.Helper()
	old := c.servers[i]
	c.servers[i] = c.start(old.data, strings.TrimPrefix(old.url, "http://"))
	if c.t.Failed() {
		c.t.FailNow()
	}
}

// signal tells a server something; stopped ones say how they ended.
func (p *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// answer is what a server says to a call.
type answer struct {
	status int
	body   string
	header http.Header
}

// ask sends a call to one server. Fields is a JSON object.
func (p *process) ask(ctx context.Context, path, fields string) (answer, error) {
	body := fmt.Sprintf(`{"client_id":%q,"secret":%q`, listenersID, listenersSecret)
	if inner := strings.TrimPrefix(fields, "{"); inner != "}" {
		body += "," + inner
	} else {
		body += "}"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, string(text), res.Header}, err
}

// must is ask for a call that has to succeed; it reads the answer into a value.
func (c *cluster) must(at int, path, fields string, into any) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	a, err := c.servers[at%3].ask(ctx, path, fields)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("%d %s", a.status, a.body)
	}
	if err == nil && into != nil {
		err = json.Unmarshal([]byte(a.body), into)
	}
	if err != nil {
		c.t.Fatalf("%s at server %d: %v", path, at%3, err)
	}
}

// link makes an Item at one server, exchanges its public token at the next, and returns its access token.
func (c *cluster) link(at int, webhook string) string {
	c.t.Helper()
	var made struct {
		PublicToken string `json:"public_token"`
		AccessToken string `json:"access_token"`
	}
	options := `"override_username":"user_transactions_dynamic","override_password":"x"`
	if webhook != "" {
		options += fmt.Sprintf(`,"webhook":%q`, webhook)
	}
	c.must(at, "/sandbox/public_token/create", `{"institution_id":"ins_109508","initial_products":["transactions"],"options":{`+options+`}}`, &made)
	c.must(at+1, "/item/public_token/exchange", fmt.Sprintf(`{"public_token":%q}`, made.PublicToken), &made)
	return made.AccessToken
}

// changed are the transactions that a client has been told of, by their descriptions, and the cursor behind them.
type changed struct {
	cursor string
	names  map[string]int
}

// sync reads the changes behind a cursor at one server. Modified ones are not counted again.
func (c *cluster) sync(at int, access, cursor string) changed {
	c.t.Helper()
	told := changed{cursor: cursor, names: map[string]int{}}
	for more := true; more; {
		var page struct {
			Added []struct {
				Name     string
				Original *string `json:"original_description"`
			}
			Next string `json:"next_cursor"`
			More bool   `json:"has_more"`
		}
		c.must(at, "/transactions/sync", fmt.Sprintf(`{"access_token":%q,"cursor":%q,"count":500,"options":{"include_original_description":true}}`, access, told.cursor), &page)
		for _, a := range page.Added {
			if a.Original != nil {
				told.names[*a.Original]++
			} else {
				told.names[a.Name]++
			}
		}
		told.cursor, more = page.Next, page.More
	}
	return told
}

// create has the bank of an Item state a transaction of today's.
func creation(access, description string, day time.Time) string {
	date := day.Format(time.DateOnly)
	return fmt.Sprintf(`{"access_token":%q,"transactions":[{"date_transacted":%q,"date_posted":%q,"amount":12.5,"description":%q}]}`, access, date, date, description)
}

// hook is a webhook that has come.
type hook struct{ receiver, path, body, signature string }

// receivers are several receivers of webhooks, each with an address of its own.
type receivers struct {
	urls []string
	got  chan hook
	// gate holds the receivers' answers back until it is closed; held tells of each that is.
	gate, held chan struct{}
}

// newReceivers starts receivers whose answers are held back until open is called.
func newReceivers(t *testing.T, n int, open bool) *receivers {
	r := &receivers{got: make(chan hook, 10_000), gate: make(chan struct{}), held: make(chan struct{}, 10_000)}
	if open {
		close(r.gate)
	}
	for range n {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			body, err := io.ReadAll(req.Body)
			select {
			case <-r.gate:
			default:
				r.held <- struct{}{}
				<-r.gate
			}
			if err == nil && req.Context().Err() == nil { // who has been killed meanwhile is told nothing
				r.got <- hook{req.Host, req.URL.Path, string(body), req.Header.Get("Plaid-Verification")}
			}
		}))
		t.Cleanup(s.CloseClientConnections)
		r.urls = append(r.urls, s.URL)
	}
	return r
}

// next waits for a webhook.
func (r *receivers) next(t *testing.T, what string) hook {
	t.Helper()
	select {
	case h := <-r.got:
		return h
	case <-time.After(patience):
		t.Fatalf("no sign of %s", what)
		return hook{}
	}
}

// await waits for a sign.
func await(t *testing.T, what string, sign <-chan struct{}) {
	t.Helper()
	select {
	case <-sign:
	case <-time.After(patience):
		t.Fatalf("no sign of %s", what)
	}
}
