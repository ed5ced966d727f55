package web

import (
	"net/http"

	"weft/internal/product/link/web/panes"
)

// returned takes a bank's answer to an authorization. Its query has the bank's code, so it is neither logged nor kept.
func (s *service) returned(c *call) error {
	location, err := s.flow.Return(c.ctx(), c.r.URL.Query())
	status := http.StatusOK
	if err != nil {
		status = s.meaning(c, "return", err).Status
	}
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	if err == nil && location != "" {
		c.w.Header().Set("Location", location)
		c.w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	html, err := panes.Return(linked(), preferred(c.r.Header.Get("Accept-Language")), err == nil)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Vary", "Accept-Language")
	return c.document(status, "", []string{"'none'"}, string(html))
}
