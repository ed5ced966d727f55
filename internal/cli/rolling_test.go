package cli_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// balancer sends calls to the servers that are ready, in turn.
type balancer struct {
	urls [3]string
	turn atomic.Int64
}

// checks asks who is ready, with a bound as proxies have.
var checks = http.Client{Timeout: time.Second}

func (b *balancer) ready(url string) bool {
	res, err := checks.Get(url + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close() //nolint:errcheck // the status is the answer
	return res.StatusCode == http.StatusOK
}

// send sends a call to the next server that is ready, and returns which it was.
func (b *balancer) send(t *testing.T, path, fields string) (int, error) {
	first := int(b.turn.Add(1))
	for i := range b.urls {
		at := (first + i) % 3
		if !b.ready(b.urls[at]) {
			continue
		}
		a, err := (&process{url: b.urls[at]}).ask(t.Context(), path, fields)
		if err == nil && a.status != http.StatusOK {
			err = fmt.Errorf("%d %s", a.status, a.body)
		}
		return at, err
	}
	return 0, errors.New("no server is ready")
}

// load are clients that send calls until they are told to stop; each answer is a sign that can be waited for.
type load struct {
	t        *testing.T
	answered chan int
	over     chan struct{}
	clients  sync.WaitGroup
	mu       sync.Mutex
	took     []time.Duration // how long each call took, with the choice of a server
}

// underLoad has three clients send calls through a balancer. Call is a client's nth: a path and the fields.
func (c *cluster) underLoad(call func(client, n int) (path, fields string)) *load {
	b := &balancer{}
	for i, s := range c.servers {
		b.urls[i] = s.url
	}
	return c.through(b, call, 0)
}

// proxy sends a call to one of the servers, and tells to which.
type proxy interface {
	send(t *testing.T, path, fields string) (at int, err error)
}

// through has them send calls through a proxy, of which some may fail.
func (c *cluster) through(b proxy, call func(client, n int) (path, fields string), mayFail int64) *load {
	l := &load{t: c.t, answered: make(chan int), over: make(chan struct{})}
	var failures atomic.Int64
	for i := range 3 {
		l.clients.Go(func() {
			for n := 0; ; n++ {
				path, fields := call(i, n)
				begun := time.Now()
				at, err := b.send(c.t, path, fields)
				l.mu.Lock()
				l.took = append(l.took, time.Since(begun))
				l.mu.Unlock()
				if c.t.Context().Err() != nil { // the test has failed elsewhere
					return
				}
				if err != nil && failures.Add(1) > mayFail {
					c.t.Errorf("%s at server %d: %v", path, at, err)
				}
				select {
				case <-l.over:
					return
				case l.answered <- at:
				default: // nobody counts
				}
			}
		})
	}
	return l
}

// count waits until a server has answered some calls.
func (l *load) count(at int) {
	for n := 0; n < 10 && !l.t.Failed(); {
		if <-l.answered == at {
			n++
		}
	}
}

// stop ends the clients, each after its call.
func (l *load) stop() {
	close(l.over)
	l.clients.Wait()
	slices.Sort(l.took)
	n := len(l.took)
	l.t.Logf("%d requests; half took at most %s, 99 in 100 %s, the longest %s", n, l.took[n/2], l.took[n*99/100], l.took[n-1])
}

// leave has a server stop as it does when it is told to.
func (c *cluster) leave(i int) {
	c.t.Helper()
	s := c.servers[i]
	s.signal(c.t, syscall.SIGTERM)
	await(c.t, "the end of a server", s.ended)
	if !s.ProcessState.Success() {
		c.t.Errorf("server %d ended with %v: %s", i, s.ProcessState, s.said)
	}
}

// Servers are stopped and started anew, one after the other, while clients go on through a proxy that asks who is ready: no
// request fails.
func TestARollingRestartFailsNoRequest(t *testing.T) {
	c, r := newCluster(t, "--instant", "--rate-limits", "off"), newReceivers(t, 1, true)
	access := c.link(0, "")
	l := c.underLoad(func(client, n int) (string, string) {
		if n%4 == 3 {
			return "/item/webhook/update", fmt.Sprintf(`{"access_token":%q,"webhook":"%s/%d/%d"}`, access, r.urls[0], client, n)
		}
		return "/accounts/get", fmt.Sprintf(`{"access_token":%q}`, access)
	})
	for i := range c.servers {
		l.count(i)
		c.leave(i)
		c.again(i)
		l.count(i)
	}
	l.stop()
}
