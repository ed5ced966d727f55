package assets_test

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"weft/internal/plaid"
	"weft/wefttest"
)

// busy is a person with four accounts and 3,000 transactions in two years.
func busy(b *testing.B) wefttest.User {
	b.Helper()
	var accounts []map[string]any
	today := plaid.DateOf(wefttest.Start)
	for n, kind := range [][2]string{{"depository", "checking"}, {"depository", "savings"}, {"credit", "credit card"}, {"credit", "credit card"}} {
		var transactions []map[string]any
		for i := range 750 {
			transactions = append(transactions, map[string]any{"amount": float64(1000+37*i%9000) / 100, "date_posted": today.AddDays(-1 - i*729/750).String(),
				"description": fmt.Sprintf("POS PURCHASE STORE #%d PORTLAND OR", i%60)})
		}
		accounts = append(accounts, map[string]any{"type": kind[0], "subtype": kind[1], "starting_balance": 1000 * (n + 1), "transactions": transactions})
	}
	text, err := json.Marshal(map[string]any{"override_accounts": accounts})
	if err != nil {
		b.Fatal(err)
	}
	return wefttest.User{Name: "user_custom", Password: string(text)}
}

// resident is so many bytes of memory as the process has (VmRSS), or had at most (VmHWM) since forget.
func resident(b *testing.B, line string) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("needs Linux, which counts what a process has had at most")
	}
	for l := range strings.Lines(string(status)) {
		if fields := strings.Fields(l); len(fields) == 3 && fields[0] == line+":" {
			kilobytes, err := strconv.ParseFloat(fields[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kilobytes / 1000
		}
	}
	return 0
}

func forget(b *testing.B) {
	b.Helper()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200); err != nil {
		b.Skip(err)
	}
}

// BenchmarkAssetReport makes a report of two years of a busy Item and draws it. The figures are of the whole server: the time of each,
// and the most memory that the process has had meanwhile.
//
//	go test -run '^$' -bench AssetReport -benchtime 1x ./internal/product/assets
func BenchmarkAssetReport(b *testing.B) {
	s := wefttest.NewServer(b)
	item := s.MustLinkUser(busy(b), "ins_109508", "assets")
	var made struct {
		Token string `json:"asset_report_token"`
	}
	var making, drawing time.Duration
	var peak, rest, size float64
	for b.Loop() {
		forget(b)
		rest = resident(b, "VmRSS")
		begin := b.Elapsed()
		if err := s.Call("/asset_report/create", map[string]any{"access_tokens": []string{item.AccessToken}, "days_requested": 731}, &made); err != nil {
			b.Fatal(err)
		}
		s.Settle()
		drawn := b.Elapsed()
		status, body, err := s.Post("/asset_report/pdf/get", map[string]any{"asset_report_token": made.Token}, nil)
		if err != nil || status != 200 {
			b.Fatalf("%d %v", status, err)
		}
		making, drawing = making+drawn-begin, drawing+b.Elapsed()-drawn
		peak, size = max(peak, resident(b, "VmHWM")), float64(len(body))
	}
	var got struct {
		Report struct {
			Items []struct {
				Accounts []struct {
					Transactions []struct{} `json:"transactions"`
				} `json:"accounts"`
			} `json:"items"`
		} `json:"report"`
	}
	if err := s.Call("/asset_report/get", map[string]any{"asset_report_token": made.Token}, &got); err != nil {
		b.Fatal(err)
	}
	count := 0
	for _, a := range got.Report.Items[0].Accounts {
		count += len(a.Transactions)
	}
	if count != 3000 {
		b.Fatalf("%d transactions", count)
	}
	if took := (making + drawing) / time.Duration(b.N); took > 2*time.Second || peak > 150 {
		b.Errorf("%v and %.0f MB, more than 2 s and 150 MB", took, peak)
	}
	b.ReportMetric(making.Seconds()/float64(b.N), "s/report")
	b.ReportMetric(drawing.Seconds()/float64(b.N), "s/pdf")
	b.ReportMetric(peak, "MB-peak")
	b.ReportMetric(rest, "MB-before")
	b.ReportMetric(size/1000, "kB-pdf")
}
