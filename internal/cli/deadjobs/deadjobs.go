// Package deadjobs is the commands on jobs that were given up, beside a server that may be running.
package deadjobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Tools are what the command line gives to these commands.
type Tools struct {
	// Queue runs a command on the jobs of the database that the command's flags name.
	Queue func(cmd *cobra.Command, run func(context.Context, *job.Queue) error) error
	// Usage is a fault of the command line.
	Usage func(fault string) error
}

// Commands are the commands.
func Commands(t Tools) []*cobra.Command {
	return []*cobra.Command{t.list(), t.show(), t.retry(), t.discard()}
}

// record is a dead job as it is printed in JSON.
type record struct {
	JobID      string          `json:"job_id"`
	Kind       string          `json:"kind"`
	Lane       string          `json:"lane,omitempty"`
	Key        string          `json:"key,omitempty"`
	Args       json.RawMessage `json:"args"`
	Attempts   int             `json:"attempts"`
	Error      string          `json:"error"`
	EnqueuedAt string          `json:"enqueued_at"`
	DiedAt     string          `json:"died_at"`
}

func recordOf(d job.Dead) record {
	return record{d.ID, d.Kind, d.Lane, d.Key, d.Args, d.Attempts, d.Error, plaid.Timestamp(d.EnqueuedAt), plaid.Timestamp(d.DiedAt)}
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func (t Tools) list() *cobra.Command {
	var kind, before string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List dead jobs, the last to die first",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return t.Usage(fmt.Sprintf("unknown command %q; see %s --help", args[0], cmd.CommandPath()))
			}
			if limit < 1 {
				return t.Usage("--limit must be at least 1")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.Queue(cmd, func(ctx context.Context, q *job.Queue) error {
				var last *job.Dead
				if before != "" {
					d, err := q.DeadJob(ctx, before)
					if err != nil {
						return explained(before, err)
					}
					last = &d
				}
				list, err := q.DeadJobs(ctx, kind, last, limit)
				if err != nil {
					return err
				}
				return printList(cmd.OutOrStdout(), list, limit, asJSON)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&kind, "kind", "", "kind of job that is meant, such as webhook; all if empty")
	f.StringVar(&before, "before", "", "JOB_ID that ended an earlier list, to go on after it")
	f.IntVar(&limit, "limit", 50, "most jobs to list")
	f.BoolVar(&asJSON, "json", false, "print the list as JSON, with the arguments")
	return cmd
}

func printList(out io.Writer, list []job.Dead, limit int, asJSON bool) error {
	if asJSON {
		records := []record{}
		for _, d := range list {
			records = append(records, recordOf(d))
		}
		return printJSON(out, records)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "There are no dead jobs.")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "JOB_ID\tKIND\tDIED\tATTEMPTS\tERROR")
	for _, d := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", d.ID, d.Kind, d.DiedAt.Format(time.DateTime), d.Attempts, oneLine(d.Error))
	}
	if err := w.Flush(); err != nil || len(list) < limit {
		return err
	}
	_, err := fmt.Fprintf(out, "There may be more: --before %s\n", list[len(list)-1].ID)
	return err
}

// widest is how many characters of an error a list shows.
const widest = 100

func oneLine(text string) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > widest {
		return string(line[:widest-1]) + "…"
	}
	return string(line)
}

// explained says how to find a dead job, and why one cannot be run again.
func explained(id string, err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("there is no dead job %s; see weft jobs list", id)
	case errors.Is(err, store.ErrConflict):
		return fmt.Errorf("job %s is not run again: another job does the same work already; discard it with weft jobs discard %s", id, id)
	}
	return err
}

func (t Tools) show() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show JOB_ID",
		Short: "Show a dead job with its arguments and its last error",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return t.Usage(cmd.CommandPath() + " needs one JOB_ID")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.Queue(cmd, func(ctx context.Context, q *job.Queue) error {
				d, err := q.DeadJob(ctx, args[0])
				if err != nil {
					return explained(args[0], err)
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), recordOf(d))
				}
				return printJob(cmd.OutOrStdout(), d)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the job as JSON")
	return cmd
}

func printJob(out io.Writer, d job.Dead) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, line := range [][2]string{
		{"job_id", d.ID}, {"kind", d.Kind}, {"lane", d.Lane}, {"key", d.Key}, {"args", string(d.Args)}, {"enqueued", d.EnqueuedAt.Format(time.DateTime)},
		{"died", d.DiedAt.Format(time.DateTime)}, {"attempts", fmt.Sprint(d.Attempts)}, {"error", d.Error},
	} {
		if line[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
		}
	}
	return w.Flush()
}

func (t Tools) retry() *cobra.Command {
	var kind string
	cmd := &cobra.Command{
		Use:   "retry JOB_ID… | --kind KIND",
		Short: "Have dead jobs run once more",
		Long: `Retry has dead jobs run once more by the server, with all of their attempts. With --kind, all dead jobs of that kind are meant,
but for those whose work another job does already.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if (len(args) > 0) == (kind != "") {
				return t.Usage(cmd.CommandPath() + " needs at least one JOB_ID, or --kind")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.Queue(cmd, func(ctx context.Context, q *job.Queue) error {
				if kind == "" {
					return each(args, func(id string) error {
						if err := q.Retry(ctx, id); err != nil {
							return explained(id, err)
						}
						_, err := fmt.Fprintf(cmd.OutOrStdout(), "Job %s is run again, as soon as the server runs.\n", id)
						return err
					})
				}
				n, err := q.RetryKind(ctx, kind)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "Jobs of kind %s that are run again, as soon as the server runs: %d\n", kind, n)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "", "kind whose dead jobs are meant, all of them")
	return cmd
}

// each does something for each id, also where it fails for another.
func each(ids []string, do func(id string) error) error {
	var faults []error
	for _, id := range ids {
		faults = append(faults, do(id))
	}
	return errors.Join(faults...)
}

func (t Tools) discard() *cobra.Command {
	return &cobra.Command{
		Use:   "discard JOB_ID…",
		Short: "Forget dead jobs: their work is not done",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return t.Usage(cmd.CommandPath() + " needs at least one JOB_ID")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.Queue(cmd, func(ctx context.Context, q *job.Queue) error {
				return each(args, func(id string) error {
					if err := q.Discard(ctx, id); err != nil {
						return explained(id, err)
					}
					_, err := fmt.Fprintf(cmd.OutOrStdout(), "Job %s is discarded.\n", id)
					return err
				})
			})
		},
	}
}
