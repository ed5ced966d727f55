package flow_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"weft/internal/connector"
	"weft/internal/connector/ofx"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/link/session"
)

// bridge is a service that gives tokens and reaches two banks, each with one account.
type bridge struct {
	mu sync.Mutex
	// spent are the tokens that were claimed, asked counts the fetches.
	spent []string
	asked int
	// whole fails a fetch as a whole, and errors are those of a bank.
	whole  error
	errors map[string]*plaid.Error
	// credentials are those of the last fetch.
	credentials string
	// ledger is a file that has the tokens too, a line each, where the bridge is to outlive its server.
	ledger string
}

func (*bridge) Name() string { return "bridge" }

func (*bridge) Fetch(context.Context, connector.Connection, connector.Want) (connector.Batch, error) {
	return connector.Batch{}, errors.New("a connection to several banks is asked for all of them")
}

// Claim takes every token once. One that begins with "other" is another person's.
func (b *bridge) Claim(_ context.Context, token string) (json.RawMessage, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ledger != "" {
		lines, err := os.ReadFile(b.ledger)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		b.spent = strings.Split(string(lines), "\n")
		if err := os.WriteFile(b.ledger, append(lines, token+"\n"...), 0o600); err != nil {
			return nil, err
		}
	}
	if slices.Contains(b.spent, token) {
		return nil, plaid.Err("INVALID_CREDENTIALS")
	}
	b.spent = append(b.spent, token)
	return plaid.JSON(token)
}

// Renew notes both.
func (*bridge) Renew(old, claimed json.RawMessage) (json.RawMessage, error) {
	var texts [2]string
	err := errors.Join(json.Unmarshal(old, &texts[0]), json.Unmarshal(claimed, &texts[1]))
	return []byte(fmt.Sprintf("%q", texts[1]+" after "+texts[0])), err
}

func (b *bridge) FetchAll(_ context.Context, conn connector.Connection, _ connector.Want) (connector.Span, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if err := json.Unmarshal(conn.Credentials, &b.credentials); err != nil {
		return connector.Span{}, err
	}
	span := connector.Span{Memory: json.RawMessage(fmt.Sprintf(`{"asked":%d}`, b.asked))}
	for _, id := range []string{"ins_a", "ins_b"} {
		key := "mine"
		if strings.HasPrefix(b.credentials, "other") {
			key = "theirs"
		}
		span.Answers = append(span.Answers, connector.Answer{
			Institution: connector.Institution{Institution: plaid.Institution{InstitutionID: id, Name: "Bank " + id, Products: []string{"transactions"}}},
			Err:         b.errors[id],
			Batch: connector.Batch{Accounts: []connector.Account{{Key: key, Account: plaid.Account{
				Name: "Checking", Type: "depository", Balances: plaid.Balances{Current: plaid.Dec(fmt.Sprint(b.asked)).Ptr()}}}}},
		})
	}
	return span, b.whole
}

// statement is a file of a bank with checking accounts of these numbers.
func statement(bank string, balance int, accounts ...string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>202611%02d<LANGUAGE>ENG<FI><ORG>%s<FID>%d</FI></SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1>",
		balance%28+1, bank, len(bank))
	for _, account := range accounts {
		fmt.Fprintf(&b, "<STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>021000021<ACCTID>%s<ACCTTYPE>CHECKING</BANKACCTFROM>"+
			"<LEDGERBAL><BALAMT>%d.00<DTASOF>202611%02d</LEDGERBAL></STMTRS></STMTTRNRS>", account, balance, balance%28+1)
	}
	b.WriteString("</BANKMSGSRSV1></OFX>\n")
	return []byte(b.String())
}

// ownBanks adds what people bring themselves to the sandbox, where the test is.
func (r *rig) ownBanks() *bridge {
	b := &bridge{errors: map[string]*plaid.Error{}}
	r.Items.Connectors[plaid.Sandbox] = append(r.Items.Connectors[plaid.Sandbox], ofx.New(), b)
	return b
}

