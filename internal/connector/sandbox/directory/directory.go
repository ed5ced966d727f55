package directory

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Directory is the sandbox's list of institutions. It is safe for concurrent use.
type Directory struct {
	seed string
	// documented and all are the institutions without status, each read when it is first needed: a server whose Items are all at
	// documented institutions needs no other. The list of a day is a copy of all with the day's statuses.
	documented, all func() *register
	day             atomic.Pointer[dayList]
	logos           logoCache
	// shares is the decimals 0.000 to 1.000, shared by all statuses.
	shares func() []plaid.Decimal
}

// register is institutions in their order, and where each is.
type register struct {
	list []connector.Institution
	byID map[string]int
}

func newRegister(list []connector.Institution) *register {
	r := &register{list: list, byID: make(map[string]int, len(list))}
	for i, in := range list {
		r.byID[in.InstitutionID] = i
	}
	return r
}

// find is an institution, nil where there is none.
func (r *register) find(institutionID string) *connector.Institution {
	if i, ok := r.byID[institutionID]; ok {
		return &r.list[i]
	}
	return nil
}

// dayList is the institutions as of a day.
type dayList struct {
	day  plaid.Date
	list []connector.Institution
}

var _ connector.Directory = (*Directory)(nil)

// New is the directory. The seed decides the institutions' health figures and nothing else.
func New(seed string) *Directory {
	d := &Directory{seed: seed, shares: sync.OnceValue(thousandths)}
	d.documented = sync.OnceValue(func() *register { return newRegister(documentedInstitutions()) })
	d.all = sync.OnceValue(func() *register {
		return newRegister(slices.Concat(d.documented().list, generatedInstitutions()))
	})
	d.logos.images = make(map[string]string)
	return d
}

// Institution is one institution without logo and status, for what does not depend on the day; nil for an unknown id. It is
// shared and must not be changed.
func (d *Directory) Institution(institutionID string) *connector.Institution {
	if in := d.documented().find(institutionID); in != nil {
		return in
	}
	return d.all().find(institutionID)
}

// Institutions is the whole list: first the documented institutions, then the catalogue by country, always in the same
// order. URL, colour, auth and payment metadata and status are filled, the logo is not (see [Directory.Logo]). The list is
// shared by all callers of a day and must not be changed.
func (d *Directory) Institutions(now time.Time) []connector.Institution {
	today := plaid.DateOf(now)
	if have := d.day.Load(); have != nil && have.day == today {
		return have.list
	}
	list := slices.Clone(d.all().list)
	for i := range list {
		list[i].Status = d.statusOf(&list[i], today)
	}
	// Two callers at once may both build the list; they build the same.
	d.day.Store(&dayList{today, list})
	return list
}

// Logo is an institution's logo, a PNG of 152 by 152 pixels in base64. It is drawn when it is first asked for; the second
// result is false for an id that the directory does not have.
func (d *Directory) Logo(institutionID string) (string, bool) {
	in := d.Institution(institutionID)
	if in == nil {
		return "", false
	}
	return d.logos.get(in), true
}

// logoCache keeps the logos that were asked for.
type logoCache struct {
	mu      sync.Mutex
	images  map[string]string
	painter painter
}

func (c *logoCache) get(in *connector.Institution) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if image, ok := c.images[in.InstitutionID]; ok {
		return image
	}
	image := base64.StdEncoding.EncodeToString(c.painter.logo(in.InstitutionID, in.Name, *in.PrimaryColor))
	c.images[in.InstitutionID] = image
	return image
}

// mustDecode reads a data file that is part of the program: a fault in it is a fault of the program.
func mustDecode[T any](name string, text []byte) T {
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		panic(fmt.Sprintf("directory: data/%s: %v", name, err))
	}
	return v
}
