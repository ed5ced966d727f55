package storetest

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"weft/internal/store/migrations"
)

// itemTable is the making of a table whose rows are of Items.
var itemTable = regexp.MustCompile(`(?s)create table (\w+) \(\n([^;]*\breferences items \(item_key\)[^;]*)\n\);`)

// Partition has PostgreSQL databases from now on made with the tables of Items in so many partitions by the Item's key. It returns the
// tables' names, and what ends it.
func Partition(partitions int) (tables []string, undo func()) {
	files := map[string]string{}
	names, err := fs.Glob(migrations.Files, "*.sql")
	for _, name := range names {
		content, readErr := fs.ReadFile(migrations.Files, name)
		if readErr != nil {
			err = readErr
		}
		files[name] = itemTable.ReplaceAllStringFunc(string(content), func(text string) string {
			table := itemTable.FindStringSubmatch(text)[1]
			tables = append(tables, table)
			text = strings.TrimSuffix(text, ";") + " partition by hash (item_key);"
			for i := range partitions {
				text += fmt.Sprintf("\ncreate table %s_p%d partition of %s for values with (modulus %d, remainder %d);", table, i, table, partitions, i)
			}
			return text
		})
	}
	if err != nil {
		panic(err) // the files are part of the program
	}
	return tables, Upgrade(files)
}
