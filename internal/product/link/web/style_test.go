package web

import (
	"math"
	"regexp"
	"strconv"
	"testing"
)

// TestColoursCanBeRead holds the style sheet's colours to WCAG 2.2: text and what is behind it at 4.5 to 1, edges and rings at
// 3 to 1, in both themes.
func TestColoursCanBeRead(t *testing.T) {
	css, err := sources.ReadFile("assets/link.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s)\{([^{}]*--card:[^{}]*)\}`).FindAllStringSubmatch(string(css), -1)
	if len(blocks) != 3 {
		t.Fatalf("found %d themes", len(blocks))
	}
	space := regexp.MustCompile(`\s+`)
	if space.ReplaceAllString(blocks[1][1], " ") != space.ReplaceAllString(blocks[2][1], " ") {
		t.Error("the dark theme that the browser asks for is not the one that the client asks for")
	}
	for i, block := range blocks {
		colours := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{3,6});`).FindAllStringSubmatch(block[1], -1) {
			colours[m[1]] = m[2]
		}
		for _, pair := range []struct {
			front, back string
			least       float64
		}{
			{"text", "card", 4.5}, {"text", "wash", 4.5}, {"text", "tint", 4.5}, {"soft", "card", 4.5}, {"soft", "wash", 4.5}, {"soft", "press", 4.5},
			{"accent", "card", 4.5}, {"accent", "wash", 4.5}, {"accent", "tint", 4.5}, {"on-accent", "accent", 4.5}, {"on-accent", "accent-press", 4.5},
			{"bad", "bad-wash", 4.5}, {"bad", "card", 4.5}, {"bad", "wash", 4.5}, {"warn", "warn-wash", 4.5}, {"warn", "card", 4.5}, {"warn", "wash", 4.5},
			{"edge", "card", 3}, {"ring", "card", 3}, {"ring", "page", 3},
		} {
			if got := contrast(t, colours[pair.front], colours[pair.back]); got < pair.least {
				t.Errorf("theme %d: %s on %s has %.2f to 1, less than %.1f", i, pair.front, pair.back, got, pair.least)
			}
		}
	}
	tones := regexp.MustCompile(`\.tone-(\d) \{ background: (#[0-9a-f]{6}); \}`).FindAllStringSubmatch(string(css), -1)
	if len(tones) != 9 {
		t.Errorf("found %d tones", len(tones))
	}
	for _, m := range tones {
		if got := contrast(t, "#fff", m[2]); got < 4.5 {
			t.Errorf("initials on tone %s have %.2f to 1", m[1], got)
		}
	}
}

// contrast is that of two colours, as WCAG defines it.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) == 4 {
		colour = "#" + colour[1:2] + colour[1:2] + colour[2:3] + colour[2:3] + colour[3:4] + colour[3:4]
	}
	n, err := strconv.ParseUint(colour[min(1, len(colour)):], 16, 32)
	if err != nil {
		t.Fatalf("%q is no colour", colour)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(n>>(16-8*i)&255) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
