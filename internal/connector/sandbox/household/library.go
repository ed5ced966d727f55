package household

import (
	"io/fs"
	"sync"

	"weft/internal/connector/sandbox/household/plan"
)

// Library has the people of a file system. It reads a person's file when somebody logs in as them for the first time: most
// are never asked for.
type Library struct {
	files  fs.FS
	names  map[string]bool
	mu     sync.Mutex
	habits map[string][]plan.Flow
	plans  map[string]*plan.Plan
}

// Open lists the people, and reads nothing of them.
func Open(files fs.FS) (*Library, error) {
	names, err := plan.Names(files)
	if err != nil {
		return nil, err
	}
	l := &Library{files: files, names: map[string]bool{}, plans: map[string]*plan.Plan{}}
	for _, name := range names {
		l.names[name] = true
	}
	return l, nil
}

// Has reports whether there is a person of a name.
func (l *Library) Has(name string) bool { return l.names[name] }

// Plan is the plan of a person.
func (l *Library) Plan(name string) (*plan.Plan, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := l.plans[name]; p != nil {
		return p, nil
	}
	if err := l.readHabits(); err != nil {
		return nil, err
	}
	p, err := plan.Read(l.files, name, l.habits)
	if err == nil {
		l.plans[name] = p
	}
	return p, err
}

// Habits are the sets of flows that people share, by their names.
func (l *Library) Habits() (map[string][]plan.Flow, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.readHabits()
	return l.habits, err
}

func (l *Library) readHabits() (err error) {
	if l.habits == nil {
		l.habits, err = plan.Habits(l.files)
	}
	return err
}
