package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/plaid"
)

// Where the files lie below the personas.
const (
	folder       = "households"
	habitsFolder = "habits"
)

// Names are the people who have a file, without reading it.
func Names(fsys fs.FS) ([]string, error) {
	files, err := fs.Glob(fsys, folder+"/*.json")
	for i, file := range files {
		files[i] = strings.TrimSuffix(path.Base(file), ".json")
	}
	return files, err
}

// Habits are the sets of flows that people share, by their names.
func Habits(fsys fs.FS) (map[string][]Flow, error) {
	files, err := fs.Glob(fsys, habitsFolder+"/*.json")
	if err != nil {
		return nil, err
	}
	all := map[string][]Flow{}
	for _, file := range files {
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		var sets map[string][]Flow
		if err := strict(text, &sets); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for name, flows := range sets {
			if _, twice := all[name]; twice {
				return nil, fmt.Errorf("%s: the habit %q exists already", file, name)
			}
			all[name] = flows
		}
	}
	return all, nil
}

// Read reads the plan of a person.
func Read(fsys fs.FS, name string, habits map[string][]Flow) (*Plan, error) {
	text, err := fs.ReadFile(fsys, folder+"/"+name+".json")
	if err != nil {
		return nil, err
	}
	p, err := Parse(text, habits)
	if err == nil && p.Name != name {
		err = fmt.Errorf("the person's name is %q", p.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// Parse reads a plan strictly and adds the flows of its habits; the error names all faults.
func Parse(text []byte, habits map[string][]Flow) (*Plan, error) {
	p := new(Plan)
	if err := strict(text, p); err != nil {
		return nil, err
	}
	for _, h := range p.Habits {
		flows, ok := habits[h.Set]
		if !ok {
			return nil, fmt.Errorf("there is no habit %q", h.Set)
		}
		for _, f := range flows {
			p.Flows = append(p.Flows, h.taken(f))
		}
	}
	if len(p.Investments) > 0 {
		books, err := persona.Parse(p.Investments)
		if err != nil {
			return nil, fmt.Errorf("investments: %w", err)
		}
		p.Books, p.Investments = &books, nil
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	return p, nil
}

// taken is a flow of a habit as one person has it.
func (h Habit) taken(f Flow) Flow {
	if f.Account == "" {
		f.Account = h.Account
	}
	f.ID = h.Set + "." + f.ID
	if h.Percent == 0 {
		return f
	}
	part := func(d plaid.Decimal) plaid.Decimal { return d.Mul(plaid.NewDecimal(int64(h.Percent), -2)).Round(2) }
	if f.Least != nil && f.Most != nil {
		f.Least, f.Most = part(*f.Least).Ptr(), part(*f.Most).Ptr()
	}
	return f
}

func strict(text []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	return dec.Decode(to)
}

func (p *Plan) validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if p.Kind != Kind || p.Name == "" || p.Days < 1 || len(p.Accounts) == 0 {
		fault("a person has the kind %q, a name, days and accounts", Kind)
	}
	accounts := map[string]*Account{}
	for i := range p.Accounts {
		a := &p.Accounts[i]
		if accounts[a.Key] != nil || a.Key == "" || a.Name == "" || a.Type == plaid.TypeInvestment {
			fault("account %q: the key is used twice, key or name is empty, or it is an investment account", a.Key)
		}
		accounts[a.Key] = a
		if !plaid.Known(plaid.SubtypesOf(a.Type), a.Subtype) {
			fault("account %q: %s/%s is no type", a.Key, a.Type, a.Subtype)
		}
		if a.Type == plaid.TypeCredit && (a.Limit == nil || a.Closes < 1 || a.Closes > 28) {
			fault("account %q: a card has a limit and a day from 1 to 28 on which it closes", a.Key)
		}
		if a.Terms != nil {
			if err := a.Terms.Check(a.Type); err != nil {
				fault("account %q: %w", a.Key, err)
			}
		}
		for _, o := range a.Owners {
			if _, ok := p.Owners[o]; !ok {
				fault("account %q: no owner %q", a.Key, o)
			}
		}
	}
	for i, c := range p.Changes {
		if _, ok := p.Owners[c.Of]; !ok || c.Days < 1 || i > 0 && c.Days < p.Changes[i-1].Days {
			fault("change of owner %q: there is none, or it comes too soon", c.Of)
		}
	}
	ids := map[[2]string]bool{}
	for _, list := range [][]Flow{p.Flows, p.Refresh} {
		for i := range list {
			f := &list[i]
			if place := [2]string{f.Account, f.ID}; ids[place] || f.ID == "" {
				fault("flow %q: the id is empty or used twice", f.ID)
			} else {
				ids[place] = true
			}
			if err := f.validate(accounts); err != nil {
				fault("flow %q: %w", f.ID, err)
			}
		}
	}
	return errors.Join(faults...)
}

func (f *Flow) validate(accounts map[string]*Account) error {
	to := accounts[f.To]
	sizes := 0
	for _, given := range []bool{len(f.Amount) > 0, f.Least != nil, f.Pays != "", f.Above != nil} {
		if given {
			sizes++
		}
	}
	switch {
	case accounts[f.Account] == nil || f.To != "" && (to == nil || f.To == f.Account):
		return fmt.Errorf("there is no account %q, or no other account %q", f.Account, f.To)
	case len(f.Names) == 0 || (f.To == "") != (len(f.ToNames) == 0):
		return errors.New("names are needed, and those of the other account if there is one")
	case sizes != 1 || (f.Least == nil) != (f.Most == nil) || f.Least != nil && f.Least.Cmp(*f.Most) > 0:
		return errors.New("one of amount, least and most, pays and above is needed")
	case f.Pays != "" && (f.Pays != "full" && f.Pays != "minimum" || to == nil || to.Type != plaid.TypeCredit):
		return errors.New("a card is paid in full or the minimum")
	case f.Below != nil && to == nil:
		return errors.New("below is of the other account")
	case f.Days != "" && f.Days != "workdays" && f.Days != "weekends", f.Book != "" && f.Book != "before" && f.Book != "after":
		return errors.New("days are workdays or weekends, and book is before or after")
	case f.Posts[0] < 0 || f.Posts[1] < f.Posts[0] || f.Posts[1] > 10 || f.ToDays < 0 || f.ToDays > 5:
		return errors.New("it is pending for a few days")
	case f.Every != "" && f.ByChance(), f.AMonth > 30 || f.AMonth < 0 || f.AYear < 0:
		return errors.New("it comes every so often, or by chance")
	}
	return f.validateDays()
}

func (f *Flow) validateDays() error {
	weekly := f.Every == "week" || f.Every == "two weeks"
	switch {
	case f.Every != "" && !persona.KnownPeriod(f.Every):
		return fmt.Errorf("unknown period %q", f.Every)
	case weekly && (f.On < 1 || f.On > 7), !weekly && f.Every != "" && (f.On < 1 || f.On > 31):
		return errors.New("on is a weekday from 1 to 7, or a day of the month")
	}
	for _, m := range f.Months {
		if m < 1 || m > 12 {
			return fmt.Errorf("there is no month %d", m)
		}
	}
	return nil
}
