package storetest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"weft/internal/needs"
)

// poolerPort names the socket of a pooler, which lies in the folder of its PostgreSQL's.
const poolerPort = 6432

// Pooler starts a PgBouncer before the PostgreSQL, which gives each transaction whichever of its few connections is free, and returns the
// connection string of the database through it. It ends with the test.
func (o *Own) Pooler() string {
	o.t.Helper()
	name := "pgbouncer"
	if _, err := exec.LookPath(name); err != nil {
		name = "/usr/sbin/pgbouncer" // where only an administrator's shell looks
	}
	program := needs.Program(o.t, name, "apt-get install pgbouncer")
	dir := o.cluster.dir
	settings := fmt.Sprintf(`[databases]
weft = host=%s dbname=weft user=weft
[pgbouncer]
listen_port = %d
unix_socket_dir = %s
auth_type = any
pool_mode = transaction
default_pool_size = 5
ignore_startup_parameters = extra_float_digits, idle_in_transaction_session_timeout, lock_timeout, tcp_user_timeout, tcp_keepalives_idle, tcp_keepalives_interval, tcp_keepalives_count
`, dir, poolerPort, dir)
	file := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(settings), 0o644); err != nil { // PostgreSQL's user reads it
		o.t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(program, file)
	cmd.Dir, cmd.Stderr = dir, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: o.cluster.as, Pdeathsig: syscall.SIGQUIT}
	if err := cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	url := fmt.Sprintf("%s&port=%d", o.URL(), poolerPort)
	ctx, cancel := context.WithTimeout(o.t.Context(), 30*time.Second)
	defer cancel()
	if err := ready(ctx, url); err != nil {
		o.t.Fatalf("storetest: PgBouncer: %v\n%s", err, &log)
	}
	return url
}
