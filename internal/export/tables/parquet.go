package tables

import (
	"fmt"
	"io"
	"math/big"
	"reflect"
	"strings"

	"github.com/parquet-go/parquet-go"

	"weft/internal/plaid"
)

// mostDigits are the digits that a Parquet decimal of 16 bytes holds.
const mostDigits = 38

// Parquet writes a table. Numbers are exact decimals, with as many places as the longest of their column; days are dates; every
// column may be null.
func Parquet(w io.Writer, t Table) error {
	scales := make([]int32, len(t.Columns))
	for i, c := range t.Columns {
		scales[i] = c.Places
		for _, row := range t.Rows {
			if d, ok := row[i].(plaid.Decimal); ok {
				scales[i] = max(scales[i], places(d))
			}
		}
	}
	out := parquet.NewWriter(w, schema(t, scales), parquet.Compression(&parquet.Snappy), parquet.CreatedBy("weft", "", ""))
	line := make(parquet.Row, len(t.Columns))
	for _, row := range t.Rows {
		for i, v := range row {
			value, err := cell(v, scales[i])
			if err != nil {
				return fmt.Errorf("column %s: %w", t.Columns[i].Name, err)
			}
			defined := 1
			if v == nil {
				defined = 0
			}
			line[i] = value.Level(0, defined, i)
		}
		if _, err := out.WriteRows([]parquet.Row{line}); err != nil {
			return err
		}
	}
	return out.Close()
}

// schema is made of a struct, since that alone keeps the columns in their order.
func schema(t Table, scales []int32) *parquet.Schema {
	fields := make([]reflect.StructField, len(t.Columns))
	for i, c := range t.Columns {
		kind, tag := reflect.TypeFor[*string](), ""
		switch c.Kind {
		case Day:
			kind, tag = reflect.TypeFor[*int32](), ",date"
		case Flag:
			kind = reflect.TypeFor[*bool]()
		case Number:
			kind, tag = reflect.TypeFor[[16]byte](), fmt.Sprintf(",optional,decimal(%d:%d)", scales[i], mostDigits)
		case Text:
		}
		fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: kind, Tag: reflect.StructTag(fmt.Sprintf("parquet:%q", c.Name+tag))}
	}
	return parquet.NewSchema(t.Name, parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface()))
}

// places are the decimal places of a number.
func places(d plaid.Decimal) int32 {
	_, fraction, _ := strings.Cut(d.String(), ".")
	return int32(len(fraction)) //nolint:gosec // a number has few digits
}

func cell(v any, scale int32) (parquet.Value, error) {
	switch v := v.(type) {
	case string:
		return parquet.ByteArrayValue([]byte(v)), nil
	case bool:
		return parquet.BooleanValue(v), nil
	case plaid.Date:
		return parquet.Int32Value(int32(v)), nil
	case plaid.Decimal:
		return unscaled(v, scale)
	}
	return parquet.NullValue(), nil
}

// unscaled is a number without its point, as two's complement of 16 bytes.
func unscaled(d plaid.Decimal, scale int32) (parquet.Value, error) {
	whole, fraction, _ := strings.Cut(d.String(), ".")
	digits := whole + fraction + strings.Repeat("0", int(scale)-len(fraction))
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok || len(strings.TrimLeft(digits, "-0")) > mostDigits {
		return parquet.Value{}, fmt.Errorf("%s has more than %d digits at %d decimal places", d, mostDigits, scale)
	}
	if n.Sign() < 0 {
		n.Add(n, new(big.Int).Lsh(big.NewInt(1), 128))
	}
	return parquet.FixedLenByteArrayValue(n.FillBytes(make([]byte, 16))), nil
}
