package limit

import (
	"context"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"weft/internal/clock"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Config is what a limiter is made of.
type Config struct {
	DB    *store.DB
	Clock clock.Clock
	Log   *slog.Logger
	// Server names the server; no other has the name, nor had it before a restart.
	Server string
	// Sole: no other server uses the database.
	Sole bool
	// Rules are the limits; Table, but in tests.
	Rules []Rule
	// Every is the time between two looks at what other servers want back; lookEvery if zero.
	Every time.Duration
}

// Limiter lets requests through, or refuses them.
type Limiter struct {
	Config
	shards [shards]shard
	// stored are the counts of the minute in which a sole server has begun, until it is over.
	begun  int64
	stored atomic.Pointer[map[key]int64]
	// used: a request was let through since the last look. woken is told of the first one.
	used  atomic.Bool
	woken chan struct{}

	takes takes
	// moving is held while shares are on their way between memory and database: none is forgotten there when it is asked for. What
	// fails on the way counts as used. held is the last minute of which there were shares for requests to come.
	moving sync.Mutex
	held   atomic.Int64
}

// key is a limit as it is counted. item is empty where it is the client's as a whole.
type key struct {
	tenant     store.Tenant
	item, path string
}

// count is a limit in a minute.
type count struct {
	most int64
	// spare are shares that requests to come may use. Of a sole server that is all that is left.
	spare int64
	// known: this server has asked the database for it.
	known bool
	// out: nobody has any share left in this minute.
	out bool
	// dirty: a sole server has not written down what was used.
	dirty bool
}

const shards = 64

// shard has a part of the counts of its minute. Those of minutes that are over are forgotten.
type shard struct {
	mu     sync.Mutex
	minute int64
	counts map[key]*count
}

var seed = maphash.MakeSeed()

// New is a limiter. A sole server's goes on with what was used of the minute before it began.
func New(ctx context.Context, cfg Config) (*Limiter, error) {
	if cfg.Every == 0 {
		cfg.Every = lookEvery
	}
	l := &Limiter{Config: cfg, woken: make(chan struct{}, 1)}
	l.takes.waiting = map[window]*asked{}
	if !cfg.Sole {
		return l, nil
	}
	l.begun = minuteOf(cfg.Clock.Now())
	stored, err := l.readCounts(ctx, l.begun)
	l.stored.Store(&stored)
	return l, err
}

// Of is what lets requests of an operation through, by returning nil, or refuses them; it is nil where there is no limit. itemID
// is empty where a request names no Item. A nil limiter has no limits.
func (l *Limiter) Of(path string) func(ctx context.Context, tenant store.Tenant, itemID string) error {
	if l == nil {
		return nil
	}
	for i := range l.Rules {
		if rule := &l.Rules[i]; rule.Path == path {
			return func(ctx context.Context, tenant store.Tenant, itemID string) error {
				return l.admit(ctx, rule, tenant, itemID)
			}
		}
	}
	return nil
}

// admit counts a request on its Item first: one that is refused there is none of the client's.
func (l *Limiter) admit(ctx context.Context, rule *Rule, tenant store.Tenant, itemID string) error {
	most := rule.most(tenant.Environment)
	if itemID != "" && most.Item > 0 {
		if ok, err := l.use(ctx, key{tenant, itemID, rule.Path}, most.Item); err != nil || !ok {
			return refusal(err, rule.ItemCode)
		}
	}
	if most.Client > 0 {
		if ok, err := l.use(ctx, key{tenant, "", rule.Path}, most.Client); err != nil || !ok {
			return refusal(err, rule.ClientCode)
		}
	}
	return nil
}

func refusal(err error, code plaid.Code) error {
	if err != nil {
		return err
	}
	return plaid.Err(code)
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// use takes a share of a limit, and reports whether there was one.
func (l *Limiter) use(ctx context.Context, k key, most int64) (bool, error) {
	s := l.shard(k)
	s.mu.Lock()
	c := l.count(s, k, minuteOf(l.Clock.Now()), most)
	if c.spare > 0 {
		c.spare--
		c.dirty = true
		s.mu.Unlock()
		if !l.used.Load() { // a write that others see costs more than to look
			l.used.Store(true)
			select {
			case l.woken <- struct{}{}:
			default:
			}
		}
		return true, nil
	}
	out, w := c.out || l.Sole, window{k, s.minute}
	s.mu.Unlock()
	if out {
		return false, nil
	}
	return l.take(ctx, w, most)
}

// shard has the counts of an Item or a client together.
func (l *Limiter) shard(k key) *shard {
	name := k.item
	if name == "" {
		name = k.tenant.Client
	}
	return &l.shards[maphash.String(seed, name)%shards]
}

// count is a limit's in a shard that is locked. A clock that goes back stays in the minute that has begun.
func (l *Limiter) count(s *shard, k key, minute, most int64) *count {
	if s.counts == nil || minute > s.minute {
		s.minute, s.counts = minute, map[key]*count{}
	}
	c, ok := s.counts[k]
	if !ok {
		c = &count{most: most}
		if l.Sole {
			c.spare = most
		}
		if stored := l.stored.Load(); stored != nil && minute == l.begun {
			c.spare = max(most-(*stored)[k], 0)
		}
		s.counts[k] = c
	}
	return c
}
