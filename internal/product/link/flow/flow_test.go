package flow_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/product/institutions"
	"weft/internal/product/link/flow"
	"weft/internal/product/link/session"
	"weft/internal/product/link/settings"
	"weft/internal/product/link/token"
	"weft/internal/server"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// rig is a server with a flow whose clock and jobs the test moves.
type rig struct {
	*flow.Service
	t      *testing.T
	srv    *server.Server
	tenant store.Tenant
	clock  *clock.Manual
	queue  *job.Queue
}

// each runs a test on both engines.
func each(t *testing.T, run func(t *testing.T, r *rig)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			storage := server.Storage{DataDir: t.TempDir()}
			if engine == "postgres" {
				storage.DatabaseURL = storetest.PostgresURL(t)
			}
			r := &rig{t: t, clock: clock.NewManual(wefttest.Start)}
			log := slog.New(slog.NewTextHandler(t.Output(), nil))
			srv, err := server.New(t.Context(), server.Config{Storage: storage, Listen: "127.0.0.1:0", Clock: r.clock, Log: log, HoldJobs: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := srv.Close(); err != nil {
					t.Error(err)
				}
			})
			r.srv, r.tenant = srv, store.Tenant{Client: srv.Client.ClientID, Environment: plaid.Sandbox}
			r.queue = job.New(job.Config{DB: srv.Items.DB, Clock: r.clock, IDs: ident.System(), Random: rand.Int64N, Log: log})
			_, finder := institutions.New(srv.Items)
			r.Service = flow.New(flow.Service{Items: srv.Items, Find: finder.Find, BaseURL: srv.URL(), Log: log}, r.queue)
			run(t, r)
		})
	}
}

