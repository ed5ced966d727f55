package importing

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"

	"weft/internal/cli/printing"
	"weft/internal/item"
	"weft/internal/product/imports"
)

// printFile prints what became of a file.
func printFile(w io.Writer, f imports.FileResult) {
	fmt.Fprintf(w, "%s\n", shown(f.Name))
	if f.Error != nil {
		fmt.Fprintf(w, "  could not be imported: %s\n", f.Error.ErrorMessage)
	}
	for _, it := range f.Items {
		fmt.Fprintf(w, "  %s\n", it.InstitutionName)
		fmt.Fprintf(w, "    item_id       %s\n", cmp.Or(it.ItemID, "(a new Item)"))
		if it.AccessToken != "" {
			fmt.Fprintf(w, "    access_token  %s  (shown this once)\n", it.AccessToken)
		}
		printing.Changes(w, "    ", it.Changes)
	}
	if len(f.Problems) > 0 {
		fmt.Fprintln(w, "  not all of the file could be read; this is left out or incomplete, the rest is imported:")
	}
	for _, p := range f.Problems {
		fmt.Fprintf(w, "    line %d: %s: expected %s\n", p.Line, p.Element, p.Expected)
	}
}

// printTotals prints what became of all files together, and what a dry run is.
func printTotals(w io.Writer, out imports.Outcome) {
	all, refused := item.Report{}, 0
	for _, f := range out.Files {
		if f.Error != nil {
			refused++
		}
		for _, it := range f.Items {
			for what, c := range it.Changes {
				sum := all[what]
				sum.Added, sum.Changed = sum.Added+c.Added, sum.Changed+c.Changed
				sum.Removed, sum.Unchanged = sum.Removed+c.Removed, sum.Unchanged+c.Unchanged
				all[what] = sum
			}
		}
	}
	if len(out.Files) > 1 {
		fmt.Fprintf(w, "\n%d files, %d of them refused\n", len(out.Files), refused)
		if len(all) > 0 {
			printing.Changes(w, "    ", all)
		}
	}
	if out.DryRun && len(all) > 0 {
		fmt.Fprintln(w, "Nothing was changed (--dry-run); each file was tried without the others.")
	}
}

// shown is a file's name as a terminal may show it: names may have control characters.
func shown(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, name)
}
