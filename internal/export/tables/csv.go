package tables

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"weft/internal/plaid"
)

// CSV writes a table as RFC 4180 has it, in UTF-8, with a line of names. Spreadsheets run text that begins like a formula, and
// banks' texts are anybody's: such text gets an apostrophe before it.
func CSV(w io.Writer, t Table) error {
	out := csv.NewWriter(w)
	line := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		line[i] = c.Name
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range t.Rows {
		for i, v := range row {
			line[i] = field(v)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func field(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if strings.IndexAny(v, "=+-@\t\r") == 0 {
			return "'" + v
		}
		return v
	case bool:
		return strconv.FormatBool(v)
	case plaid.Date:
		return v.String()
	case plaid.Decimal:
		return v.String()
	}
	return fmt.Sprint(v)
}
