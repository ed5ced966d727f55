package product

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/processors"
	"weft/internal/plaid"
)

// Processor is an endpoint that a processor calls with a processor token.
func Processor[Req, Res any](items *item.Service, fn func(context.Context, processors.Grant, Req) (Res, error)) httpapi.Endpoint {
	return httpapi.NewEndpoint("processor_token", items.Processors().Authorize, fn)
}

// Mirror is the twin of an Item's endpoint for processors: narrow makes the endpoint's request of the processor's, for the
// token's account alone, and the endpoint's answer is told of that account, without the Item. The token must be allowed one of
// the products; none are needed where there are none. Shapes change what else differs of the answer.
func Mirror[Req, Direct, Res any](items *item.Service, products []string, direct func(context.Context, item.Item, Direct) (Res, error),
	narrow func(req Req, accountID string) (Direct, error), shapes ...Shape) httpapi.Endpoint {
	return httpapi.NewEndpoint("processor_token", items.Processors().Open, func(ctx context.Context, g processors.Grant, req Req) (any, error) {
		if err := g.Allow(products); err != nil {
			return nil, err
		}
		of, err := narrow(req, g.AccountID)
		if err != nil {
			return nil, err
		}
		if v, ok := any(&of).(httpapi.Validator); ok {
			if err := v.Validate(httpapi.CallOf(ctx).Version); err != nil {
				return nil, err
			}
		}
		res, err := direct(ctx, g.Item, of)
		if err != nil {
			return nil, err
		}
		return tellOfAccount(res, g.Item, shapes)
	})
}

// Narrow is the narrowing of an endpoint whose processors send nothing but their token.
func Narrow[Direct any](of func(accountID string) Direct) func(httpapi.None, string) (Direct, error) {
	return func(_ httpapi.None, accountID string) (Direct, error) { return of(accountID), nil }
}

// OnlyAccount is the filter by the token's account, where a processor may filter: another account is refused as one that there
// is not.
func OnlyAccount(asked []string, accountID string) ([]string, error) {
	for _, id := range asked {
		if id != accountID {
			return nil, plaid.Err("INVALID_ACCOUNT_ID")
		}
	}
	return []string{accountID}, nil
}

// Shape changes what an answer tells a processor.
type Shape func(a *Answer, it item.Item) error

// Answer is an answer's members, in their order.
type Answer struct{ members []member }

type member struct {
	name  string
	value json.RawMessage
}

// Put adds a member, or replaces the one of its name.
func (a *Answer) Put(name string, value any) error {
	doc, err := plaid.JSON(value)
	if err != nil {
		return err
	}
	for i := range a.members {
		if a.members[i].name == name {
			a.members[i].value = doc
			return nil
		}
	}
	a.members = append(a.members, member{name, doc})
	return nil
}

// Get is a member, nil where there is none.
func (a *Answer) Get(name string) json.RawMessage {
	for _, m := range a.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// WithInstitution tells whose account it is.
func WithInstitution(a *Answer, it item.Item) error { return a.Put("institution_id", it.InstitutionID) }

// SingleNumbers tells the account's numbers of each kind as one or null, in place of the lists of all accounts' numbers.
func SingleNumbers(a *Answer, _ item.Item) error {
	var lists map[string][]json.RawMessage
	if err := json.Unmarshal(a.Get("numbers"), &lists); err != nil {
		return fmt.Errorf("numbers of a processor: %w", err)
	}
	type numbers struct {
		ACH           json.RawMessage `json:"ach"`
		EFT           json.RawMessage `json:"eft"`
		International json.RawMessage `json:"international"`
		BACS          json.RawMessage `json:"bacs"`
	}
	return a.Put("numbers", numbers{first(lists["ach"]), first(lists["eft"]), first(lists["international"]), first(lists["bacs"])})
}

// first is the first element, null where there is none.
func first(list []json.RawMessage) json.RawMessage {
	if len(list) == 0 {
		return json.RawMessage("null")
	}
	return list[0]
}

// tellOfAccount is an answer with `account` in place of `accounts`, null where they are none, and without the Item.
func tellOfAccount(res any, it item.Item, shapes []Shape) (any, error) {
	a, err := readAnswer(res)
	if err != nil {
		return nil, err
	}
	for _, shape := range shapes {
		if err := shape(&a, it); err != nil {
			return nil, err
		}
	}
	out := []byte("{")
	for _, m := range a.members {
		switch m.name {
		case "item":
			continue
		case "accounts":
			var list []json.RawMessage
			if err := json.Unmarshal(m.value, &list); err != nil {
				return nil, err
			}
			m.name, m.value = "account", first(list)
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(fmt.Appendf(out, "%q:", m.name), m.value...)
	}
	if len(out) == 1 {
		return httpapi.None{}, nil
	}
	return httpapi.Raw{out}, nil
}

// readAnswer takes an answer apart, whether it is joined or a struct.
func readAnswer(res any) (a Answer, err error) {
	var doc []byte
	if raw, ok := res.(httpapi.Raw); ok {
		doc = append(bytes.Join(raw, nil), '}')
	} else if doc, err = plaid.JSON(res); err != nil {
		return a, err
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(doc))
	if start, err := dec.ReadToken(); err != nil || start.Kind() != '{' {
		return a, cmp.Or(err, errors.New("an answer for a processor is no object"))
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return a, err
		}
		text := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return a, err
		}
		end := int(dec.InputOffset()) // the decoder's own bytes are good until it reads on
		a.members = append(a.members, member{text, doc[end-len(value) : end]})
	}
	return a, nil
}