func (r *rig) upload(key string, last session.Answer, content []byte) session.Answer {
	r.t.Helper()
	a, err := r.Act(r.t.Context(), key, session.Action{Name: session.ActUpload, Step: last.View.Step, Values: map[string][]string{"file": {"a.ofx"}}, File: content})
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

// work lets the page ask for the work of the loading pane until there is none.
func (r *rig) work(key string, a session.Answer) session.Answer {
	r.t.Helper()
	for range 5 {
		if a.View.Pane != session.PaneLoading {
			return a
		}
		a = r.do(key, a, session.ActContinue)
	}
	r.t.Fatal("the work does not end")
	return a
}

// paste brings a token.
func (r *rig) paste(key string, a session.Answer, setupToken string) session.Answer {
	r.t.Helper()
	return r.work(key, r.do(key, a, session.ActToken, "token", setupToken))
}

// accounts are "id balance" of an Item's accounts.
func (r *rig) accounts(it item.Item) (list []string) {
	r.t.Helper()
	docs, err := item.ReadDocuments(r.t.Context(), r.Items.DB, it, item.AccountsDocument)
	var accounts []plaid.Account
	if err == nil {
		err = json.Unmarshal(docs.ByKind[item.AccountsDocument], &accounts)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	for _, a := range accounts {
		list = append(list, a.AccountID+" "+a.Balances.Current.String())
	}
	return list
}

func (r *rig) theItems() []item.Item {
	r.t.Helper()
	list, err := r.Items.List(r.t.Context(), r.tenant)
	if err != nil {
		r.t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b item.Item) int { return cmp.Compare(a.InstitutionID, b.InstitutionID) })
	return list
}

// updateToken makes a link token for Items, which are a new user's where there are several.
func (r *rig) updateToken(items ...item.Item) string {
	r.t.Helper()
	var access []string
	for _, it := range items {
		token, err := r.Items.NewAccessToken(r.t.Context(), it)
		if err != nil {
			r.t.Fatal(err)
		}
		access = append(access, token)
	}
	text, err := json.Marshal(access)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.linkToken(fmt.Sprintf(`, "products": [], "access_tokens": %s`, text))
}

func (r *rig) problem(a session.Answer, pane session.Pane, code plaid.Code) {
	r.t.Helper()
	r.at(a, pane)
	if a.View.Problem == nil || a.View.Problem.Code != code {
		r.t.Errorf("problem %+v, want %s", a.View.Problem, code)
	}
}

// An Item of a statement file is brought up to date by a newer one: its ids stay, and accounts that it has not had come to it.
func TestUpdateModeOfFiles(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.ownBanks()
		key, a := r.open(r.linkToken(""))
		a = r.do(key, r.do(key, a, session.ActSkip), session.ActUpload)
		r.at(a, session.PaneUpload)
		a = r.upload(key, a, statement("Larkfield", 5, "111"))
		r.at(a, session.PaneConnected)
		r.do(key, a, session.ActFinish)
		before := r.theItems()[0]
		account := strings.Fields(r.accounts(before)[0])[0]
		if err := r.Items.ResetLogin(t.Context(), r.tenant, before.ID); err != nil {
			t.Fatal(err)
		}

		key, a = r.open(r.updateToken(before))
		a = r.do(key, a, session.ActAccept)
		r.at(a, session.PaneUpload)
		if !a.View.UpdateMode || a.View.Institution == nil || a.View.Institution.Name != "Larkfield" || !a.View.CanGoBack {
			t.Errorf("view %+v of %+v", a.View, a.View.Institution)
		}
		a = r.upload(key, a, []byte("nonsense"))
		r.at(a, session.PaneUpload)
		a = r.upload(key, a, statement("Another", 6, "111"))
		r.problem(a, session.PaneUpload, "INVALID_UPDATED_USERNAME")
		if got := r.accounts(before); !slices.Equal(got, []string{account + " 5.00"}) {
			t.Errorf("another bank's file has left %v", got)
		}
		a = r.upload(key, a, statement("Larkfield", 7, "111", "222"))
		r.at(a, session.PaneConnected)
		a = r.do(key, a, session.ActFinish)
		after := r.theItems()
		if len(after) != 1 || after[0].ID != before.ID || after[0].Error != "" {
			t.Fatalf("Items %+v", after)
		}
		got := r.accounts(after[0])
		if len(got) != 2 || got[0] != account+" 7.00" {
			t.Errorf("accounts %v", got)
		}
		if f := a.Finished; f == nil || f.PublicToken == "" || len(f.Success.Accounts) != 2 || f.Error != nil {
			t.Errorf("finished %+v", f)
		}
	})
}

