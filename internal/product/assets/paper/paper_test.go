package paper_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"weft/internal/plaid"
	"weft/internal/product/assets/report"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// shown is an amount as a document shows it: the report's digits with two places at least, and no spaces.
func shown(d plaid.Decimal) string {
	whole, fraction, _ := strings.Cut(d.Abs().String(), ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	for len(fraction) < 2 {
		fraction += "0"
	}
	sign := ""
	if d.Sign() < 0 {
		sign = "−"
	}
	return sign + whole + "." + fraction
}

func told(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// rows are what a document must say of a report, each as often as it is in it.
func rows(m made) map[string]int {
	want := map[string]int{}
	add := func(texts ...string) { want[dense(strings.Join(texts, ""))]++ }
	r := m.Report
	add("Report", r.AssetReportID)
	for _, s := range []*string{r.ClientReportID, r.User.ClientUserID, r.User.SSN, r.User.PhoneNumber, r.User.Email, r.User.LastName} {
		if told(s) != "" {
			add(*s)
		}
	}
	for _, it := range r.Items {
		add(it.InstitutionName, "Item", it.ItemID)
		for _, a := range it.Accounts {
			if a.Balances.Current != nil {
				owed := ""
				if a.Type == plaid.TypeCredit || a.Type == plaid.TypeLoan {
					owed = "(owed)"
				}
				add("Current balance", owed, shown(*a.Balances.Current))
			}
			if a.Balances.Available != nil {
				add("Available balance", shown(*a.Balances.Available))
			}
			official := told(a.OfficialName)
			if official == "" {
				official = "—"
			}
			add("Official name", official, "Account", a.AccountID)
			add(a.Name, "••••", told(a.Mask))
			for _, o := range a.Owners {
				add(strings.Join(o.Names, ", "))
				for _, x := range o.Addresses {
					add(x.Data.Street)
				}
				for _, x := range o.PhoneNumbers {
					add(x.Data)
				}
				for _, x := range o.Emails {
					add(x.Data)
				}
			}
			for _, x := range a.Transactions {
				add(transactionRow(x)...)
			}
			if a.Investments == nil {
				continue
			}
			for _, h := range a.Investments.Holdings {
				add(shown(h.InstitutionPrice), h.InstitutionPriceAsOf.String(), shown(h.InstitutionValue))
			}
			for _, x := range a.Investments.Transactions {
				add(x.Date.String(), x.Name)
			}
		}
	}
	for _, w := range m.Warnings {
		add(w.WarningCode, ", because of ", string(w.Cause.ErrorCode))
	}
	return want
}

func transactionRow(x report.Transaction) []string {
	row := []string{x.Date.String(), told(x.OriginalDescription)}
	if x.CheckNumber != nil {
		row = append(row, ", check ", *x.CheckNumber)
	}
	if x.Pending {
		row = append(row, "(pending)")
	}
	category := strings.ReplaceAll(strings.TrimPrefix(x.CreditCategory.Detailed, x.CreditCategory.Primary+"_"), "_", " ")
	if primary := strings.ReplaceAll(x.CreditCategory.Primary, "_", " "); category != primary {
		category = strings.ToUpper(primary[:1]) + strings.ToLower(primary[1:]) + ":" + strings.ToLower(category)
	} else {
		category = primary[:1] + strings.ToLower(primary[1:])
	}
	return append(row, category, shown(x.Amount))
}

// agrees holds a document against the report that it is of.
func agrees(t *testing.T, m made, content []byte) {
	t.Helper()
	pages := written(t, content)
	all := ""
	for i, page := range pages {
		want := fmt.Sprintf("Page %d of %d", i+1, len(pages))
		foot := "Asset Report " + m.Report.AssetReportID + " · generated " + strings.NewReplacer("T", " ", "Z", " UTC").Replace(m.Report.DateGenerated)
		if !strings.Contains(page, want) || !strings.Contains(page, foot) {
			t.Errorf("page %d has no %q, %q:\n%s", i+1, want, foot, page)
		}
		all += page
	}
	all = dense(all)
	for text, n := range rows(m) {
		if got := strings.Count(all, text); got < n {
			t.Errorf("%q is there %d times, not %d", text, got, n)
		}
	}
	if info := poppler(t, "pdfinfo", content); !strings.Contains(info, fmt.Sprintf("Pages:           %d\n", len(pages))) || !strings.Contains(info, "Title:           Asset Report "+m.Report.AssetReportID) {
		t.Errorf("the document says of itself:\n%s", info)
	}
}

var person = map[string]any{"client_user_id": "borrower-77", "first_name": "Alberta", "last_name": "Nguyễn", "ssn": "123-45-6789", "phone_number": "+14155550123", "email": "a@example.com"}

// Whoever the report is of, what is in it is in its document, and the document is the same whenever it is drawn.
func TestDocumentsAgreeWithReports(t *testing.T) {
	pending := 0
	for _, c := range []struct {
		user    wefttest.User
		days    int
		options map[string]any
	}{
		{wefttest.Good, 180, map[string]any{"client_report_id": "loan-7", "user": person, "add_ons": []string{"investments"}}},
		{wefttest.User{Name: "user_yuppie", Password: "x"}, 731, map[string]any{}},
		{wefttest.User{Name: "user_small_business", Password: "x"}, 90, map[string]any{}},
		{wefttest.User{Name: "user_investor", Password: "x"}, 120, map[string]any{"add_ons": []string{"investments"}}},
		{wefttest.User{Name: "user_transactions_dynamic", Password: "x"}, 61, map[string]any{}},
		{wefttest.Good, 0, map[string]any{}},
		{wefttest.Good, 1, map[string]any{}},
	} {
		t.Run(fmt.Sprint(c.user.Name, c.days), func(t *testing.T) {
			m := reportOf(t, wefttest.NewServer(t), c.user, c.days, c.options)
			content := m.pdf(t, nil)
			agrees(t, m, content)
			if !bytes.Equal(content, m.pdf(t, map[string]any{"days_to_include": 731})) {
				t.Error("the same report is other bytes")
			}
			pending += bytes.Count([]byte(strings.Join(written(t, content), "")), []byte("(pending)"))
		})
	}
	if pending == 0 {
		t.Error("no report has pending transactions")
	}
}

// A document is of the snapshot: what happens to the Items later is not in it.
func TestDocumentsStay(t *testing.T) {
	s := wefttest.NewServer(t)
	item := s.MustLinkUser(wefttest.User{Name: "user_transactions_dynamic", Password: "x"}, "ins_109508", "assets", "transactions")
	m := reportOfItems(t, s, 30, nil, item)
	before := m.pdf(t, nil)
	if err := item.Call("/transactions/refresh", nil, nil); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	item.MustRemove()
	if !bytes.Equal(before, m.pdf(t, nil)) {
		t.Error("a report's document has changed with its Item")
	}
}

// Fewer days are those of the report with fewer days.
func TestDaysToInclude(t *testing.T) {
	m := reportOf(t, wefttest.NewServer(t), wefttest.User{Name: "user_yuppie", Password: "x"}, 90, nil)
	few := map[string]any{"days_to_include": 7}
	cut := m
	if err := m.server.Call("/asset_report/get", map[string]any{"asset_report_token": m.token, "include_insights": true, "options": few}, &cut); err != nil {
		t.Fatal(err)
	}
	content := m.pdf(t, few)
	agrees(t, cut, content)
	text := strings.Join(written(t, content), "")
	if !strings.Contains(text, "90, of which the last 7 are shown") {
		t.Error("the document does not say that days are left out")
	}
	for _, a := range m.Report.Items[0].Accounts {
		for _, x := range a.Transactions {
			if row := dense(strings.Join(transactionRow(x), "")); x.Date < plaid.DateOf(wefttest.Start).AddDays(-7) && strings.Contains(dense(text), row) {
				t.Errorf("%s is in the document of 7 days", row)
			}
		}
	}
}

// What a report lacks is on its first page, of the Items that are there and of those that are not.
func TestWarnings(t *testing.T) {
	s := wefttest.NewServer(t)
	lost, there := s.MustLink("ins_109508", "assets"), s.MustLink("ins_109509", "assets")
	token := asked(t, s, 30, map[string]any{"require_all_items": false, "add_ons": []string{"investments"}}, lost, there)
	if err := lost.Call("/sandbox/item/reset_login", nil, nil); err != nil {
		t.Fatal(err)
	}
	m := ready(t, s, token)
	if len(m.Warnings) < 2 {
		t.Fatalf("%+v", m.Warnings)
	}
	content := m.pdf(t, nil)
	agrees(t, m, content)
	if first := dense(written(t, content)[0]); !strings.Contains(first, "TRANSACTIONS_UNAVAILABLE") || !strings.Contains(first, lost.ItemID) {
		t.Errorf("the first page does not say what is missing:\n%s", first)
	}
}

// People of all names, with more accounts than fit on a page, in several currencies; letters that there are none of are shown as missing.
func TestDocumentsOfAnybody(t *testing.T) {
	var accounts []map[string]any
	for i := range 40 {
		kind := [][2]string{{"depository", "checking"}, {"credit", "credit card"}, {"loan", "mortgage"}, {"depository", "savings"}}[i%4]
		accounts = append(accounts, map[string]any{"type": kind[0], "subtype": kind[1], "starting_balance": 1e6 * float64(i), "currency": []string{"USD", "EUR", "JPY"}[i%3],
			"meta": map[string]any{"name": strings.Repeat("Long ", 30) + fmt.Sprint(i), "official_name": "Ελληνικός Сберегательный счёт"},
			"identity": map[string]any{"names": []string{"Nguyễn Thị Ánh Tuyết", "Łukasz Ünïcödé", "שלום 山田"},
				"addresses": []map[string]any{{"primary": true, "data": map[string]any{"street": "12 Đường Nguyễn Huệ", "city": "Hồ Chí Minh", "country": "VN", "region": "SG", "postal_code": "70000"}}}},
			"transactions": []map[string]any{{"amount": 12.5, "date_posted": "2026-11-02", "description": "Ünïcödé κατάστημα Феникс 📦 {n}"}}})
	}
	m := reportOf(t, wefttest.NewServer(t), custom(t, accounts...), 30, map[string]any{"client_report_id": "{n} Đơn 7"})
	text := dense(strings.Join(written(t, m.pdf(t, nil)), ""))
	for want, n := range map[string]int{"NguyễnThịÁnhTuyết,ŁukaszÜnïcödé,□□□□□□": 40, "12ĐườngNguyễnHuệ,HồChíMinh,SG70000,VN": 40, "ΕλληνικόςСберегательныйсчёт": 40,
		"Ünïcödéκατάστημα": 30, "Феникс□": 30, "Đơn7": 1, "Netassets(JPY)": 1, "39,000,000.00": 2} {
		if got := strings.Count(text, want); got < n {
			t.Errorf("%q is there %d times, not %d", want, got, n)
		}
	}
}

// A report from which all accounts were filtered, and an account in which nothing has ever happened.
func TestEmptyReports(t *testing.T) {
	s := wefttest.NewServer(t)
	m := reportOf(t, s, custom(t, map[string]any{"type": "depository", "subtype": "checking", "starting_balance": 10,
		"transactions": []map[string]any{{"amount": 1, "date_posted": "2026-01-02", "description": "Long ago"}}}), 30, nil)
	text := strings.Join(written(t, m.pdf(t, nil)), "")
	if !strings.Contains(text, "There are no transactions in the days of this report.") {
		t.Errorf("%s", text)
	}
	var filtered struct {
		Token string `json:"asset_report_token"`
	}
	err := s.Call("/asset_report/filter", map[string]any{"asset_report_token": m.token, "account_ids_to_exclude": []string{m.Report.Items[0].Accounts[0].AccountID}}, &filtered)
	if err != nil {
		t.Fatal(err)
	}
	none := ready(t, s, filtered.Token)
	content := none.pdf(t, nil)
	agrees(t, none, content)
	if text := strings.Join(written(t, content), ""); !strings.Contains(text, "This report has no accounts.") || !strings.Contains(text, "No account of this Item is in the report.") {
		t.Errorf("%s", text)
	}
}

// The document comes as a file, under the request's id.
func TestHeaders(t *testing.T) {
	m := reportOf(t, wefttest.NewServer(t), wefttest.Good, 3, nil)
	body := strings.NewReader(`{"client_id": "` + m.server.ClientID + `", "secret": "` + m.server.Secret + `", "asset_report_token": "` + m.token + `"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.server.URL+"/asset_report/pdf/get", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it is not read
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/pdf" || res.Header.Get("Plaid-Request-ID") == "" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
}
