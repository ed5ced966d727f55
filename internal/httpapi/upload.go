package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"reflect"

	"weft/internal/plaid"
)

// maxUpload bounds a form with files.
const maxUpload = 80 << 20

// Upload is a form with files.
type Upload struct {
	Files []UploadedFile
	// Values are the form's other fields.
	Values map[string]string
}

// UploadedFile is one file of a form.
type UploadedFile struct {
	Name    string
	Content []byte
}

// NewUpload puts a function that is given files behind the adapter. The credentials are in the headers.
func NewUpload[P, Res any](authorize func(context.Context, *Call) (P, error), fn func(context.Context, P, Upload) (Res, error)) Endpoint {
	return Endpoint{
		Request: reflect.TypeFor[Upload](), Response: reflect.TypeFor[Res](),
		upload: func(ctx context.Context, call *Call) (err error) {
			if err := call.credentials(); err != nil {
				return err
			}
			call.principal, err = authorize(ctx, call)
			return err
		},
		call: func(ctx context.Context, call *Call, body []byte) (any, error) {
			form, err := readForm(call.contentType, body)
			if err != nil {
				return nil, err
			}
			return fn(ctx, call.principal.(P), form)
		},
	}
}

// maxValue bounds a form's field that is no file.
const maxValue = 4 << 10

func readForm(contentType string, body []byte) (Upload, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return Upload{}, plaid.Errf("INVALID_HEADERS", "Content-Type must be multipart/form-data with a boundary")
	}
	form := Upload{Values: map[string]string{}}
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := reader.NextPart()
		// The reader takes the end of the body for the end of the form, also where the form was cut between two files.
		if errors.Is(err, io.EOF) && bytes.Contains(body, []byte("--"+params["boundary"]+"--")) {
			return form, nil
		}
		if err != nil {
			return Upload{}, plaid.Errf("INVALID_BODY", "body is not a well-formed form")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return Upload{}, plaid.Errf("INVALID_BODY", "body is not a well-formed form")
		}
		switch {
		case part.FileName() != "":
			form.Files = append(form.Files, UploadedFile{part.FileName(), content})
		case len(content) > maxValue:
			return Upload{}, plaid.InvalidField(printable(part.FormName()), "is too long")
		default:
			form.Values[part.FormName()] = string(content)
		}
	}
}
