package cli_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"weft/internal/needs"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// asked is a server's data with a report that waits to be made.
type asked struct {
	victim
	token string
}

// ask makes the data, with an Item and a report that was asked for.
func ask(t *testing.T, v victim) asked {
	t.Helper()
	s := v.next(t, 0)
	defer s.Stop()
	request := map[string]any{"access_tokens": []string{s.MustLink("ins_109508", "assets", "investments").AccessToken}, "days_requested": 60,
		"options": map[string]any{"webhook": "https://receiver.example/", "add_ons": []string{"investments"}}}
	var made struct {
		Token string `json:"asset_report_token"`
	}
	if err := s.Call("/asset_report/create", request, &made); err != nil {
		t.Fatal(err)
	}
	return asked{v, made.Token}
}

// next is the server that goes on with a victim's data some time later.
func (v victim) next(t *testing.T, later time.Duration) *wefttest.Server {
	t.Helper()
	return wefttest.NewServerWith(t, wefttest.Options{Seed: "victim", Now: linkDay.Add(later), DataDir: v.Data, Database: v.Database})
}

// read is the report without the times of its making, nil where it is not ready. Every other answer fails the test.
func (a asked) read(t *testing.T, s *wefttest.Server) map[string]any {
	t.Helper()
	var got map[string]any
	err := s.Call("/asset_report/get", map[string]any{"asset_report_token": a.token, "include_insights": true}, &got)
	var e *wefttest.Error
	if errors.As(err, &e) && e.Code == "PRODUCT_NOT_READY" {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	made := got["report"].(map[string]any)
	delete(made, "date_generated")
	for _, it := range made["items"].([]any) {
		delete(it.(map[string]any), "date_last_updated")
	}
	return made
}

// finish has the next server do what is left, and wants the whole report, once, and its webhook. It reports whether the report was there
// before; a half of it never is.
func (a asked) finish(t *testing.T, want map[string]any) (there bool, whole map[string]any) {
	t.Helper()
	s := a.next(t, time.Hour)
	defer s.Stop()
	before := a.read(t, s)
	if before != nil && want != nil && !reflect.DeepEqual(before, want) {
		t.Fatal("a killed server has left a part of a report")
	}
	s.Settle()
	after := a.read(t, s)
	if after == nil || (want != nil && !reflect.DeepEqual(after, want)) {
		t.Fatalf("killed and gone on with, the report is another one, or not there (%v)", after == nil)
	}
	var hooks struct {
		Webhooks []struct {
			Type string `json:"webhook_type"`
			Code string `json:"webhook_code"`
		}
	}
	if err := s.Call("/weft/webhooks/list", map[string]any{}, &hooks); err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, h := range hooks.Webhooks {
		if h.Type == "ASSETS" && h.Code == "PRODUCT_READY" {
			told++
		}
	}
	if told != 1 {
		t.Fatalf("the report has %d webhooks PRODUCT_READY: %+v", told, hooks)
	}
	return before != nil, after
}

// A server that is killed, or told to stop, at any statement or commit while it makes a report leaves the report that waits or the whole
// one, and the next server makes it, once, with its webhook.
func TestReportsSurviveKilledServers(t *testing.T) {
	waiting := ask(t, victim{Data: t.TempDir()})
	t.Run("sqlite", func(t *testing.T) {
		killReports(t, needs.Cycles(16, 120), func() asked {
			a := waiting
			a.Data = filepath.Join(t.TempDir(), "data")
			err := os.CopyFS(a.Data, os.DirFS(waiting.Data))
			if err = errors.Join(err, os.Chmod(filepath.Join(a.Data, "weft.key"), 0o600)); err != nil {
				t.Fatal(err)
			}
			return a
		})
	})
	t.Run("postgres", func(t *testing.T) {
		killReports(t, needs.Cycles(5, 40), func() asked {
			return ask(t, victim{Data: t.TempDir(), Database: storetest.PostgresURL(t)})
		})
	})
}

func killReports(t *testing.T, cycles int, prepare func() asked) {
	undisturbed := prepare()
	undisturbed.Does = "report"
	points, _ := undisturbed.start(t)
	there, want := undisturbed.finish(t, nil)
	if !there || len(points) < 20 {
		t.Fatalf("the undisturbed server has made its report: %v, at %d points", there, len(points))
	}
	random := rand.New(rand.NewPCG(5, 6))
	before, after, stopped := 0, 0, 0
	for cycle := range cycles {
		a := prepare()
		a.Does, a.Point = "report", 1+int64(cycle*len(points)/cycles)
		switch {
		case cycle%4 == 1: // the commits are worth more than their share
			a.Point, a.Late = commitPoint(points, store.Committing), random.Int64N(1500)
		case cycle%4 == 3:
			a.Does = "serve"
		}
		_, killed := a.start(t)
		if a.Does == "serve" && killed {
			t.Fatalf("a server that was told to stop at point %d has not stopped by itself", a.Point)
		}
		made, _ := a.finish(t, want)
		switch {
		case a.Does == "serve":
			stopped++
		case made:
			after++
		default:
			before++
		}
	}
	t.Logf("at %d points: of %d killed, %d had not made the report, %d had; %d stopped", len(points), before+after, before, after, stopped)
	if before == 0 || after == 0 || stopped == 0 {
		t.Error("the kills were all on one side of the commit: the test proves nothing")
	}
}
