package server

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"weft/internal/store"
)

// A database that is restored from a backup goes back in time, and gives the sequence numbers of lost changes to others. What
// clients hold of the lost time must not be taken for what comes now, so a restored database gets another epoch. It is known by
// a file beside the key file, which says how late it was when this server last looked: a database that is behind that was
// restored. Whoever restores the file together with the database says so by `weft restored`.

// seen is the content of the file.
type seen struct {
	Epoch string `json:"epoch"`
	// Beat is the database's last beat, in milliseconds.
	Beat int64 `json:"beat"`
}

// SeenFile is where the server notes how late it was.
func (s Storage) SeenFile() string { return filepath.Join(s.DataDir, "weft.seen") }

// beatEvery is the time between two beats; what is lost by a restore of a backup that is younger than a beat is not noticed.
const beatEvery = time.Minute

// heart notes in database and file how late it is, as long as anything is written.
type heart struct {
	db      *store.DB
	file    string
	epoch   string
	log     *slog.Logger
	commits uint64 // after the last beat
}

// settle finds out whether the database was restored, and returns its epoch: another one, if it was.
func (h *heart) settle(ctx context.Context, fresh func() string) (epoch string, err error) {
	last, err := h.read()
	if err != nil {
		return "", err
	}
	err = h.db.Write(ctx, func(tx *store.Tx) error {
		var beat int64
		if err := tx.QueryRow(ctx, `select epoch, beat from instance where id = 1`).Scan(&h.epoch, &beat); err != nil {
			return err
		}
		if last.Epoch != h.epoch || last.Beat <= beat {
			return nil
		}
		h.log.Warn("the database is older than when this server last saw it, so it was restored from a backup: clients' cursors begin anew")
		h.epoch = fresh()
		_, err := tx.Exec(ctx, `update instance set epoch = $1 where id = 1`, h.epoch)
		return err
	})
	if err != nil {
		return "", err
	}
	return h.epoch, h.beat(ctx)
}

// Renew gives a database another epoch: it was restored from a backup.
func Renew(ctx context.Context, db *store.DB, epoch string) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update instance set epoch = $1 where id = 1`, epoch)
		return err
	})
}

func (h *heart) read() (s seen, err error) {
	content, err := os.ReadFile(h.file)
	if errors.Is(err, fs.ErrNotExist) {
		return seen{}, nil
	}
	if err == nil && json.Unmarshal(content, &s) != nil {
		h.log.Warn("the note of how late it was cannot be read, and is written anew", "file", h.file)
		s = seen{}
	}
	return s, err
}

// beat notes how late it is: in the database first, so that the file is never ahead of it by itself.
func (h *heart) beat(ctx context.Context) error {
	s := seen{Epoch: h.epoch}
	err := h.db.Write(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `update instance set beat = case when beat < $1 then $1 else beat + 1 end where id = 1 returning beat`, tx.Now.UnixMilli()).Scan(&s.Beat)
	})
	if err != nil {
		return err
	}
	h.commits = h.db.Commits()
	if err := h.write(s); err != nil { // a server with PostgreSQL and its key elsewhere need not have a folder
		h.log.Debug("how late it is could not be noted beside the database", "error", err.Error())
	}
	return nil
}

func (h *heart) write(s seen) error {
	content, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(h.file+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(h.file+".new", h.file)
}

// run beats as long as anything is written, and a last time at the end.
func (h *heart) run(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			ended = true
		case <-tick.C:
		}
		if h.db.Commits() == h.commits {
			continue
		}
		if err := h.beat(context.WithoutCancel(ctx)); err != nil {
			h.log.Error("how late it is could not be noted", "error", err.Error())
		}
	}
}
