package plaid

import (
	"bytes"
	"encoding/json"
)

// JSON writes a value as the API does: no spaces, and no escapes that only HTML would need.
func JSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
