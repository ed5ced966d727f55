package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"weft/internal/store/storetest"
)

// Marks of a start, of memory and of the processor.
const (
	startMost     = 30.0 // milliseconds
	startRatio    = 3.0  // times the empty server
	idleMost      = 30.0 // MiB
	peakMost      = 80.0 // MiB
	processorMost = 1.0  // milliseconds a second, while nothing is due
)

// peakAt is at how many connections the most memory is measured.
const peakAt = 64

// tick is the unit of processor time in /proc.
const tick = 10 * time.Millisecond

// TestStart prints how soon a server answers after its process was begun, and what it takes of memory and of the processor,
// beside an empty server of net/http.
func TestStart(t *testing.T) {
	inShort(t)
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("there is no /proc here, which tells what processes take: ", err)
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s, database, starts, quiet := sizeOf(), "", 3, 100*time.Millisecond
			if *full {
				starts, quiet = 41, 20*time.Second
			}
			if engine == "postgres" {
				database = storetest.PostgresURL(t)
			}
			sv := seeded(t, s, database)
			weft := program{sv.serve, request("/accounts/get", clientID, secret, `{"access_token":"`+sv.tokens[0]+`"}`)}
			empty := emptyServer(t)
			var ours, theirs []float64
			var used, usedEmpty time.Duration
			for range starts { // taking turns
				a, b := weft.begin(t), empty.begin(t)
				ours, theirs = append(ours, a.answered), append(theirs, b.answered)
				used, usedEmpty = used+a.spent(t), usedEmpty+b.spent(t)
				a.end(t)
				b.end(t)
			}
			started := fmt.Sprintf("first answer, ms: ours %.1f, empty net/http %.1f, ratio %.1f; mark %.0f ms: %s, mark ratio %.0f: %s",
				median(ours), median(theirs), median(ours)/median(theirs), startMost, met(median(ours), startMost), startRatio, met(median(ours)/median(theirs), startRatio))
			a, b := weft.begin(t), empty.begin(t)
			a.rest(t, quiet/10)
			spent, spentEmpty := a.rest(t, quiet), b.rest(t, quiet)
			lines := []string{
				"start and memory on " + engine, started,
				fmt.Sprintf("the processor's time until then, ms: ours %.1f, empty net/http %.1f", milliseconds(used)/float64(starts), milliseconds(usedEmpty)/float64(starts)),
				takes("idle", a.memory(t), idleMost), takes("idle, empty net/http", b.memory(t), 0),
				fmt.Sprintf("processor while idle with %d Items, ms a second: ours %.2f, empty net/http %.2f; mark %.0f: %s", s.items, spent, spentEmpty, processorMost, met(spent, processorMost)),
			}
			a.read(t, s, sv, false)
			lines = append(lines, takes(fmt.Sprintf("reads at %d connections", peakAt), a.memory(t), peakMost))
			a.read(t, s, sv, true)
			lines = append(lines, takes("and pages of 500 rows", a.memory(t), peakMost))
			a.end(t)
			b.end(t)
			lines = append(lines, fmt.Sprintf("program, MiB: ours %.1f, empty net/http %.1f", fileSize(t, sv.serve()), fileSize(t, empty.command())))
			fmt.Println(strings.Join(lines, "\n"))
		})
	}
}

func met(is, most float64) string {
	if is > most {
		return "NO"
	}
	return "yes"
}

// program is a server, and a request that it answers.
type program struct {
	command func() *exec.Cmd
	request []byte
}

// emptyServer builds the server that does nothing.
func emptyServer(t *testing.T) program {
	t.Helper()
	at := binary(t, "weft/bench/empty")
	return program{func() *exec.Cmd { return exec.Command(at) }, request("/", clientID, secret, "{}")}
}

// process is a server at work.
type process struct {
	*exec.Cmd
	address  string
	answered float64 // milliseconds after it was begun
}

var servesAt = regexp.MustCompile(`serves at http://(\S+)`)

// begin starts a server and has it answer.
func (p program) begin(t *testing.T) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	made := &process{Cmd: p.command()}
	out, err := made.StdoutPipe()
	made.Stderr = os.Stderr
	begun := time.Now()
	if err != nil || made.Start() != nil {
		t.Fatalf("%s: cannot be started: %v", made.Path, err)
	}
	t.Cleanup(func() { _ = made.Process.Kill() })
	for lines := bufio.NewScanner(out); made.address == "" && lines.Scan(); {
		if m := servesAt.FindStringSubmatch(lines.Text()); m != nil {
			made.address = m[1]
		}
	}
	if _, err := once(ctx, made.address, p.request); err != nil {
		t.Fatalf("%s: %v", made.Path, err)
	}
	made.answered = milliseconds(time.Since(begun))
	go io.Copy(io.Discard, out) //nolint:errcheck // until it ends
	return made
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// end ends the process.
func (p *process) end(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait() // the empty server ends by the signal
}

