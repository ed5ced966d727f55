package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/web/panes"
)

// Bounds of what an action brings.
const (
	longestAct  = 256 << 10
	longestFile = 80 << 20
	// besideFile is what a form has apart from its file.
	besideFile = 64 << 10
)

// keyHeader brings the session's secret. A page of another origin cannot send it.
const keyHeader = "Weft-Link-Session"

// answer is what the script is told of an answer.
type answer struct {
	Step    int64        `json:"step"`
	Pane    session.Pane `json:"pane"`
	HTML    string       `json:"html,omitempty"`
	Title   string       `json:"title,omitempty"`
	Events  []event      `json:"events,omitempty"`
	Loading bool         `json:"loading,omitempty"`
	OAuth   *oauth       `json:"oauth,omitempty"`
	// Finished is the end. With Offline there is no session (any more), and the page tells the end once it is closed.
	Finished *session.Finished `json:"finished,omitempty"`
	Offline  bool              `json:"offline,omitempty"`
	// RequestID is that of a request that has failed.
	RequestID string `json:"request_id,omitempty"`
}

type event struct {
	Name     string         `json:"name"`
	Metadata map[string]any `json:"metadata"`
}

type oauth struct {
	URL      string `json:"url"`
	Redirect bool   `json:"redirect"`
	Opened   bool   `json:"opened"`
}

// answered is an answer for the script, and its pane.
func answered(a session.Answer, o panes.Options) (answer, panes.Rendered, error) {
	rendered, err := panes.Render(a.View, o)
	if err != nil {
		return answer{}, rendered, err
	}
	out := answer{Step: a.View.Step, Pane: a.View.Pane, Loading: a.View.Pane == session.PaneLoading, Finished: a.Finished}
	for _, e := range a.Events {
		out.Events = append(out.Events, event{e.Name, e.OnEvent(a.View.SessionID)})
	}
	if a.View.Pane == session.PaneOAuth && a.View.OAuth != nil {
		out.OAuth = &oauth{a.View.OAuth.URL, a.View.OAuth.Redirect, a.View.OAuth.Opened}
	}
	return out, rendered, nil
}

// offline is the pane of an error without a session, and the end that closing it leads to.
func offline(c *call, pe *plaid.Error, view session.View) (answer, panes.Rendered, session.View, error) {
	view.Pane, view.Failure = session.PaneError, &session.Failure{Code: pe.Code}
	if view.Language == "" {
		view.Language = preferred(c.r.Header.Get("Accept-Language"))
	}
	rendered, err := panes.Render(view, panes.Options{Offline: true})
	said := &session.ExitError{Type: pe.Type, Code: string(pe.Code), Message: pe.Message}
	if pe.Display != "" {
		said.DisplayMessage = &pe.Display
	}
	finished := &session.Finished{Error: said, Exit: &session.Exit{RequestID: c.id}}
	return answer{Pane: view.Pane, Finished: finished, Offline: true, RequestID: c.id}, rendered, view, err
}

// act does an action.
func (s *service) act(c *call) error {
	key, act, err := s.readAct(c)
	var a session.Answer
	if err == nil {
		a, err = s.flow.Act(c.ctx(), key, act)
	}
	status, out := http.StatusOK, answer{}
	var rendered panes.Rendered
	if err != nil {
		pe := s.meaning(c, "act", err)
		status = pe.Status
		out, rendered, _, err = offline(c, pe, session.View{})
	} else {
		out, rendered, err = answered(a, panes.Options{})
	}
	if err != nil {
		return err
	}
	out.HTML, out.Title = string(rendered.HTML), rendered.Title
	return c.json(status, out)
}

// action is an action as the script sends it.
type action struct {
	Name   string              `json:"name"`
	Step   int64               `json:"step"`
	Values map[string][]string `json:"values"`
}

// readAct reads an action: JSON, or a form with that JSON and a file.
func (s *service) readAct(c *call) (key string, act session.Action, err error) {
	if !s.own(c.r) {
		return "", act, plaid.Errf("INVALID_HEADERS", "only Link's own page may act")
	}
	if key = c.r.Header.Get(keyHeader); key == "" {
		return "", act, plaid.Errf("INVALID_HEADERS", "the header %s is missing", keyHeader)
	}
	media, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	switch {
	case err == nil && media == "application/json":
		body, err := limited(c, longestAct)
		if err != nil {
			return "", act, err
		}
		act, err = parseAct(body)
		return key, act, err
	case err == nil && media == "multipart/form-data" && params["boundary"] != "":
		act, err = readForm(c, params["boundary"])
		return key, act, err
	}
	return "", act, plaid.Errf("INVALID_HEADERS", "Content-Type must be application/json or multipart/form-data")
}

func parseAct(body []byte) (session.Action, error) {
	var a action
	if err := json.Unmarshal(body, &a); err != nil || a.Name == "" {
		return session.Action{}, plaid.Errf("INVALID_BODY", "an action is a JSON object with a name")
	}
	return session.Action{Name: a.Name, Step: a.Step, Values: a.Values}, nil
}

// limited reads a body of bounded length.
func limited(c *call, most int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, most))
	return body, unread(err, most)
}

// unread says why a body was not read to its end.
func unread(err error, most int64) error {
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tooLarge):
		return plaid.Errf("INVALID_BODY", "the body is larger than %d bytes", most)
	}
	return &plaid.Error{Definition: plaid.Errf("INVALID_BODY", "the body could not be read").Definition, Cause: err}
}

// readForm reads a form with the part action and the part file, in this order.
func readForm(c *call, boundary string) (session.Action, error) {
	const most = longestFile + besideFile
	parts := multipart.NewReader(http.MaxBytesReader(c.w, c.r.Body, most), boundary)
	text, _, err := readPart(parts, "action", longestAct)
	if err != nil {
		return session.Action{}, unread(err, most)
	}
	act, err := parseAct(text)
	if err != nil {
		return act, err
	}
	content, name, err := readPart(parts, "file", longestFile)
	if err != nil {
		return act, unread(err, most)
	}
	if _, err := parts.NextPart(); !errors.Is(err, io.EOF) { // the end is missing, so the file may be cut
		return act, plaid.Errf("INVALID_BODY", "the form ends with its file")
	}
	if act.Values == nil {
		act.Values = map[string][]string{}
	}
	act.File, act.Values["file"] = content, []string{name}
	return act, nil
}

// readPart reads the next part of a form, which must have a name.
func readPart(parts *multipart.Reader, name string, most int64) (content []byte, file string, err error) {
	part, err := parts.NextPart()
	if err != nil {
		return nil, "", err
	}
	if part.FormName() != name {
		return nil, "", fmt.Errorf("the part %s is expected", name)
	}
	var buf bytes.Buffer
	n, err := io.Copy(&buf, io.LimitReader(part, most+1))
	if err == nil && n > most {
		err = &http.MaxBytesError{Limit: most}
	}
	return buf.Bytes(), part.FileName(), err
}
