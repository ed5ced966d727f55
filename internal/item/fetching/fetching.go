// Package fetching asks banks for data, and has that counted and traced.
package fetching

import (
	"context"
	"encoding/json"
	"errors"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/metrics"
	"weft/internal/plaid"
	"weft/internal/tracing"
)

// Fetcher asks banks.
type Fetcher struct {
	// Metrics counts what is asked; nil counts nothing.
	Metrics *metrics.Metrics
}

// One asks the bank behind one Item.
func (f Fetcher) One(ctx context.Context, con connector.Connector, conn connector.Connection, want connector.Want) (connector.Batch, error) {
	ctx, end := f.begin(ctx, con)
	batch, err := con.Fetch(ctx, conn, want)
	end(outcome(err))
	return batch, err
}

// All asks for what a connection reaches. The memory is to be kept even where there is an error.
func (f Fetcher) All(ctx context.Context, con connector.Connector, conn connector.Connection, want connector.Want) ([]connector.Answer, json.RawMessage, error) {
	spanning, ok := con.(connector.Spanning)
	if !ok {
		batch, err := f.One(ctx, con, conn, want)
		return []connector.Answer{{Institution: connector.Institution{Institution: plaid.Institution{InstitutionID: conn.InstitutionID}}, Batch: batch}}, batch.Memory, err
	}
	ctx, end := f.begin(ctx, con)
	span, err := spanning.FetchAll(ctx, conn, want)
	end(outcomeOf(span.Answers, err))
	return span.Answers, span.Memory, err
}

// begin begins to measure an asking; what it returns ends that.
func (f Fetcher) begin(ctx context.Context, con connector.Connector) (context.Context, func(outcome string)) {
	watch := clock.Begin()
	ctx, span := tracing.Start(ctx, "bank "+con.Name())
	return ctx, func(outcome string) {
		f.Metrics.Refreshed(con.Name(), outcome, watch.Elapsed())
		span.End(outcome)
	}
}

// outcomeOf is partial where a connection's bank has answered, but not for all of its institutions.
func outcomeOf(answers []connector.Answer, err error) string {
	if err != nil {
		return outcome(err)
	}
	for _, a := range answers {
		if a.Err != nil {
			return "partial"
		}
	}
	return "ok"
}

// outcome is an error's code, of which there are as many as in the catalogue.
func outcome(err error) string {
	var pe *plaid.Error
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &pe):
		return string(pe.Code)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "cancelled"
	}
	return "error"
}
