package cli_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weft/internal/needs"
)

// caddy is the proxy of deploy/, before the servers of a cluster.
type caddy struct {
	process
	servers []string      // where they listen
	serving chan struct{} // closed when it does
}

// quicker has the deployment's proxy listen at a free port, send to a cluster, tell to which server, and look five times as often who is
// ready: the servers of a cluster wait for two seconds when they stop, those of the deployment for ten.
func quicker(text, listen string, servers []string) string {
	changes := []string{":8400 {", "http://" + listen + " {", "health_interval 2s", "health_interval 400ms", "fail_duration 2s", "fail_duration 400ms", "health_timeout 5s", "health_timeout 1s",
		"lb_policy", "header_down Answered-By {http.reverse_proxy.upstream.hostport}\n\t\tlb_policy"}
	for i, s := range servers {
		changes = append(changes, fmt.Sprintf("weft-%d:8400", i+1), s)
	}
	return "{\n\tadmin off\n}\n" + strings.NewReplacer(changes...).Replace(text)
}

// newCaddy starts the proxy and returns when it serves. Another program may take its port before it does: then it gets another.
func newCaddy(t *testing.T, c *cluster) *caddy {
	t.Helper()
	for range 5 {
		p := startCaddy(t, c)
		if p.serves() {
			return p
		}
		t.Logf("the proxy has ended: %s", p.said)
	}
	t.Fatal("the proxy does not serve")
	return nil
}

func startCaddy(t *testing.T, c *cluster) *caddy {
	t.Helper()
	program := needs.Program(t, filepath.Join(needs.Root(t), "bin", "caddy"), "make bin/caddy")
	text, err := os.ReadFile(filepath.Join(needs.Root(t), "deploy", "Caddyfile"))
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := free.Addr().String()
	p := &caddy{process: process{url: "http://" + listen, said: &bytes.Buffer{}, ended: make(chan struct{})}, serving: make(chan struct{})}
	for _, s := range c.servers {
		p.servers = append(p.servers, strings.TrimPrefix(s.url, "http://"))
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "Caddyfile")
	if err := os.WriteFile(file, []byte(quicker(string(text), listen, p.servers)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Cmd = exec.Command(program, "run", "--config", file, "--adapter", "caddyfile")
	p.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir)
	lines, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := free.Close(); err != nil { // the port is the proxy's from here on
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go p.listen(lines)
	t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended
		<-p.ended
		if t.Failed() {
			t.Logf("the proxy: %s", p.said)
		}
	})
	return p
}

// serves waits until it does, or has ended.
func (p *caddy) serves() bool {
	select {
	case <-p.serving:
		return true
	case <-p.ended:
		return false
	}
}

// listen keeps what the proxy says until it ends, and tells when it serves.
func (p *caddy) listen(lines io.Reader) {
	for in := bufio.NewScanner(lines); in.Scan(); {
		fmt.Fprintln(p.said, in.Text())
		if strings.Contains(in.Text(), "serving initial configuration") {
			close(p.serving)
		}
	}
	_ = p.Wait() // how it ended is in what it said
	close(p.ended)
}

// send implements proxy.
func (p *caddy) send(t *testing.T, path, fields string) (at int, err error) {
	a, err := p.ask(t.Context(), path, fields)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("%d %s", a.status, a.body)
	}
	return slices.Index(p.servers, a.header.Get("Answered-By")), err
}

// The proxy of the deployment, as its file configures it, sends nothing to a server that stops, goes on when one is gone without a
// word, and takes both in again when they are back: no request fails.
func TestTheProxyOfTheDeployment(t *testing.T) {
	c := newCluster(t, "--instant", "--rate-limits", "off")
	p := newCaddy(t, c)
	access := c.link(0, "")
	accounts := func(int, int) (string, string) {
		return "/accounts/get", fmt.Sprintf(`{"access_token":%q}`, access)
	}
	l := c.through(p, accounts, 0)
	for i := range c.servers {
		l.count(i)
	}
	c.leave(0)
	l.count(1)
	c.again(0)
	l.count(0)
	l.stop()

	// What a server is answering while it is killed fails; so nothing is asked then. Of three connections to it that were kept each may
	// take one request with it before the proxy has seen its end.
	killed := c.servers[1]
	killed.signal(t, os.Kill)
	await(t, "the end of a server", killed.ended)
	l = c.through(p, accounts, 3)
	l.count(0)
	l.count(2)
	c.again(1)
	l.count(1)
	l.stop()
}
