package custom

import (
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// OneOrMany is a list that may also be written as its one element: the contract's schema has an object where its own
// example files have arrays. Nil means not given, and empty means that there are none.
type OneOrMany[T any] []T

// UnmarshalJSONFrom reads an array or a single object.
func (l *OneOrMany[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	switch d.PeekKind() {
	case jsontext.KindNull:
		_, err := d.ReadToken()
		*l = nil
		return err
	case jsontext.KindBeginArray:
		list := []T{}
		if err := json.UnmarshalDecode(d, &list); err != nil {
			return err
		}
		*l = list
		return nil
	case jsontext.KindBeginObject:
		var one T
		if err := json.UnmarshalDecode(d, &one); err != nil {
			return err
		}
		*l = OneOrMany[T]{one}
		return nil
	case jsontext.KindInvalid:
		_, err := d.ReadToken()
		return err
	}
	return reason("a list or an object is expected")
}

// DayOfMonth is a day from 1 to 28, or the last day of a month.
type DayOfMonth struct {
	// Day is 1 to 28, and 0 when Last.
	Day  int
	Last bool
}

// UnmarshalJSONFrom reads 15, "15" or "last".
func (v *DayOfMonth) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	const expected = reason(`a day from 1 to 28 or "last" is expected`)
	kind := d.PeekKind()
	if kind != jsontext.KindNumber && kind != jsontext.KindString && kind != jsontext.KindInvalid {
		return expected
	}
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	text := token.String()
	if text == "last" {
		*v = DayOfMonth{Last: true}
		return nil
	}
	day, err := strconv.Atoi(text)
	if err != nil || day < 1 || day > 28 {
		return expected
	}
	*v = DayOfMonth{Day: day}
	return nil
}

// Text is text that may be written as a number or a boolean; those keep their spelling.
type Text string

// UnmarshalJSONFrom reads a string, a number, true or false.
func (v *Text) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	switch d.PeekKind() {
	case jsontext.KindString, jsontext.KindNumber, jsontext.KindTrue, jsontext.KindFalse, jsontext.KindInvalid:
		text, err := scalar(d, d.PeekKind(), "")
		*v = Text(text)
		return err
	}
	return reason("a string is expected")
}
