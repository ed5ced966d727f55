package flow

import (
	"context"
	"encoding/json"

	"weft/internal/plaid"
	"weft/internal/product/link/flow/report"
	"weft/internal/product/link/token"
)

// Sessions are the sessions of a token that have ended and can be read still, oldest first. One that goes on is not told of.
func (s *Service) Sessions(ctx context.Context, t token.Token) ([]json.RawMessage, error) {
	rows, err := s.ofToken(ctx, t.Tenant, t.Hash)
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	for _, r := range rows {
		if r.FinishedAt != nil && s.Items.Clock.Now().Before(r.FinishedAt.Add(readable)) {
			text, err := plaid.JSON(report.Of(r.ID, r.StartedAt, *r.FinishedAt, r.State))
			if err != nil {
				return nil, err
			}
			list = append(list, text)
		}
	}
	return list, nil
}
