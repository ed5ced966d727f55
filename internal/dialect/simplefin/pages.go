package simplefin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"weft/internal/plaid"
)

// answer writes a page's answer. Nothing of SimpleFIN may be kept on the way: it is secrets and balances.
func answer(w http.ResponseWriter, status int, media string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a reader that has gone need not be told
}

const plainText = "text/plain; charset=utf-8"

func answerJSON(w http.ResponseWriter, status int, value any) {
	body, err := plaid.JSON(value)
	if err != nil {
		panic(err) // structs of texts and numbers cannot fail to encode
	}
	answer(w, status, "application/json", body)
}

// info tells which versions of the protocol there are.
func info(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, map[string][]string{"versions": {"1.0", "2.0"}})
}

// onlyPost answers a setup token's URL that was opened by another method, for example in a browser.
func onlyPost(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	answer(w, http.StatusMethodNotAllowed, plainText, []byte("A setup token is claimed with POST, by the program that it was made for.\n"))
}

// claim turns a setup token into an access URL, once.
func (s *service) claim(w http.ResponseWriter, r *http.Request) {
	accessID, password, err := s.accesses.claim(r.Context(), r.PathValue("token"))
	if errors.Is(err, errRefused) {
		answer(w, http.StatusForbidden, plainText, []byte("Forbidden")) // Actual Budget compares it with this word
		return
	}
	var access *url.URL
	if err == nil {
		access, err = url.Parse(s.baseURL)
	}
	if err != nil {
		s.failed(w, r, "claim", err)
		return
	}
	s.items.Log.InfoContext(r.Context(), "a setup token of SimpleFIN was claimed", "access_id", accessID)
	access = access.JoinPath(root)
	access.User = url.UserPassword(accessID, password)
	answer(w, http.StatusOK, plainText, []byte(access.String()))
}

// accounts answers with the Items that an access may read.
func (s *service) accounts(w http.ResponseWriter, r *http.Request) {
	user, password, _ := r.BasicAuth()
	tenant, itemIDs, err := s.accesses.open(r.Context(), user, password)
	if errors.Is(err, errRefused) {
		answerJSON(w, http.StatusForbidden, general("gen.auth", "The access is not valid, or it was revoked"))
		return
	}
	if err != nil {
		s.failed(w, r, "accounts", err)
		return
	}
	q, err := readQuery(r.URL.RawQuery)
	if err != nil {
		answerJSON(w, http.StatusBadRequest, general("gen.api", err.Error()))
		return
	}
	set, err := s.read(r.Context(), tenant, itemIDs, q)
	if err != nil {
		s.failed(w, r, "accounts", err)
		return
	}
	answerJSON(w, http.StatusOK, set.version(q.version))
}

// failed answers a fault of the server's own. The log has no path: the one of a claim is a secret.
func (s *service) failed(w http.ResponseWriter, r *http.Request, page string, err error) {
	if r.Context().Err() == nil || !errors.Is(err, context.Canceled) { // a client that has gone is no fault of ours
		s.items.Log.ErrorContext(r.Context(), "simplefin failed", "page", page, "error", err.Error())
	}
	answerJSON(w, http.StatusInternalServerError, general("gen.", "The server has failed; its log says why"))
}

// query is what a program asks for.
type query struct {
	version int
	// from and to are the days whose rows are wanted, both included.
	from, to              plaid.Date
	pending, balancesOnly bool
	// accounts are the ids of those that are wanted, all if empty.
	accounts []string
}

func (q query) wants(accountID string) bool {
	return len(q.accounts) == 0 || slices.Contains(q.accounts, accountID)
}

// The first and the last day that can be asked for.
var (
	firstDay = plaid.MustDate("0001-01-01")
	lastDay  = plaid.MustDate("9999-12-31")
)

// readQuery reads a request's parameters. Where a program does not say, its version is 1: those of version 2 do.
func readQuery(raw string) (query, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return query{}, errors.New("the parameters cannot be read")
	}
	q := query{version: 1, from: firstDay, to: lastDay}
	switch values.Get("version") {
	case "", "1":
	case "2":
		q.version = 2
	default:
		return query{}, errors.New("version must be 1 or 2")
	}
	if text := values.Get("start-date"); text != "" {
		if q.from, err = firstDayFrom(text); err != nil {
			return query{}, errors.New("start-date must be a time in seconds since 1970")
		}
	}
	if text := values.Get("end-date"); text != "" {
		if q.to, err = firstDayFrom(text); err != nil {
			return query{}, errors.New("end-date must be a time in seconds since 1970")
		}
		q.to = q.to.AddDays(-1) // the moment itself is not included
	}
	q.pending, q.balancesOnly = values.Get("pending") == "1", values.Get("balances-only") == "1"
	for _, id := range values["account"] {
		if id != "" {
			q.accounts = append(q.accounts, id)
		}
	}
	return q, nil
}

// A day's rows are told as a moment of it. Programs make days of moments again, some in UTC and some where their user is:
// 10:00 UTC is the same day from Hawaii to New Zealand in summer. Noon would be another one there.
const (
	dayHour    = 10 * 60 * 60
	daySeconds = 24 * 60 * 60
)

// moment is a day in seconds since 1970.
func moment(d plaid.Date) int64 { return int64(d)*daySeconds + dayHour }

// firstDayFrom is the first day whose moment is not before a time. Some programs send fractions of a second.
func firstDayFrom(text string) (plaid.Date, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Trim(fraction, "0123456789") != "" {
		return 0, errors.New("not a time")
	}
	n = min(max(n, moment(firstDay)), moment(lastDay)) // days that are written with four digits of the year
	if strings.Trim(fraction, "0") != "" && n >= 0 {
		n++
	}
	days := (n - dayHour) / daySeconds
	if days*daySeconds+dayHour < n {
		days++
	}
	return plaid.Date(days), nil
}
