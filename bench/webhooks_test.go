package bench

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/item/event"
	"weft/internal/job"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/internal/webhook"
)

// hooks is how much of webhooks is measured.
type hooks struct {
	count   int // webhooks of a round
	rates   []hookRate
	rounds  int
	paced   time.Duration // of events at a fixed rate
	hanging int
	links   int // Items that are linked, each until its history is told
}

// hookRate is for how many receivers, and how many events in a transaction, the rate is measured.
type hookRate struct{ receivers, perCommit int }

func hooksOf() hooks {
	if *full {
		return hooks{3_000, []hookRate{{1, 10}, {16, 10}, {64, 10}, {16, 1}}, 3, 10 * time.Second, 100, 200}
	}
	return hooks{200, []hookRate{{8, 10}}, 1, 100 * time.Millisecond, 10, 3}
}

const (
	hookMark    = 0.6                    // of the rate of signing and bare POSTs
	hangMark    = 0.95                   // of the rate without receivers that hang
	pacedRate   = 1000                   // events a second
	receiptMark = 20 * time.Millisecond  // from the commit to the receipt, 99 of 100
	linkMark    = 100 * time.Millisecond // from the public token to HISTORICAL_UPDATE, 99 of 100
)

// sink answers 200 on all addresses of the loopback, each of which is a receiver. Those of 127.0.1.0/24 hang while they are held.
type sink struct {
	port      int
	took      func(body []byte) // is told of each, if it is not nil
	had, most atomic.Int64
	all       chan struct{} // has a signal when it has had as many as it should
	hang      atomic.Pointer[chan struct{}]
	hanging   atomic.Int64
}

func newSink(t *testing.T, took func(body []byte)) *sink {
	t.Helper()
	s := &sink{took: took, all: make(chan struct{}, 1)}
	listener, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: s}}
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(s.release)
	s.port = listener.Addr().(*net.TCPAddr).Port
	return s
}

func (s *sink) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if strings.HasPrefix(r.Host, "127.0.1.") {
		if hang := s.hang.Load(); hang != nil {
			s.hanging.Add(1)
			<-*hang
		}
		return
	}
	if s.took != nil {
		s.took(body)
	}
	if s.had.Add(1) == s.most.Load() {
		s.all <- struct{}{}
	}
}

// expect begins a round.
func (s *sink) expect(n int) {
	s.had.Store(0)
	s.most.Store(int64(n))
}

func (s *sink) release() {
	if hang := s.hang.Swap(nil); hang != nil {
		close(*hang)
	}
}

// at is the address of a receiver, hangingAt that of one that hangs.
func (s *sink) at(n int) string { return fmt.Sprintf("http://127.0.0.%d:%d/", n+1, s.port) }

func (s *sink) hangingAt(n int) string {
	return fmt.Sprintf("http://127.0.1.%d:%d/", n+1, s.port)
}

// outbox is a server's outbox and its deliverers in this process, on a database that keeps what is committed.
type outbox struct {
	testing.TB
	db      *store.DB
	service *webhook.Service
}

