package webhook_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"weft/internal/clock"
	"weft/internal/item/event"
	"weft/internal/outbound"
	"weft/internal/store"
	"weft/internal/webhook"
)

// sink answers 200 and tells when it has had a number of webhooks.
func sink(b *testing.B, most int) (port string, done chan struct{}) {
	done = make(chan struct{})
	var had atomic.Int64
	return everywhere(b, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if had.Add(1) == int64(most) {
			close(done)
		}
	}), done
}

func address(receiver int, port string) string {
	return fmt.Sprintf("http://127.0.0.%d:%s/", receiver+1, port)
}

// BenchmarkDelivery is the rate from the transactions of the events to their arrival, all signed and recorded, and beside it
// the rate of signing and bare POSTs over as many connections.
func BenchmarkDelivery(b *testing.B) {
	for _, receivers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(receivers, " receivers"), func(b *testing.B) {
			whole := float64(b.N) / deliver(b, receivers)
			bare := float64(b.N) / post(b, receivers)
			b.ReportMetric(whole, "webhooks/s")
			b.ReportMetric(bare, "signed-posts/s")
			b.ReportMetric(whole/bare, "ratio")
		})
	}
}

// perCommit is how many events a transaction has, as a refresh might.
const perCommit = 10

// deliver returns how many seconds b.N webhooks take.
func deliver(b *testing.B, receivers int) float64 {
	port, done := sink(b, b.N)
	db, s := running(b)
	start := clock.System{}.Now()
	for first := 0; first < b.N; first += perCommit {
		err := db.Write(b.Context(), func(tx *store.Tx) error {
			for n := first; n < min(first+perCommit, b.N); n++ {
				to := event.Target{Tenant: tenant, ItemID: "item", Webhook: address(n%receivers, port)}
				if err := s.Notify(b.Context(), tx, to, event.Event{Type: "TEST", Code: "NUMBER", Members: numbered{n}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	<-done
	recorded(b, db)
	return clock.System{}.Now().Sub(start).Seconds()
}

// post returns how many seconds b.N signed POSTs take that nobody keeps a record of.
func post(b *testing.B, connections int) float64 {
	port, done := sink(b, b.N)
	c := outbound.New(outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true})
	sign := signing(b)
	var next atomic.Int64
	var all sync.WaitGroup
	start := clock.System{}.Now()
	for i := range connections {
		all.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				body := fmt.Sprintf("{\n  \"webhook_type\": \"TEST\",\n  \"webhook_code\": \"NUMBER\",\n  \"item_id\": \"item\",\n  \"n\": %d,\n  \"environment\": \"sandbox\"\n}", n)
				if err := bare(b, c, address(i, port), body, sign(body)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	<-done
	return clock.System{}.Now().Sub(start).Seconds()
}

func bare(b *testing.B, c *outbound.Client, url, body, signature string) error {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set(webhook.Header, signature)
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return err
}

// signing signs as the service does.
func signing(b *testing.B) func(body string) string {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	o := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", "6c5516e1-92dc-479e-a8ff-5a51992e0001")
	js, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, o)
	if err != nil {
		b.Fatal(err)
	}
	return func(body string) string {
		sum := sha256.Sum256([]byte(body))
		signed, err := js.Sign(fmt.Appendf(nil, `{"iat":%d,"request_body_sha256":%q}`, clock.System{}.Now().Unix(), hex.EncodeToString(sum[:])))
		if err != nil {
			b.Error(err)
			return ""
		}
		token, err := signed.CompactSerialize()
		if err != nil {
			b.Error(err)
		}
		return token
	}
}
