package taxonomy

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Version is a version of the personal finance categories.
type Version string

// The versions that Plaid answers with.
const (
	V1 Version = "v1"
	V2 Version = "v2"
)

// Primary is a primary personal finance category.
type Primary struct {
	Name        string
	Versions    []Version
	Description string
}

// Icon is the file name of the category's icon.
func (p Primary) Icon() string { return "PFC_" + p.Name + ".png" }

// Detailed is a detailed personal finance category.
type Detailed struct {
	Name     string
	Primary  string
	Versions []Version
	// V1 and V2 are the category in either version: itself where the version has it, else its nearest.
	V1, V2 string
	// Legacy is the id of the nearest category of the older hierarchy.
	Legacy      string
	Description string
}

// Legacy is a category of the older hierarchy, as /categories/get answers it.
type Legacy struct {
	ID string
	// Group is place, special or digital.
	Group string
	// Hierarchy has the names from the top.
	Hierarchy []string
}

//go:embed primaries.txt
var primariesText string

//go:embed detailed.txt
var detailedText string

//go:embed legacy.txt
var legacyText string

type lists struct {
	primaries []Primary
	detailed  []Detailed
	legacy    []Legacy
	byName    map[string]int
	byID      map[string]int
}

// The embedded text is read at first use. It is checked by tests, so that a mistake in it is a broken build and not an
// error that callers must handle.
var load = sync.OnceValue(func() *lists {
	l, err := read(primariesText, detailedText, legacyText)
	if err != nil {
		panic(err)
	}
	return l
})

func read(primaries, detailed, legacy string) (*lists, error) {
	l := &lists{byName: map[string]int{}, byID: map[string]int{}}
	for _, line := range lines(primaries) {
		f := fields(line)
		if len(f) != 3 {
			return nil, fmt.Errorf("primary category %q: name | versions | description", line)
		}
		l.primaries = append(l.primaries, Primary{Name: f[0], Versions: versions(f[1]), Description: f[2]})
	}
	if err := l.readDetailed(detailed); err != nil {
		return nil, err
	}
	for _, line := range lines(legacy) {
		f := fields(line)
		if len(f) < 3 {
			return nil, fmt.Errorf("legacy category %q: id | group | names", line)
		}
		l.byID[f[0]] = len(l.legacy)
		l.legacy = append(l.legacy, Legacy{ID: f[0], Group: f[1], Hierarchy: f[2:]})
	}
	return l, nil
}

func (l *lists) readDetailed(text string) error {
	var in []Version
	for _, line := range lines(text) {
		if strings.HasPrefix(line, "[") {
			in = versions(line)
			continue
		}
		f := fields(line)
		if len(f) != 4 {
			return fmt.Errorf("detailed category %q: name | counterpart | legacy | description", line)
		}
		d := Detailed{Name: f[0], Primary: l.primaryOf(f[0]), Versions: in, V1: f[0], V2: f[0], Legacy: f[2], Description: f[3]}
		switch {
		case f[1] == "=":
		case !slices.Contains(in, V1):
			d.V1 = f[1]
		default:
			d.V2 = f[1]
		}
		l.byName[d.Name] = len(l.detailed)
		l.detailed = append(l.detailed, d)
	}
	return nil
}

// primaryOf is the longest primary category that a detailed one begins with.
func (l *lists) primaryOf(detailed string) (found string) {
	for _, p := range l.primaries {
		if strings.HasPrefix(detailed, p.Name+"_") && len(p.Name) > len(found) {
			found = p.Name
		}
	}
	return found
}

// lines are the lines of a data file that are not empty and no comments.
func lines(text string) (out []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

func fields(line string) []string {
	f := strings.Split(line, "|")
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	return f
}

func versions(text string) (out []Version) {
	for _, v := range []Version{V1, V2} {
		if strings.Contains(text, string(v)) {
			out = append(out, v)
		}
	}
	return out
}

// Primaries are the primary categories of a version, in Plaid's order.
func Primaries(v Version) (out []Primary) {
	for _, p := range load().primaries {
		if slices.Contains(p.Versions, v) {
			out = append(out, p)
		}
	}
	return out
}

// DetailedOf are the detailed categories of a version.
func DetailedOf(v Version) (out []Detailed) {
	for _, d := range load().detailed {
		if slices.Contains(d.Versions, v) {
			out = append(out, d)
		}
	}
	return out
}

// Find is the detailed category of a name, of whichever version.
func Find(name string) (Detailed, bool) {
	i, ok := load().byName[name]
	if !ok {
		return Detailed{}, false
	}
	return load().detailed[i], true
}

// In is the category in a version.
func (d Detailed) In(v Version) Detailed {
	name := d.V2
	if v == V1 {
		name = d.V1
	}
	found, _ := Find(name)
	return found
}

// Icon is the file name of the icon of a primary category, "" where there is no such category.
func Icon(primary string) string {
	for _, p := range load().primaries {
		if p.Name == primary {
			return p.Icon()
		}
	}
	return ""
}

// LegacyCategories is the whole older hierarchy, by id. The caller may keep it, not change it.
func LegacyCategories() []Legacy { return load().legacy }

// FindLegacy is the category of the older hierarchy with an id.
func FindLegacy(id string) (Legacy, bool) {
	i, ok := load().byID[id]
	if !ok {
		return Legacy{}, false
	}
	return load().legacy[i], true
}