func newOutbox(t *testing.T, engine string) *outbox {
	t.Helper()
	var db *store.DB
	if engine == "sqlite" {
		db = storetest.SQLite(t, clock.System{})
	} else {
		var err error
		if db, err = store.OpenPostgres(t.Context(), store.PostgresOptions{URL: storetest.Durable(t), Now: clock.System{}.Now}); err == nil {
			err = db.Migrate(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
	}
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	q := job.New(job.Config{DB: db, Clock: clock.System{}, IDs: ident.System(), Random: mathrand.Int64N, Log: log, Sole: engine == "sqlite", Drain: time.Millisecond})
	service := webhook.New(webhook.Config{DB: db, Keys: keys, Clock: clock.System{}, IDs: ident.System(), Random: mathrand.Int64N, Log: log, Queue: q, Loopback: true})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return &outbox{t, db, service}
}

// tell writes events of one receiver in a transaction, as a refresh does.
func (o *outbox) tell(url string, members ...any) {
	err := o.db.Write(o.Context(), func(tx *store.Tx) error {
		to := event.Target{Tenant: store.Tenant{Client: clientID, Environment: "sandbox"}, ItemID: "RzNgxlJlgOmd2BT8oLQr9hO8HaKlgvEli3Iij", Webhook: url}
		for _, m := range members {
			if err := o.service.Notify(o.Context(), tx, to, event.Event{Type: "TRANSACTIONS", Code: "DEFAULT_UPDATE", Members: m}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.Error(err)
	}
}

type updated struct {
	New int64 `json:"new_transactions"`
}

// producers is how many goroutines write events at once.
const producers = 4

// deliver returns the rate from the first transaction of a number of events to the record of the last delivery.
func (o *outbox) deliver(s *sink, count, receivers, perCommit int) float64 {
	s.expect(count)
	start := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for range producers {
		all.Go(func() {
			for {
				nth := int(next.Add(1)) - 1
				first := nth * perCommit
				if first >= count {
					return
				}
				members := make([]any, min(perCommit, count-first))
				for i := range members {
					members[i] = updated{int64(first + i)}
				}
				o.tell(s.at(nth%receivers), members...)
			}
		})
	}
	all.Wait()
	<-s.all
	o.settled("http://127.0.0.%")
	return float64(count) / time.Since(start).Seconds()
}

// analyze has PostgreSQL look at what is in its tables, as it does by itself within a minute: without that it finds a row by an index of all
// of a client's.
func (o *outbox) analyze() {
	if o.db.Dialect() != "postgres" {
		return
	}
	err := o.db.Write(o.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(o.Context(), "analyze")
		return err
	})
	if err != nil {
		o.Fatal(err)
	}
}

// settled waits until nothing is pending at the addresses that are like a pattern.
func (o *outbox) settled(like string) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for left := 1; left > 0; <-tick.C {
		if err := o.db.QueryRow(o.Context(), `select count(*) from webhooks where state = 'pending' and url like $1`, like).Scan(&left); err != nil {
			o.Fatal(err)
		}
	}
}

// poster signs and posts, and does nothing else: the limit.
type poster struct {
	key    *ecdsa.PrivateKey
	client *http.Client
}

func newPoster(t *testing.T) poster {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	return poster{key, &http.Client{Transport: transport}}
}

// token is an ES256 signature of a body in the form of a JWT.
func (p poster) token(body []byte) (string, error) {
	part := base64.RawURLEncoding.EncodeToString
	signed := part([]byte(`{"alg":"ES256","kid":"6c5516e1-92dc-479e-a8ff-5a51992e0001","typ":"JWT"}`)) + "." +
		part(fmt.Appendf(nil, `{"iat":%d,"request_body_sha256":"%x"}`, time.Now().Unix(), sha256.Sum256(body)))
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, p.key, digest[:])
	if err != nil {
		return "", err
	}
	return signed + "." + part(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)), nil
}

func (p poster) post(ctx context.Context, url string, n int64) error {
	body := fmt.Appendf(nil, "{\n  \"webhook_type\": \"TRANSACTIONS\",\n  \"webhook_code\": \"DEFAULT_UPDATE\",\n  \"item_id\": \"RzNgxlJlgOmd2BT8oLQr9hO8HaKlgvEli3Iij\",\n  \"new_transactions\": %d,\n  \"environment\": \"sandbox\"\n}", n)
	token, err := p.token(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(webhook.Header, token)
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return err
}

// rate is how many a second are signed and posted, over a connection to each receiver.
func (p poster) rate(t *testing.T, s *sink, count, receivers int) float64 {
	s.expect(count)
	start := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for i := range receivers {
		all.Go(func() {
			for n := next.Add(1); n <= int64(count); n = next.Add(1) {
				if err := p.post(t.Context(), s.at(i), n); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	<-s.all
	return float64(count) / time.Since(start).Seconds()
}

const hookColumns = "%-56s %14s %14s %6s %6s %-3s"

// line is one of the table: ours, what it stands beside, and whether the mark is met.
func line(what string, ours, beside string, ratio, mark string, met bool) string {
	return fmt.Sprintf(hookColumns, what, ours, beside, ratio, mark, map[bool]string{true: "yes", false: "NO"}[met])
}

func ratioLine(what string, ours, beside []float64, mark float64) string {
	ratio := median(ours) / median(beside)
	return line(what, fmt.Sprintf("%.0f/s", median(ours)), fmt.Sprintf("%.0f/s", median(beside)), fmt.Sprintf("%.2f", ratio), fmt.Sprint(mark), ratio >= mark)
}

// latencyLine is of the median and the 99th of a hundred.
func latencyLine(what string, ours, beside []time.Duration, mark time.Duration) string {
	both := func(all []time.Duration) string {
		if len(all) == 0 {
			return ""
		}
		slices.Sort(all)
		return fmt.Sprintf("%.1f %.1fms", float64(all[len(all)/2].Microseconds())/1000, float64(all[len(all)*99/100].Microseconds())/1000)
	}
	text, limit := both(ours), both(beside)
	return line(what+", p50 p99", text, limit, "", mark.String(), ours[len(ours)*99/100] <= mark)
}

// TestWebhooks prints the table of webhooks.
func TestWebhooks(t *testing.T) {
	inShort(t)
	h := hooksOf()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			table := []string{fmt.Sprintf(hookColumns, "webhooks of "+engine, "ours", "limit", "ratio", "mark", "met")}
			part := func(name string, measure func(t *testing.T) string) {
				t.Run(name, func(t *testing.T) {
					table = append(table, measure(t))
					t.Log(table[len(table)-1])
				})
			}
			for _, of := range h.rates {
				part("rate", func(t *testing.T) string { return hookRates(t, engine, h, of) })
			}
			part("latency", func(t *testing.T) string { return hookLatency(t, engine, h) })
			part("hanging", func(t *testing.T) string { return hookHanging(t, engine, h) })
			part("links", func(t *testing.T) string { return hookLinks(t, engine, h) })
			fmt.Println(strings.Join(table, "\n"))
		})
	}
}

// cpu is the processors' time that this process has taken, in microseconds.
func cpu(t *testing.T) float64 {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return float64((u.Utime.Sec+u.Stime.Sec)*1e6 + u.Utime.Usec + u.Stime.Usec)
}

// hookRates is the rate of webhooks beside that of signed POSTs. The processors' time for each, with that of the receiver, follows:
// it depends less on what else the machine does. What PostgreSQL takes of it is not in there.
func hookRates(t *testing.T, engine string, h hooks, of hookRate) string {
	s, o, p := newSink(t, nil), newOutbox(t, engine), newPoster(t)
	var ours, bare, oursTime, bareTime []float64
	o.deliver(s, h.count/4, of.receivers, of.perCommit)
	o.analyze()
	for range h.rounds { // taking turns
		begun := cpu(t)
		ours = append(ours, o.deliver(s, h.count, of.receivers, of.perCommit))
		between := cpu(t)
		bare = append(bare, p.rate(t, s, h.count, of.receivers))
		oursTime, bareTime = append(oursTime, (between-begun)/float64(h.count)), append(bareTime, (cpu(t)-between)/float64(h.count))
	}
	return ratioLine(fmt.Sprintf("event to record, %d receivers, %d a commit", of.receivers, of.perCommit), ours, bare, hookMark) +
		fmt.Sprintf(" cpu %.0f and %.0f us", median(oursTime), median(bareTime))
}

// pace calls a function so many times at a fixed rate, however long it takes.
func pace(count int, fn func(n int)) {
	var all sync.WaitGroup
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	begun := time.Now()
	for sent := 0; sent < count; <-tick.C {
		for due := min(int(time.Since(begun).Seconds()*pacedRate)+1, count); sent < due; sent++ {
			n := sent
			all.Go(func() { fn(n) })
		}
	}
	all.Wait()
}

// hookLatency is how long webhooks take from the commit to their receipt, and signed POSTs from their signing, at a fixed rate.
func hookLatency(t *testing.T, engine string, h hooks) string {
	const receivers = 16
	count := max(int(h.paced.Seconds()*pacedRate), 1)
	begun, arrived := make([]atomic.Int64, count), make([]atomic.Int64, count)
	s := newSink(t, func(body []byte) {
		var n int
		_, after, _ := strings.Cut(string(body), `"new_transactions": `)
		if _, err := fmt.Sscan(after, &n); err == nil {
			arrived[n].CompareAndSwap(0, time.Now().UnixNano())
		}
	})
	o, p := newOutbox(t, engine), newPoster(t)
	round := func(fn func(n int)) (all []time.Duration) {
		s.expect(count)
		pace(count, fn)
		<-s.all
		for n := range count {
			all = append(all, time.Duration(max(arrived[n].Swap(0)-begun[n].Swap(0), 0)))
		}
		return all
	}
	ours := round(func(n int) {
		o.tell(s.at(n%receivers), updated{int64(n)})
		begun[n].Store(time.Now().UnixNano())
	})
	bare := round(func(n int) {
		begun[n].Store(time.Now().UnixNano())
		if err := p.post(t.Context(), s.at(n%receivers), int64(n)); err != nil {
			t.Error(err)
		}
	})
	return latencyLine(fmt.Sprintf("commit to receipt at %d/s", pacedRate), ours, bare, receiptMark)
}

// hookHanging is the rate of receivers while others hang, and beside it their rate by themselves.
func hookHanging(t *testing.T, engine string, h hooks) string {
	const receivers, perCommit = 16, 10
	var with, without []float64
	for range h.rounds { // taking turns; each on a new database, since who has hung is left alone
		s, o := newSink(t, nil), newOutbox(t, engine)
		o.deliver(s, h.count/4, receivers, perCommit)
		o.analyze()
		without = append(without, o.deliver(s, h.count, receivers, perCommit))
		hang := make(chan struct{})
		s.hang.Store(&hang)
		for n := range h.hanging {
			o.tell(s.hangingAt(n), updated{}, updated{})
		}
		for tick := time.NewTicker(time.Millisecond); s.hanging.Load() < int64(h.hanging); {
			<-tick.C
		}
		with = append(with, o.deliver(s, h.count, receivers, perCommit))
		s.release()
	}
	return ratioLine(fmt.Sprintf("%d receivers beside %d that hang, and alone", receivers, h.hanging), with, without, hangMark)
}
