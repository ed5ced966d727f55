package rules

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"weft/internal/enrich/words"
)

//go:embed data
var embedded embed.FS

// Rules are what the data says.
type Rules struct {
	Aliases    words.Phrases[Alias]
	Glued      []Glued
	Keywords   words.Phrases[Keyword]
	Noise      words.Phrases[Noise]
	Processors words.Phrases[Processor]
	// Bare names the processors that need no star behind them.
	Bare map[string]bool
	// Cities are the names of large cities.
	Cities words.Phrases[string]
	Kinds  map[string][]Kind
	Codes  []Codes
	// Merchants is the number of merchants.
	Merchants int
	all       []*Merchant
}

// Merchant is a line of the merchants.
type Merchant struct {
	Name, Website, Entity string
	Type                  CounterpartyType
	Channel               string
	// Out and In are the detailed categories (version 2) of money that goes to it and comes from it.
	Out, In string
	// Legacy is the older category where it has one of its own.
	Legacy string
}

// Category is the category of money of a direction.
func (m *Merchant) Category(direction string) string {
	if direction == "in" {
		return m.In
	}
	return m.Out
}

// Alias is a way in which a merchant occurs.
type Alias struct {
	*Merchant
	// First: only at the beginning of what the bank says of the payment.
	First bool
	// Length is the number of its letters.
	Length int
}

// Glued is an alias without its spaces.
type Glued struct {
	Letters string
	*Merchant
}

// ShortestGlued is the shortest alias that is recognised without its spaces, or cut short.
const ShortestGlued = 7

// Keyword is a phrase that tells a category.
type Keyword struct {
	Category string
	// Direction is in, out, or "" for both.
	Direction string
	// Strong: a merchant's category yields.
	Strong bool
	// On and Not restrict it to a type of account, or from one.
	On, Not    string
	Confidence Confidence
	// Words is its length.
	Words int
}

// Noise is what banks write in front of a merchant, and what it tells.
type Noise struct{ Card, Online, ACH, Keep bool }

// Processor handles payments of others. Bare: it needs no star behind it.
type Processor struct {
	*Merchant
	Bare bool
}

// Kind is what the bank's own kind of a transaction tells.
type Kind struct {
	Direction, Account, Category, Legacy string
	Confidence                           Confidence
	Strong                               bool
}

// Codes is a range of merchant category codes.
type Codes struct {
	From, To int
	Category string
}

// Embedded are the rules of the embedded data, read at first use. The data is checked by tests: a mistake in it panics.
var Embedded = sync.OnceValue(func() *Rules {
	r, err := Read(embedded)
	if err != nil {
		panic(err)
	}
	return r
})

// Read reads rules.
func Read(files fs.FS) (*Rules, error) {
	r := &Rules{}
	common, err := readCommon(files)
	if err != nil {
		return nil, err
	}
	if err := r.readMerchants(files, common); err != nil {
		return nil, err
	}
	for _, read := range []func(fs.FS) error{r.readKeywords, r.readNoise, r.readProcessors, r.readKinds, r.readCodes, r.readCities} {
		if err := read(files); err != nil {
			return nil, err
		}
	}
	r.addSites()
	slices.SortStableFunc(r.Glued, func(a, b Glued) int { return strings.Compare(a.Letters, b.Letters) })
	return r, nil
}
