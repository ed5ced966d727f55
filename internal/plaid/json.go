package plaid

import (
	"bytes"
	"encoding/json"
	"sync"
)

// buffer is an encoder with where it writes to.
type buffer struct {
	bytes.Buffer
	*json.Encoder
}

// buffers are kept for the next value, so that the room for a value is not found by trial each time.
var buffers = sync.Pool{New: func() any {
	b := &buffer{}
	b.Encoder = json.NewEncoder(&b.Buffer)
	b.SetEscapeHTML(false)
	return b
}}

// mostKept bounds what is kept of a buffer.
const mostKept = 64 << 10

// JSON writes a value as the API does: no spaces, and no escapes that only HTML would need.
func JSON(v any) ([]byte, error) {
	b := buffers.Get().(*buffer)
	if err := b.Encode(v); err != nil {
		return nil, err // an encoder that has failed may fail again
	}
	out := bytes.Clone(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	if b.Cap() <= mostKept {
		b.Reset()
		buffers.Put(b)
	}
	return out, nil
}