// linkToken makes a link token with members besides the usual ones.
func (r *rig) linkToken(members string) string {
	r.t.Helper()
	if !strings.Contains(members, `"products"`) {
		members += `, "products": ["auth"]`
	}
	body := fmt.Sprintf(`{"client_id": %q, "secret": %q, "client_name": "App", "language": "en", "country_codes": ["US"], "user": {"client_user_id": "u"}%s}`,
		r.tenant.Client, r.srv.Made[r.tenant.Environment], members)
	rec := httptest.NewRecorder()
	r.srv.Handler.ServeHTTP(rec, httptest.NewRequestWithContext(r.t.Context(), "POST", "/link/token/create", strings.NewReader(body)))
	var made struct {
		LinkToken string `json:"link_token"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil || made.LinkToken == "" {
		r.t.Fatalf("%s %v", rec.Body, err)
	}
	return made.LinkToken
}

func (r *rig) open(linkToken string) (key string, a session.Answer) {
	r.t.Helper()
	key, a, err := r.Open(r.t.Context(), session.Opening{LinkToken: linkToken})
	if err != nil {
		r.t.Fatal(err)
	}
	return key, a
}

// do does an action on the step that the last answer showed.
func (r *rig) do(key string, last session.Answer, name string, values ...string) session.Answer {
	r.t.Helper()
	act := session.Action{Name: name, Step: last.View.Step, Values: map[string][]string{}}
	for i := 0; i+1 < len(values); i += 2 {
		act.Values[values[i]] = append(act.Values[values[i]], values[i+1])
	}
	a, err := r.Act(r.t.Context(), key, act)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// toLinking goes on to where the Item is about to be made.
func (r *rig) toLinking(key string, a session.Answer) session.Answer {
	r.t.Helper()
	a = r.do(key, a, session.ActSkip)
	a = r.do(key, a, session.ActSelect, "institution", "ins_109508")
	a = r.do(key, a, session.ActSubmit, "username", "user_good", "password", "pass_good")
	a = r.do(key, a, session.ActContinue)
	r.at(a, session.PaneAccounts)
	return r.do(key, a, session.ActChoose, "account", a.View.Accounts.List[0].Key)
}

func (r *rig) at(a session.Answer, pane session.Pane) {
	r.t.Helper()
	if a.View.Pane != pane {
		r.t.Fatalf("on pane %s, want %s", a.View.Pane, pane)
	}
}

func (r *rig) items() int {
	r.t.Helper()
	list, err := r.Items.List(r.t.Context(), r.tenant)
	if err != nil {
		r.t.Fatal(err)
	}
	return len(list)
}

// However many pages ask for the work of a step at once, it is done once.
func TestOneItemOfManyPages(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		key, a := r.open(r.linkToken(""))
		a = r.toLinking(key, a)
		var pages sync.WaitGroup
		for range 8 {
			pages.Go(func() {
				if _, err := r.Act(t.Context(), key, session.Action{Name: session.ActContinue, Step: a.View.Step}); err != nil {
					t.Error(err)
				}
			})
		}
		pages.Wait()
		if n := r.items(); n != 1 {
			t.Errorf("%d Items", n)
		}
		r.at(r.do(key, a, session.ActContinue), session.PaneConnected)
	})
}

// Of two pages that do something else on the same step one is heard, and the other is shown what came of it. A page that lost
// the answer and repeats itself is told the events that it has missed.
func TestStepsAreDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		key, first := r.open(r.linkToken(""))
		second := r.do(key, first, session.ActSkip)
		r.at(second, session.PaneInstitutions)
		late := r.do(key, first, session.ActSkip)
		r.at(late, session.PaneInstitutions)
		if fmt.Sprint(late.Events) != fmt.Sprint(second.Events) || len(late.Events) == 0 {
			t.Errorf("told %v, and again %v", second.Events, late.Events)
		}
		if other := r.do(key, first, session.ActExit); other.View.Pane != session.PaneInstitutions {
			t.Errorf("a passed step led to %s", other.View.Pane)
		}
	})
}

// Whoever works for a step and dies is taken over after a time, and not before.
func TestDeadWorkersAreTakenOver(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		key, a := r.open(r.linkToken(""))
		a = r.toLinking(key, a)
		err := r.Items.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `update link_sessions set working_until = $1 where session_id = $2`, tx.Now.Add(time.Minute).UnixMilli(), a.View.SessionID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		r.at(r.do(key, a, session.ActContinue), session.PaneLoading)
		if n := r.items(); n != 0 {
			t.Errorf("%d Items while another works", n)
		}
		r.clock.Advance(2 * time.Minute)
		r.at(r.do(key, a, session.ActContinue), session.PaneConnected)
		if n := r.items(); n != 1 {
			t.Errorf("%d Items", n)
		}
	})
}

// A session that its person has left ends by itself, with what it has brought.
func TestAbandonedSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		left := r.linkToken("")
		r.open(left)
		linked := r.linkToken("")
		key, a := r.open(linked)
		a = r.do(key, r.toLinking(key, a), session.ActContinue)
		r.at(a, session.PaneConnected)
		r.clock.Advance(session.Life)
		if _, err := r.queue.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		for linkToken, want := range map[string]string{left: `"exit":`, linked: `"on_success":`} {
			found, err := token.Find(t.Context(), r.Items.DB, r.Items.Keys, r.tenant, linkToken)
			if err != nil {
				t.Fatal(err)
			}
			list, err := r.Sessions(t.Context(), found)
			if err != nil || len(list) != 1 || !strings.Contains(string(list[0]), want) {
				t.Errorf("want %s in %s, %v", want, list, err)
			}
		}
		if b := r.do(key, a, session.ActFinish); b.Finished == nil || b.Finished.PublicToken == "" {
			t.Errorf("the page that comes back is told %+v", b.Finished)
		}
	})
}

// What a person types is nowhere in clear, and a key opens one session alone.
func TestSecretsAreSealed(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		key, a := r.open(r.linkToken(""))
		a = r.do(key, a, session.ActSkip)
		a = r.do(key, a, session.ActSelect, "institution", "ins_109508")
		a = r.do(key, a, session.ActSubmit, "username", "canary-name", "password", "canary-word")
		r.at(a, session.PaneLoading)
		var state, hash string
		err := r.Items.DB.QueryRow(t.Context(), `select state, key_hash from link_sessions where session_id = $1`, a.View.SessionID).Scan(&state, &hash)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(state, "canary") || strings.Contains(state, "ins_109508") || strings.Contains(state+hash, key) {
			t.Errorf("in clear: %s %s", state, hash)
		}
		a = r.do(key, a, session.ActContinue)
		r.at(a, session.PaneCredentials)
		if a.View.Problem == nil || a.View.Problem.Code != "INVALID_CREDENTIALS" {
			t.Errorf("problem %+v", a.View.Problem)
		}
		if _, err := r.Act(t.Context(), key+"x", session.Action{Name: session.ActContinue}); err == nil {
			t.Error("another key acts")
		}
	})
}

// The older form, without a link token, works for clients that have switched it on.
func TestPublicKeys(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		config := map[string]any{
			"key": r.srv.Client.PublicKey, "env": "sandbox", "clientName": "App", "product": "auth, transactions", "countryCodes": []any{"US", "GB"},
			"webhook": "https://app.example/hook", "oauthNonce": "long-enough-nonce", "oauthRedirectUri": "https://app.example/oauth",
		}
		fails := func(code plaid.Code, part string) {
			t.Helper()
			_, _, err := r.Open(t.Context(), session.Opening{Legacy: config})
			var pe *plaid.Error
			if !errors.As(err, &pe) || pe.Code != code || !strings.Contains(pe.Message, part) {
				t.Errorf("%v; want %s with %s", err, code, part)
			}
		}
		fails("PUBLIC_KEY_NOT_ENABLED", "public_key_enabled")
		err := r.Items.DB.Write(t.Context(), func(tx *store.Tx) error {
			return settings.Write(t.Context(), tx, r.tenant, settings.Settings{PublicKey: true})
		})
		if err != nil {
			t.Fatal(err)
		}
		key, a, err := r.Open(t.Context(), session.Opening{Legacy: config})
		if err != nil {
			t.Fatal(err)
		}
		a = r.do(key, r.toLinking(key, a), session.ActContinue)
		r.at(a, session.PaneConnected)
		if a = r.do(key, a, session.ActFinish); a.Finished == nil || a.Finished.PublicToken == "" || r.items() != 1 {
			t.Errorf("finished %+v with %d Items", a.Finished, r.items())
		}
		config["oauthNonce"] = "short"
		fails("INVALID_FIELD", "oauthNonce")
		config["oauthNonce"], config["product"] = "long-enough-nonce", "stonks"
		fails("INVALID_PRODUCT", "stonks")
		config["env"] = "moon"
		fails("INVALID_FIELD", "env")
		config["key"] = "another"
		fails("PUBLIC_KEY_NOT_ENABLED", "public_key of a client")
	})
}
