package match

import (
	_ "embed" // for the list
	"slices"
	"strings"
	"sync"
)

// nicknameLines are given names, each line one name in its long forms and in what people are called for it.
//
//go:embed nicknames.txt
var nicknameLines string

// nicknames are the lines in which each name stands.
var nicknames = sync.OnceValue(func() map[string][]int {
	lines := map[string][]int{}
	for i, line := range strings.Split(strings.TrimSpace(nicknameLines), "\n") {
		for _, name := range strings.Fields(line) {
			lines[name] = append(lines[name], i)
		}
	}
	return lines
})

// sameNickname reports whether two folded given names are forms of one.
func sameNickname(a, b string) bool {
	lines := nicknames()
	return a != b && slices.ContainsFunc(lines[a], func(line int) bool { return slices.Contains(lines[b], line) })
}
