package insights

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weft/internal/insight"
	"weft/internal/item"
	"weft/internal/item/insights"
)

// The drawings that insights name are served, and nothing else is.
func TestImages(t *testing.T) {
	mux := http.NewServeMux()
	for pattern, page := range New(&item.Service{}, "https://weft.example").Pages {
		mux.Handle(pattern, page)
	}
	for name, status := range map[string]int{"price-rise.svg": 200, "idle-cash.svg": 200, "nothing.svg": 404, "": 404, "..%2Frules%2Ffunds.json": 404, ".": 404} {
		rec := httptest.NewRecorder()
		mux.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", insights.ImagePath+name, nil))
		served := rec.Header().Get("Content-Type") == "image/svg+xml" && strings.HasPrefix(rec.Body.String(), "<svg ")
		if (rec.Code == 200) != (status == 200) || served != (status == 200) {
			t.Errorf("%q is answered %d %v %.40s", name, rec.Code, rec.Header(), rec.Body)
		}
	}
	if _, err := insight.Images().Open("../rules/funds.json"); err == nil {
		t.Error("rules can be read as drawings")
	}
}

func TestWhereInsightsLead(t *testing.T) {
	for address, ok := range map[string]bool{"": true, "https://app.example": true, "http://localhost:3000/money": true, "app.example": false, "ftp://app.example": false,
		"https://u:p@app.example": false, "https://app.example?x=1": false, "https://app.example#x": false, "javascript:alert(1)": false,
		"https://app.example/" + strings.Repeat("x", 1024): false} {
		req := updateRequest{CTAURL: &address}
		if err := req.Validate(""); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
