package paper_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/needs"
	"weft/internal/product/assets/report"
	"weft/wefttest"
)

// made is a report that a server has made, with insights.
type made struct {
	Report   report.Report    `json:"report"`
	Warnings []report.Warning `json:"warnings"`
	token    string
	server   *wefttest.Server
}

// reportOf has a server make a report of a person's Item.
func reportOf(t testing.TB, s *wefttest.Server, u wefttest.User, days int, options map[string]any) made {
	t.Helper()
	products := []string{"assets"}
	if options["add_ons"] != nil {
		products = append(products, "investments")
	}
	return reportOfItems(t, s, days, options, s.MustLinkUser(u, "ins_109508", products...))
}

func reportOfItems(t testing.TB, s *wefttest.Server, days int, options map[string]any, items ...*wefttest.Item) made {
	t.Helper()
	return ready(t, s, asked(t, s, days, options, items...))
}

// asked is the token of a report that is asked for and not made yet.
func asked(t testing.TB, s *wefttest.Server, days int, options map[string]any, items ...*wefttest.Item) string {
	t.Helper()
	var tokens []string
	for _, it := range items {
		tokens = append(tokens, it.AccessToken)
	}
	var created struct {
		Token string `json:"asset_report_token"`
	}
	if err := s.Call("/asset_report/create", map[string]any{"access_tokens": tokens, "days_requested": days, "options": options}, &created); err != nil {
		t.Fatal(err)
	}
	return created.Token
}

// ready waits for a report.
func ready(t testing.TB, s *wefttest.Server, token string) made {
	t.Helper()
	s.Settle()
	m := made{token: token, server: s}
	if err := s.Call("/asset_report/get", map[string]any{"asset_report_token": m.token, "include_insights": true}, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// pdf is the report as the server draws it.
func (m made) pdf(t testing.TB, options map[string]any) []byte {
	t.Helper()
	status, body, err := m.server.Post("/asset_report/pdf/get", map[string]any{"asset_report_token": m.token, "options": options}, nil)
	if err != nil || status != 200 {
		t.Fatalf("%d %s %v", status, body, err)
	}
	return body
}

// written is the text of each page, in the order in which it was drawn.
func written(t testing.TB, content []byte) []string {
	t.Helper()
	out := poppler(t, "pdftotext", content, "-raw", "-")
	return strings.Split(strings.TrimSuffix(out, "\f"), "\f")
}

// poppler is what one of its programs says of a document.
func poppler(t testing.TB, program string, content []byte, args ...string) string {
	t.Helper()
	tool := needs.Program(t, program, "poppler-utils (make needs)")
	file := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if len(args) > 0 {
		args = append(args[:len(args)-1], file, args[len(args)-1])
	} else {
		args = []string{file}
	}
	out, err := exec.CommandContext(t.Context(), tool, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// dense is a text without its spaces, since long words are broken anywhere.
func dense(text string) string { return strings.Join(strings.Fields(text), "") }

// custom is a person who is described.
func custom(t testing.TB, accounts ...map[string]any) wefttest.User {
	t.Helper()
	text, err := json.Marshal(map[string]any{"override_accounts": accounts})
	if err != nil {
		t.Fatal(err)
	}
	return wefttest.User{Name: "user_custom", Password: string(text)}
}
