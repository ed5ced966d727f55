package cli_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// balancer sends calls to the servers that are ready, in turn.
type balancer struct {
	urls [3]string
	turn atomic.Int64
}

func (b *balancer) ready(url string) bool {
	res, err := http.Get(url + "/readyz")
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

// Servers are stopped and started anew, one after the other, while clients go on through a proxy that asks who is ready: no
// request fails.
func TestARollingRestartFailsNoRequest(t *testing.T) {
	c, r := newCluster(t, "--instant", "--rate-limits", "off"), newReceivers(t, 1, true)
	access := c.link(0, "")
	b := &balancer{}
	for i, s := range c.servers {
		b.urls[i] = s.url
	}
	answered, over := make(chan int), make(chan struct{})
	var sent atomic.Int64
	var clients sync.WaitGroup
	for i := range 3 {
		clients.Go(func() {
			for n := i; ; n++ {
				path, fields := "/accounts/get", fmt.Sprintf(`{"access_token":%q}`, access)
				if n%4 == 3 {
					path, fields = "/item/webhook/update", fmt.Sprintf(`{"access_token":%q,"webhook":"%s/%d"}`, access, r.urls[0], n)
				}
				at, err := b.send(t, path, fields)
				if t.Context().Err() != nil { // the test has failed elsewhere
					return
				}
				if err != nil {
					t.Errorf("%s at server %d: %v", path, at, err)
				}
				sent.Add(1)
				select {
				case <-over:
					return
				case answered <- at:
				default: // nobody counts
				}
			}
		})
	}
	// count waits until a server has answered some calls.
	count := func(at int) {
		for n := 0; n < 10 && !t.Failed(); {
			if <-answered == at {
				n++
			}
		}
	}
	for i, s := range c.servers {
		count(i)
		s.signal(t, syscall.SIGTERM)
		await(t, "the end of a server", s.ended)
		if !s.ProcessState.Success() {
			t.Errorf("server %d ended with %v: %s", i, s.ProcessState, s.said)
		}
		c.again(i)
		count(i)
	}
	close(over)
	clients.Wait()
	t.Logf("%d requests", sent.Load())
}
