package server

import (
	"io"
	"log/slog"
	"runtime"
	"testing"

	"weft/internal/clock"
)

// mostAtStart bounds what a server allocates from New to its return on a database that is in use, in bytes. A list of institutions,
// a set of templates or a compressed file that is made whether or not anybody asks for it takes more than what is left.
const mostAtStart = 900_000

func TestAStartPreparesOnlyWhatEveryServerNeeds(t *testing.T) {
	cfg := Config{
		Storage: Storage{DataDir: t.TempDir(), Exclusive: true}, Listen: "127.0.0.1:0", Clock: clock.System{}, CacheBytes: 24 << 20,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), HoldJobs: true,
	}
	start := func() uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		srv, err := New(t.Context(), cfg)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if err := srv.Close(); err != nil {
			t.Fatal(err)
		}
		return after.TotalAlloc - before.TotalAlloc
	}
	start() // makes the database
	if took := start(); took > mostAtStart {
		t.Errorf("a start allocates %d bytes, at most %d are good", took, mostAtStart)
	} else {
		t.Logf("a start allocates %d bytes", took)
	}
}