// rest asks nothing of the server for a while, and returns how much it uses the processor, in milliseconds a second.
func (p *process) rest(t *testing.T, while time.Duration) float64 {
	t.Helper()
	before := p.spent(t)
	select {
	case <-t.Context().Done():
	case <-time.After(while):
	}
	return milliseconds(p.spent(t)-before) / while.Seconds()
}

// spent is the processor's time so far, in user mode and for the process in the kernel.
func (p *process) spent(t *testing.T) time.Duration {
	t.Helper()
	text, err := os.ReadFile(p.file("stat"))
	_, rest, found := strings.Cut(string(text), ") ") // the name before may have spaces
	fields := strings.Fields(rest)
	if err != nil || !found || len(fields) < 13 {
		t.Fatalf("%q: %v", text, err)
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return time.Duration(user+system) * tick
}

func (p *process) file(name string) string {
	return filepath.Join("/proc", strconv.Itoa(p.Process.Pid), name)
}

// memory is what is resident, in MiB: in all, of it the process's own and that of files, which is mostly the program and can be
// taken back at any time; and the most that there ever was.
type memory struct{ all, own, files, most float64 }

var memoryLine = regexp.MustCompile(`(?m)^(VmRSS|RssAnon|RssFile|VmHWM):\s+(\d+) kB$`)

func (p *process) memory(t *testing.T) memory {
	t.Helper()
	text, err := os.ReadFile(p.file("status"))
	is := map[string]float64{}
	for _, m := range memoryLine.FindAllStringSubmatch(string(text), -1) {
		kib, _ := strconv.Atoi(m[2]) // digits
		is[m[1]] = float64(kib) / 1024
	}
	if err != nil || len(is) != 4 {
		t.Fatalf("%s\n%v", text, err)
	}
	return memory{is["VmRSS"], is["RssAnon"], is["RssFile"], is["VmHWM"]}
}

// takes is a line of the table.
func takes(what string, m memory, mark float64) string {
	line := fmt.Sprintf("%-24s MiB: resident %.1f = own %.1f + files %.1f, at most %.1f", what, m.all, m.own, m.files, m.most)
	if mark > 0 {
		line += fmt.Sprintf("; mark %.0f: resident %s, own %s", mark, met(m.all, mark), met(m.own, mark))
	}
	return line
}

// read reads all Items at many connections: with long, the pages of 500 rows.
func (p *process) read(t *testing.T, s size, sv server, long bool) {
	t.Helper()
	for _, r := range reads {
		tokens := sv.tokens
		if r.long != long {
			continue
		}
		if long {
			tokens = sv.long
		}
		l := load{connections: peakAt, round: s.round * time.Duration(s.rounds)}
		for _, token := range tokens {
			l.requests = append(l.requests, request(r.path, clientID, secret, `{"access_token":"`+token+`"`+r.more+`}`))
		}
		if _, err := measure(t.Context(), p.address, l); err != nil {
			t.Fatalf("%s: %v", r.path, err)
		}
	}
}

// fileSize is a program's, in MiB.
func fileSize(t *testing.T, cmd *exec.Cmd) float64 {
	t.Helper()
	info, err := os.Stat(cmd.Path)
	if err != nil {
		t.Fatal(err)
	}
	return float64(info.Size()) / (1 << 20)
}

// mostBeforeMain bounds what packages of the program allocate before it begins, in bytes.
const mostBeforeMain = 900_000

var initLine = regexp.MustCompile(`(?m)^init (weft/\S+) @.* (\d+) bytes, \d+ allocs$`)

// TestPackagesPrepareLittle holds what every start does before main: what only some servers need is made when it is asked for.
func TestPackagesPrepareLittle(t *testing.T) {
	inShort(t)
	weft := binary(t, "weft/cmd/weft")
	cmd := exec.Command(weft, "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	lines := initLine.FindAllStringSubmatch(string(out), -1)
	if err != nil || len(lines) == 0 {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := 0
	for _, m := range lines {
		bytes, _ := strconv.Atoi(m[2]) // digits
		whole += bytes
	}
	if whole > mostBeforeMain {
		t.Errorf("packages allocate %d bytes before main, at most %d are good:\n%s", whole, mostBeforeMain, out)
	}
}
