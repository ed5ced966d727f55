package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/connector/ofx"
	"weft/internal/ident"
	"weft/internal/job"
	"weft/internal/needs"
	"weft/internal/plaid"
	"weft/internal/product/institutions"
	"weft/internal/product/link/flow"
	"weft/internal/product/link/session"
	"weft/internal/product/link/token"
	"weft/internal/server"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// victimVariable makes the test's own program a server that kills itself at a named point.
const victimVariable = "WEFT_TEST_LINK_VICTIM"

func TestMain(m *testing.M) {
	if line := os.Getenv(victimVariable); line != "" {
		var v victim
		err := json.Unmarshal([]byte(line), &v)
		if err == nil {
			err = v.run()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	storetest.Main(m)
}

// victim is a server with one person in Link, who is about to link when it is killed.
type victim struct {
	Data, Database string
	// Does is what is linked: "login", "token" or "file". Step is "prepare" (as far as before the linking) or "link".
	Does, Step string
	// Point is how many statements and commits of the linking it lives through; 0 for all. Starts counts the servers.
	Point, Starts int64
}

// found is what a server finds, and what it leaves: told of the Items there, and of those that the session tells of.
type found struct {
	Pane                                        session.Pane
	Items, Connections, Linked, Added, Finished int
	// Exchangeable are the public tokens, Claims the tokens that were claimed.
	Exchangeable, Claims int
}

// outcome is what a server prints.
type outcome struct {
	Before, After found
	Points        []string
}

var victimTenant = store.Tenant{Client: "5f1a2b3c4d5e6f7a8b9c0d1e", Environment: plaid.Sandbox}

func (v victim) run() (err error) {
	ctx, working := context.Background(), atomic.Bool{}
	var out outcome
	observe := func(query string, _ []any) {
		if working.Load() {
			out.Points = append(out.Points, query)
			if int64(len(out.Points)) == v.Point {
				_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL) // a failure shows as a server that lives on
			}
		}
	}
	log := slog.New(slog.DiscardHandler)
	k := clock.NewManual(wefttest.Start.Add(time.Duration(v.Starts) * 3 * time.Minute)) // whoever worked before has died
	s, err := server.New(ctx, server.Config{
		Storage: server.Storage{DataDir: v.Data, DatabaseURL: v.Database, Exclusive: true}, Listen: "127.0.0.1:0", Clock: k, Log: log, HoldJobs: true, Observe: observe,
		Preset: client.Preset{ClientID: victimTenant.Client, Secrets: client.Secrets{}},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	s.Items.Connectors[plaid.Sandbox] = append(s.Items.Connectors[plaid.Sandbox], connector.Connector(ofx.New()), &bridge{ledger: filepath.Join(v.Data, "spent")})
	_, finder := institutions.New(s.Items)
	queue := job.New(job.Config{DB: s.Items.DB, Clock: k, IDs: ident.System(), Random: rand.Int64N, Log: log})
	p := &linking{victim: v, f: flow.New(flow.Service{Items: s.Items, Find: finder.Find, BaseURL: s.URL(), Log: log}, queue)}
	if v.Step == "prepare" {
		return p.prepare(ctx)
	}
	if err := p.look(ctx); err != nil {
		return err
	}
	if out.Before, err = p.tell(ctx); err != nil {
		return err
	}
	working.Store(true)
	if err := p.link(ctx); err != nil {
		return err
	}
	working.Store(false)
	if out.After, err = p.tell(ctx); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}

// linking is a victim's person at work.
type linking struct {
	victim
	f   *flow.Service
	key string
	a   session.Answer
}

func (p *linking) do(ctx context.Context, name string, values ...string) error {
	a := session.Action{Name: name, Step: p.a.View.Step, Values: map[string][]string{}}
	for i := 0; i+1 < len(values); i += 2 {
		a.Values[values[i]] = []string{values[i+1]}
	}
	if name == session.ActUpload && p.a.View.Pane == session.PaneUpload {
		a.File = statement("Larkfield", 5, "111")
	}
	var err error
	p.a, err = p.f.Act(ctx, p.key, a)
	return err
}

// prepare opens a session and goes as far as where the next action links.
func (p *linking) prepare(ctx context.Context) error {
	user, webhook := "u", "https://receiver.example/"
	linkToken, err := token.Make(ctx, p.f.Items, victimTenant, token.Request{ClientName: "App", Language: "en", CountryCodes: []string{"US"}, Products: []string{"auth"},
		User: &token.User{ClientUserID: &user}, Webhook: &webhook, HostedLink: &token.HostedLink{}})
	if err != nil {
		return err
	}
	if p.key, p.a, err = p.f.Open(ctx, session.Opening{LinkToken: linkToken}); err != nil {
		return err
	}
	steps := map[string][][]string{
		"login": {{session.ActAccept, "phone", "+14155550123"}, {session.ActOTP, "code", "123456"}, {session.ActSelect, "institution", "ins_109508"},
			{session.ActSubmit, "username", "user_good", "password", "pass_good"}, {session.ActContinue}, {session.ActChoose, "account", ""}},
		"token": {{session.ActSkip}, {session.ActToken}, {session.ActToken, "token", "setup"}},
		"file":  {{session.ActSkip}, {session.ActUpload}},
	}
	for _, step := range steps[p.Does] {
		if step[0] == session.ActChoose {
			step[2] = p.a.View.Accounts.List[0].Key
		}
		if err := p.do(ctx, step[0], step[1:]...); err != nil {
			return err
		}
	}
	if want := map[string]session.Pane{"file": session.PaneUpload}[p.Does]; p.a.View.Pane != want && p.a.View.Pane != session.PaneLoading {
		return fmt.Errorf("prepared as far as %s", p.a.View.Pane)
	}
	return os.WriteFile(filepath.Join(p.Data, "key"), []byte(p.key+" "+linkToken), 0o600)
}

// look is where the person is.
func (p *linking) look(ctx context.Context) error {
	key, err := os.ReadFile(filepath.Join(p.Data, "key"))
	if err != nil {
		return err
	}
	p.key, _, _ = strings.Cut(string(key), " ")
	p.a.View.Step = -1
	return p.do(ctx, "look")
}

// link goes on until the session has ended, or the person would have to bring another token.
func (p *linking) link(ctx context.Context) error {
	for range 10 {
		name := map[session.Pane]string{session.PaneUpload: session.ActUpload, session.PaneLoading: session.ActContinue, session.PaneConnected: session.ActFinish}[p.a.View.Pane]
		if name == "" {
			return nil
		}
		if err := p.do(ctx, name, "file", "a.ofx"); err != nil {
			return err
		}
	}
	return fmt.Errorf("no end on pane %s", p.a.View.Pane)
}

// tell counts what is there.
func (p *linking) tell(ctx context.Context) (f found, err error) {
	f.Pane = p.a.View.Pane
	if p.a.View.Connected != nil {
		f.Linked = p.a.View.Connected.Linked
	}
	key, err := os.ReadFile(filepath.Join(p.Data, "key"))
	if err != nil {
		return f, err
	}
	_, linkToken, _ := strings.Cut(string(key), " ")
	t, err := token.Find(ctx, p.f.Items.DB, p.f.Items.Keys, victimTenant, linkToken)
	if err != nil {
		return f, err
	}
	ended, err := p.f.Sessions(ctx, t)
	if err != nil {
		return f, err
	}
	for _, text := range ended {
		f.Linked = strings.Count(string(text), `"institution":{"name"`) // of each result, and of on_success
		if strings.Contains(string(text), `"on_success"`) {
			f.Linked--
		}
	}
	for query, to := range map[string]*int{
		`select count(*) from items`: &f.Items, `select count(*) from connections`: &f.Connections, `select count(*) from public_tokens`: &f.Exchangeable,
		`select count(*) from webhooks where webhook_code = 'ITEM_ADD_RESULT'`: &f.Added, `select count(*) from webhooks where webhook_code = 'SESSION_FINISHED'`: &f.Finished,
	} {
		if err := p.f.Items.DB.QueryRow(ctx, query).Scan(to); err != nil {
			return f, err
		}
	}
	spent, err := os.ReadFile(filepath.Join(p.Data, "spent"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return f, err
	}
	f.Claims = strings.Count(string(spent), "\n")
	return f, nil
}

// start runs the victim in a process of its own and returns what it tells, or that it was killed.
func (v victim) start(t *testing.T) (out outcome, killed bool) {
	t.Helper()
	line, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimVariable+"="+string(line))
	var complaint strings.Builder
	cmd.Stderr = &complaint
	text, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled() {
		storetest.Ended(t, v.Database)
		return out, true
	}
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatalf("%+v: %v\n%s", v, err, complaint.String())
	}
	return out, false
}

// A server that is killed at any statement or commit of linking has Items exactly where the session tells of them, each with its
// public token and its webhook; the next server goes on, and ends where an undisturbed one does.
func TestKilledWhileLinking(t *testing.T) {
	for _, does := range []string{"login", "token", "file"} {
		t.Run(does, func(t *testing.T) {
			prepared := victim{Data: t.TempDir(), Does: does, Step: "prepare"}
			prepared.start(t)
			killAtPoints(t, does, needs.Cycles(8, 20), func(t *testing.T) victim {
				v := victim{Data: filepath.Join(t.TempDir(), "data"), Does: does, Step: "link", Starts: 1}
				err := os.CopyFS(v.Data, os.DirFS(prepared.Data))
				if err = errors.Join(err, os.Chmod(filepath.Join(v.Data, "weft.key"), 0o600)); err != nil {
					t.Fatal(err)
				}
				return v
			})
		})
		t.Run(does+" postgres", func(t *testing.T) {
			killAtPoints(t, does, needs.Cycles(2, 5), func(t *testing.T) victim {
				v := victim{Data: t.TempDir(), Database: storetest.PostgresURL(t), Does: does, Step: "prepare"}
				v.start(t)
				v.Step, v.Starts = "link", 1
				return v
			})
		})
	}
}

func killAtPoints(t *testing.T, does string, cycles int, prepare func(t *testing.T) victim) {
	undisturbed, _ := prepare(t).start(t)
	want, points := undisturbed.After, undisturbed.Points
	if want.Pane != session.PaneEnded || want.Linked == 0 || want.Linked != want.Items || want.Added != want.Items || want.Finished != 1 || want.Exchangeable != want.Items {
		t.Fatalf("undisturbed it ends with %+v", want)
	}
	at := killPoints(points, cycles)
	before, after, lost := 0, 0, 0
	for _, point := range at {
		v := prepare(t)
		v.Point = point
		if _, killed := v.start(t); !killed {
			t.Fatalf("not killed at %d of %d", point, len(points))
		}
		v.Point, v.Starts = 0, v.Starts+1
		out, _ := v.start(t)
		f := out.Before
		switch whole := f.Items == want.Items && f.Linked == want.Items && f.Added == want.Items && f.Exchangeable == want.Items && f.Connections == want.Connections; {
		case whole:
			after++
		case f.Items == 0 && f.Linked == 0 && f.Added == 0 && f.Exchangeable == 0 && f.Connections == 0:
			before++
		default:
			t.Errorf("killed at point %d (%s) it left %+v", point, points[point-1], f)
		}
		if out.After.Pane == session.PaneToken && f.Claims == 1 && f.Pane == session.PaneLoading && f.Items == 0 {
			lost++ // killed after the claim and before it could be stored: nobody can know what it gave
			continue
		}
		if out.After != want {
			t.Errorf("killed at point %d (%s), the next ends with %+v, an undisturbed one with %+v", point, points[point-1], out.After, want)
		}
	}
	t.Logf("%s: at %d of %d points, %d before the Items and %d after; %d claims lost", does, len(at), len(points), before, after, lost)
	if before == 0 || after == 0 {
		t.Error("the kills were all on one side of the commit: the test proves nothing")
	}
}

// killPoints are the points to be killed at: all, or so many that are spread over them, with the last commits, of the Items and of
// the end.
func killPoints(points []string, most int) (at []int64) {
	step := max(1, len(points)/most)
	for i := 0; i < len(points); i += step {
		at = append(at, int64(i+1))
	}
	for i, point := range points {
		if point == store.Committing && i > len(points)/2 {
			at = append(at, int64(i+1), int64(i+2)) // and when it is done
		}
	}
	slices.Sort(at)
	return slices.Compact(at)
}
