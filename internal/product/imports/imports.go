// Package imports is the product of files that a person brings: statements of their banks, which become Items of the real
// environments. `weft import` on the command line and /weft/import do the same.
package imports

import (
	"context"
	"errors"
	"strconv"

	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// New is the product.
func New(items *item.Service) product.Product {
	s := &service{items}
	return product.Product{Name: "imports", Routes: []httpapi.Route{
		{Path: "/weft/import", Summary: "Import statement files (OFX, QFX) of a person's banks", Endpoint: product.Upload(items.Clients, items.Clock, s.upload)},
	}}
}

type service struct{ items *item.Service }

// Outcome is what became of the files.
type Outcome struct {
	DryRun bool         `json:"dry_run"`
	Files  []FileResult `json:"files"`
}

// FileResult is what became of one file. Where Error is set, nothing of it was imported.
type FileResult struct {
	Name     string              `json:"name"`
	Items    []ItemResult        `json:"items"`
	Problems []connector.Problem `json:"problems"`
	Error    *plaid.ItemError    `json:"error"`
}

// ItemResult is what a file has changed of one Item. AccessToken is set where the file has made the Item.
type ItemResult struct {
	// ItemID is empty where a dry run would have made the Item.
	ItemID          string `json:"item_id"`
	AccessToken     string `json:"access_token,omitempty"`
	InstitutionID   string `json:"institution_id"`
	InstitutionName string `json:"institution_name"`
	// Changes are counted by what they are of, one of Kinds.
	Changes item.Report `json:"changes"`
}

// Kinds are what changes are counted of.
var Kinds = []string{"accounts", "holdings", "investment_transactions", "liabilities", "transactions"}

func (s *service) upload(ctx context.Context, tenant store.Tenant, form httpapi.Upload) (Outcome, error) {
	options, err := readOptions(form.Values)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{DryRun: options.DryRun, Files: []FileResult{}}
	if len(form.Files) == 0 {
		return Outcome{}, plaid.MissingFields("file")
	}
	if tenant.Environment == plaid.Sandbox {
		return Outcome{}, plaid.Errf("UNAUTHORIZED_ENVIRONMENT", "statement files are of real banks: send the secret of production or development")
	}
	for _, f := range form.Files {
		result, err := Import(ctx, s.items, tenant, f.Name, f.Content, options)
		if err != nil {
			return Outcome{}, err
		}
		out.Files = append(out.Files, result)
	}
	return out, nil
}

// readOptions reads the form's fields beside the files.
func readOptions(values map[string]string) (o Options, err error) {
	if text, ok := values["dry_run"]; ok {
		if o.DryRun, err = strconv.ParseBool(text); err != nil {
			return o, plaid.InvalidField("dry_run", "must be true or false")
		}
	}
	if text, ok := values["institution"]; ok {
		if o.Institution, err = InstitutionName(text); err != nil {
			return o, err
		}
	}
	return o, nil
}

// Import imports one file. What is wrong with the file is in the result; an error is the server's own.
func Import(ctx context.Context, items *item.Service, tenant store.Tenant, name string, content []byte, o Options) (FileResult, error) {
	result := newResult(name)
	from, file, err := read(items, tenant.Environment, content)
	if err != nil {
		return result.refused(err)
	}
	result.Problems = append(result.Problems, file.Problems...)
	for i := range file.Statements {
		o.name(&file.Statements[i])
	}
	imported, err := items.Import(ctx, tenant, from, file.Statements, o.DryRun)
	if err != nil {
		return result.refused(err)
	}
	for _, one := range imported {
		result.Items = append(result.Items, ItemResult{
			ItemID: one.Item.ID, AccessToken: one.AccessToken, InstitutionID: one.Item.InstitutionID,
			InstitutionName: one.Item.InstitutionName, Changes: one.Report,
		})
	}
	return result, nil
}

// refused tells of a file that could not be imported.
func (r FileResult) refused(err error) (FileResult, error) {
	var pe *plaid.Error
	if !errors.As(err, &pe) {
		return r, err
	}
	r.Error = pe.Wire()
	return r, nil
}

func newResult(name string) FileResult {
	return FileResult{Name: name, Items: []ItemResult{}, Problems: []connector.Problem{}}
}

// read has a file read by the first connector that can.
func read(items *item.Service, environment string, content []byte) (from string, file connector.File, err error) {
	err = plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
	for _, con := range items.Connectors[environment] {
		if files, ok := con.(connector.Files); ok {
			file, readErr := files.ReadFile(content)
			if readErr == nil {
				return con.Name(), file, nil
			}
			err = readErr
		}
	}
	return "", connector.File{}, explained(err, content)
}