// A token is claimed once, whatever happens to what it was claimed for, and Items come with the session that tells of them.
func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		b := r.ownBanks()
		key, a := r.open(r.linkToken(""))
		a = r.do(key, r.do(key, a, session.ActSkip), session.ActToken)
		r.at(a, session.PaneToken)
		b.whole = plaid.Err("INSTITUTION_DOWN")
		a = r.paste(key, a, "first")
		r.at(a, session.PaneError)
		if !a.View.Failure.Retry || r.items() != 0 {
			t.Fatalf("failure %+v with %d Items", a.View.Failure, r.items())
		}
		b.whole, b.errors["ins_b"] = nil, plaid.Err("ITEM_LOGIN_REQUIRED")
		a = r.work(key, r.do(key, a, session.ActRetry))
		r.at(a, session.PaneConnected)
		a = r.do(key, a, session.ActFinish)
		items := r.theItems()
		if len(items) != 1 || items[0].InstitutionID != "ins_a" || a.Finished.PublicToken == "" || len(b.spent) != 1 {
			t.Fatalf("%d Items, claimed %v, finished %+v", len(items), b.spent, a.Finished)
		}

		// In update mode a refresh is enough where the other side is well again.
		before := r.accounts(items[0])
		if err := r.Items.ResetLogin(t.Context(), r.tenant, items[0].ID); err != nil {
			t.Fatal(err)
		}
		key, a = r.open(r.updateToken(items[0]))
		a = r.do(key, a, session.ActAccept)
		r.at(a, session.PaneToken)
		b.errors["ins_a"] = plaid.Err("ITEM_LOGIN_REQUIRED")
		a = r.work(key, r.do(key, a, session.ActRefresh))
		r.problem(a, session.PaneToken, "ITEM_LOGIN_REQUIRED")
		b.errors = map[string]*plaid.Error{}
		// A used token and another person's change nothing.
		a = r.paste(key, a, "first")
		r.problem(a, session.PaneToken, "INVALID_CREDENTIALS")
		a = r.paste(key, a, "other")
		r.problem(a, session.PaneToken, "INVALID_UPDATED_USERNAME")
		if got := r.accounts(items[0]); !slices.Equal(got, before) || r.items() != 1 {
			t.Errorf("accounts %v, before %v; %d Items", got, before, r.items())
		}
		a = r.work(key, r.do(key, a, session.ActRefresh))
		r.at(a, session.PaneConnected)
		r.do(key, a, session.ActFinish)
		if b.credentials != "first" {
			t.Errorf("refreshed with %q", b.credentials)
		}

		// A new token takes the place of the old one.
		key, a = r.open(r.updateToken(items[0]))
		a = r.paste(key, r.do(key, a, session.ActAccept), "second")
		r.at(a, session.PaneConnected)
		after := r.theItems()
		if after[0].ID != items[0].ID || after[0].Error != "" || b.credentials != "second after first" {
			t.Errorf("%+v, asked with %q", after[0], b.credentials)
		}
		if got := r.accounts(after[0]); strings.Fields(got[0])[0] != strings.Fields(before[0])[0] {
			t.Errorf("accounts %v, before %v", got, before)
		}
		if _, err := r.Items.Refresh(t.Context(), after[0]); err != nil || b.credentials != "second after first" {
			t.Errorf("asked with %q, %v", b.credentials, err)
		}
	})
}

// Several Items are repaired in one session, one after the other, each where its data comes from.
func TestUpdateModeOfSeveralItems(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.ownBanks()
		key, a := r.open(r.linkToken(""))
		r.do(key, r.toLinking(key, a), session.ActContinue)
		key, a = r.open(r.linkToken(""))
		a = r.do(key, r.do(key, a, session.ActSkip), session.ActUpload)
		r.upload(key, a, statement("Larkfield", 5, "111"))
		key, a = r.open(r.linkToken(""))
		r.paste(key, r.do(key, r.do(key, a, session.ActSkip), session.ActToken), "first")
		items := r.theItems()
		if len(items) != 4 {
			t.Fatalf("%d Items", len(items))
		}
		var ids []string
		for _, it := range items {
			ids = append(ids, it.ID)
		}
		if err := r.Items.ResetLogin(t.Context(), r.tenant, ids...); err != nil {
			t.Fatal(err)
		}
		key, a = r.open(r.updateToken(items...))
		a = r.do(key, a, session.ActAccept)
		var way []session.Pane
		for range items {
			way = append(way, a.View.Pane)
			switch a.View.Pane {
			case session.PaneCredentials:
				a = r.do(key, a, session.ActSubmit, "username", "user_good", "password", "wrong")
				a = r.work(key, a)
				r.problem(a, session.PaneCredentials, "INVALID_CREDENTIALS")
				a = r.work(key, r.do(key, a, session.ActSubmit, "username", "user_good", "password", "pass_good"))
			case session.PaneUpload:
				a = r.upload(key, a, statement("Larkfield", 6, "111"))
			case session.PaneToken:
				a = r.work(key, r.do(key, a, session.ActRefresh))
			}
		}
		r.at(a, session.PaneConnected)
		if a.View.Connected.Linked != 4 || !slices.Contains(way, session.PaneCredentials) || !slices.Contains(way, session.PaneUpload) || !slices.Contains(way, session.PaneToken) {
			t.Errorf("%d repaired by way of %v", a.View.Connected.Linked, way)
		}
		a = r.do(key, a, session.ActFinish)
		for _, it := range r.theItems() {
			if it.Error != "" {
				t.Errorf("%s is in %s", it.InstitutionID, it.Error)
			}
		}
		if len(r.theItems()) != 4 || a.Finished.PublicToken == "" {
			t.Errorf("%d Items, finished %+v", len(r.theItems()), a.Finished)
		}
	})
}

// A token that was spent by a person who has left is not lost: the session ends with its Items.
func TestSpentTokensOfAbandonedSessions(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		b := r.ownBanks()
		linkToken := r.linkToken("")
		key, a := r.open(linkToken)
		a = r.do(key, r.do(key, r.do(key, a, session.ActSkip), session.ActToken), session.ActToken, "token", "first")
		a = r.do(key, a, session.ActContinue)
		r.at(a, session.PaneLoading)
		if len(b.spent) != 1 || r.items() != 0 {
			t.Fatalf("claimed %v, %d Items", b.spent, r.items())
		}
		r.clock.Advance(session.Life)
		if _, err := r.queue.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		a = r.do(key, a, session.ActContinue)
		if a.Finished == nil || a.Finished.PublicToken == "" || r.items() != 2 {
			t.Errorf("finished %+v with %d Items", a.Finished, r.items())
		}
	})
}
