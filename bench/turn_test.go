package bench

import (
	"fmt"
	"testing"
	"time"

	"weft/internal/store/storetest"
)

// mostTurn is how many times as long the slowest reads of a minute's first seconds may wait as those of the seconds before.
const mostTurn = 2.0

// TestTurnOfAMinute prints the seconds before and after the turn of a minute, when a server that shares its rate limits with others
// takes shares of the new minute for every Item that is read. A server alone with its file takes none, and stands beside it.
func TestTurnOfAMinute(t *testing.T) {
	inShort(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s, database, turns := sizeOf(), "", 1
			if engine == "postgres" {
				database = storetest.Durable(t)
			}
			if *full {
				turns = 2
			}
			sv := seeded(t, s, database)
			running := sv.installation.serveLogged(t, "--log-level", "info", "--cache-mb", "512")
			defer running.stop()
			requests := make([][]byte, len(sv.tokens))
			for i, token := range sv.tokens {
				requests[i] = request(reads[0].path, clientID, secret, `{"access_token":"`+token+`"}`)
			}
			for range 3 {
				if err := each(t.Context(), running.address, requests); err != nil {
					t.Fatal(err)
				}
			}
			l := load{requests, s.connections[len(s.connections)-1], s.round}
			watchTurns(t, engine, running.address, l, turns)
		})
	}
}

// around is how many rounds before and after a turn are shown.
const around = 3

// watchTurns reads until so many minutes have turned, and prints the rounds at each turn. In short it waits for none.
func watchTurns(t *testing.T, engine, address string, l load, turns int) {
	var rounds []figures
	var turned []int // rounds in which a minute began
	for minute := time.Now().Truncate(time.Minute); len(turned) < turns || len(rounds) <= turned[turns-1]+around; {
		f, err := measure(t.Context(), address, l)
		if err != nil {
			t.Fatal(err)
		}
		rounds = append(rounds, f)
		now := time.Now().Truncate(time.Minute)
		if len(rounds) > around && (now.After(minute) || !*full) {
			turned = append(turned, len(rounds)-1)
		}
		minute = now
	}
	fmt.Printf("%-33s %5s %8s %8s %8s  marks\n", "reads at a minute's turn, "+engine, "conns", "ours/s", "median", "99th")
	for _, at := range turned[:turns] {
		calm := median(of(rounds[at-around:at], func(f figures) float64 { return float64(f.p99) }))
		for i, f := range rounds[at-around : at+around+1] {
			when, verdict := fmt.Sprintf("%+d", i-around), ""
			if i >= around {
				verdict = "met"
			}
			if i >= around && float64(f.p99) > mostTurn*calm {
				verdict = fmt.Sprintf("MISSED: 99th %.1f>%.1f", float64(f.p99)/calm, mostTurn)
			}
			fmt.Printf("%-33s %5d %8.0f %8s %8s  %s\n", when, l.connections, f.rate, f.p50.Round(10*time.Microsecond), f.p99.Round(10*time.Microsecond), verdict)
		}
	}
}
