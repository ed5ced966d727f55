package product_test

import (
	"testing"

	"weft/internal/product"
)

func TestValidWebhook(t *testing.T) {
	for webhook, valid := range map[string]bool{
		"https://example.com/hook":     true,
		"http://127.0.0.1:3000/":       true,
		"http://receiver:3000/hook":    true, // a name of a container
		"example.com/hook":             true,
		"localhost:3000":               true,
		"10.0.0.7:3000":                true,
		"":                             false,
		"javascript:1":                 false,
		"receiver:3000":                false,
		"ftp://example.com":            false,
		"https://user:pw@example.com":  false,
		"https://example.com/a b":      false,
		"https:///nobody":              false,
		"https://example.com/\u0007":   false,
		"mailto:somebody@example.com":  false,
		"data:text/html,<script>":      false,
		"https://example.com/%zz":      false,
		"https://[::1]:8080/hook":      true,
		"https://example.com:99999999": true, // it is judged at delivery
	} {
		if err := product.ValidWebhook("webhook", webhook); (err == nil) != valid {
			t.Errorf("%q: %v", webhook, err)
		}
	}
}
