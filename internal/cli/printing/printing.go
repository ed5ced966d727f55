// Package printing writes what commands tell people.
package printing

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"weft/internal/connection"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/imports"
)

// Plainly is an error without the terms of the API.
func Plainly(err error) error {
	var pe *plaid.Error
	switch {
	case !errors.As(err, &pe):
		return err
	case pe.Display != "": // the server's own words
		return errors.New(pe.Display)
	case pe.Code == "ITEM_LOGIN_REQUIRED":
		return errors.New("the SimpleFIN server no longer admits Weft: log in to your bank there, or make a new setup token and add it")
	}
	return errors.New(pe.Message)
}

// Round prints what became of each Item.
func Round(w io.Writer, round item.Round) {
	for _, r := range round.Results {
		fmt.Fprintf(w, "\n%s\n  item_id       %s\n", r.Item.InstitutionName, r.Item.ID)
		if r.AccessToken != "" {
			fmt.Fprintf(w, "  access_token  %s  (shown this once)\n", r.AccessToken)
		}
		if r.Err != nil {
			fmt.Fprintf(w, "  could not be brought up to date: %v\n", Plainly(r.Err))
			continue
		}
		Changes(w, "  ", r.Report)
	}
}

// Status prints how a connection stands, a row for each of its Items.
func Status(w io.Writer, c connection.Status) {
	next := "never"
	if c.Due != nil {
		next = c.Due.UTC().Format(time.DateTime)
	}
	state := "in order"
	if c.Failures > 0 {
		state = fmt.Sprintf("could not be asked, %d times in a row", c.Failures)
	}
	if len(c.Items) == 0 {
		fmt.Fprintf(w, "%s\t-\t-\t%s\t%s\t%s\n", c.ID, c.CreatedAt.UTC().Format(time.DateTime), next, state)
	}
	for _, it := range c.Items {
		own := state
		if it.Error != "" {
			own = string(it.Error)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", c.ID, it.InstitutionName, it.ID, c.CreatedAt.UTC().Format(time.DateTime), next, own)
	}
	for _, n := range c.Notes {
		fmt.Fprintf(w, "  note: %s\n", strings.TrimPrefix(n.Code+": "+n.Message, ": "))
	}
}

// Changes prints a report as a table.
func Changes(w io.Writer, indent string, report item.Report) {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(table, "%s\tadded\tchanged\tremoved\tunchanged\n", indent)
	for _, what := range imports.Kinds {
		if c, ok := report[what]; ok {
			fmt.Fprintf(table, "%s%s\t%d\t%d\t%d\t%d\n", indent, strings.ReplaceAll(what, "_", " "), c.Added, c.Changed, c.Removed, c.Unchanged)
		}
	}
	table.Flush() //nolint:errcheck // where the reader has gone there is nobody to tell
}
