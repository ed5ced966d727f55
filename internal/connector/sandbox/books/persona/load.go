package persona

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"weft/internal/plaid"
)

// Load reads the personas of this package's kind from the root of a file system; other files are left alone. Each persona
// must have the name of its file.
func Load(fsys fs.FS) (map[string]Persona, error) {
	names, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, err
	}
	all := map[string]Persona{}
	for _, file := range names {
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		var head struct {
			Kind string `json:"kind"`
		}
		if json.Unmarshal(data, &head) != nil || head.Kind != Kind {
			continue
		}
		p, err := Parse(data)
		if err == nil && p.Name != strings.TrimSuffix(path.Base(file), ".json") {
			err = fmt.Errorf("the persona's name is %q", p.Name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all[p.Name] = p
	}
	return all, nil
}

// Parse reads one persona strictly and checks it; the error names all faults. Whether its securities exist is found when
// it is run.
func Parse(data []byte) (Persona, error) {
	var p Persona
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return Persona{}, err
	}
	if err := p.validate(); err != nil {
		return Persona{}, err
	}
	return p, nil
}

func (p Persona) validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if p.Kind != Kind || p.Name == "" || len(p.Accounts) == 0 {
		fault("a persona has the kind %q, a name and accounts", Kind)
	}
	keys := map[string]bool{}
	for _, a := range p.Accounts {
		if a.Key == "" || keys[a.Key] {
			fault("account %q: the key is empty or used twice", a.Key)
		}
		keys[a.Key] = true
	}
	for _, a := range p.Accounts {
		if !plaid.Known(plaid.AccountTypes, a.Type) || !plaid.Known(plaid.AccountSubtypes, a.Subtype) {
			fault("account %q: %s/%s is no type", a.Key, a.Type, a.Subtype)
		}
		if a.Name == "" || a.Currency == "" || a.Cash == "" && a.Type != plaid.TypeInvestment {
			fault("account %q: name, currency and cash are needed", a.Key)
		}
		for _, o := range a.Owners {
			if _, ok := p.Owners[o]; !ok {
				fault("account %q: no owner %q", a.Key, o)
			}
		}
		for i := range a.Orders {
			o := &a.Orders[i]
			if err := o.validate(a, keys); err != nil {
				fault("account %q, order %d (%s): %w", a.Key, i+1, o.Do, err)
			}
		}
	}
	return errors.Join(faults...)
}

func (o *Order) validate(a Account, accounts map[string]bool) error {
	v, known := shapeOf(o.Do)
	sizes := 0
	for _, d := range []*plaid.Decimal{o.Amount, o.Quantity, o.Share} {
		if d == nil {
			continue
		}
		sizes++
		if d.Sign() <= 0 {
			return errors.New("a size is positive")
		}
	}
	switch {
	case !known:
		return errors.New("unknown verb")
	case a.Type != plaid.TypeInvestment && v.security:
		return errors.New("only investment accounts trade")
	case (o.Day == nil) == (o.Every == ""):
		return errors.New("either day or every is needed")
	case o.Every != "" && !KnownPeriod(o.Every), o.Vesting != nil && !KnownPeriod(o.Vesting.Every):
		return errors.New("unknown period")
	case v.security && (o.Security == "") == (o.Option == nil):
		return errors.New("either security or option is needed")
	case sizes != v.sizes && (sizes != 0 || !v.whole):
		return fmt.Errorf("%d sizes (amount, quantity, share) where %d is needed", sizes, v.sizes)
	case o.Account != "" && (!accounts[o.Account] || o.Account == a.Key):
		return fmt.Errorf("there is no other account %q", o.Account)
	case o.Do == "grant" && (o.Vesting == nil || o.Vesting.Parts < 1 || o.Quantity == nil):
		return errors.New("a grant has a quantity and vesting")
	case (o.Do == "deposit" || o.Do == "contribution") && o.Amount == nil:
		return errors.New("an amount is needed")
	case o.Do == "transfer in" && o.Quantity == nil:
		return errors.New("a quantity is needed")
	case (o.Do == "withdrawal" || o.Do == "fee" || o.Do == "distribution") && o.Quantity != nil:
		return errors.New("a quantity has no meaning here")
	case (o.Do == "sell short" || o.Do == "reward") && (o.Do == "reward") != (o.Share != nil):
		return errors.New("a reward is a share, a short sale is not")
	case o.Do == "fee" && !feeSubtype(o.Subtype):
		return fmt.Errorf("%q is no subtype of a fee", o.Subtype)
	case o.Option != nil && o.Option.Type != "call" && o.Option.Type != "put":
		return errors.New("an option is a call or a put")
	}
	return o.validateTrade()
}

// validateTrade checks how an order is executed.
func (o *Order) validateTrade() error {
	plain := o.Do == "buy" || o.Do == "sell"
	switch {
	case (o.Limit != nil || o.Broken != "") && !plain:
		return errors.New("only buying and selling has a limit or is broken")
	case o.Limit != nil && (o.Limit.Sign() <= 0 || o.Good < 1 || o.Broken != "" || o.Roll):
		return errors.New("a limit is a positive share of the price, good for days, and neither broken nor rolled")
	case o.Broken != "" && (o.Broken != Vanishes && o.Broken != Reversed || !o.Fees.IsZero()):
		return errors.New("a broken trade vanishes or is reversed, and has no fees")
	default:
		return nil
	}
}
