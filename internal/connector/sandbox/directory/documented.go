package directory

import (
	_ "embed" // for the data files
	"slices"

	"weft/internal/connector"
	"weft/internal/plaid"
)

//go:embed data/documented.json
var documentedData []byte

// documentedFile is data/documented.json. Institutions name their products, countries and payments by set.
type documentedFile struct {
	ProductSets  map[string][]string                         `json:"product_sets"`
	CountrySets  map[string][]string                         `json:"country_sets"`
	Payments     map[string]*plaid.PaymentInitiationMetadata `json:"payments"`
	Institutions []documentedInstitution                     `json:"institutions"`
}

type documentedInstitution struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	Countries      string   `json:"countries"`
	Products       string   `json:"products"`
	OAuth          bool     `json:"oauth"`
	Auth           []string `json:"auth"`
	Payments       string   `json:"payments"`
	RoutingNumbers []string `json:"routing_numbers"`
	DTCNumbers     []string `json:"dtc_numbers"`
	URL            string   `json:"url"`
	PrimaryColor   string   `json:"primary_color"`
	Health         string   `json:"health"`
	Unsupported    bool     `json:"unsupported"`
}

// documentedInstitutions are the test institutions that Plaid documents, with their ids and names.
func documentedInstitutions() []connector.Institution {
	file := mustDecode[documentedFile]("documented.json", documentedData)
	list := make([]connector.Institution, 0, len(file.Institutions))
	for _, in := range file.Institutions {
		list = append(list, connector.Institution{
			Institution: plaid.Institution{
				InstitutionID:             in.ID,
				Name:                      in.Name,
				Products:                  inOrder(plaid.Products, file.ProductSets[in.Products]),
				CountryCodes:              file.CountrySets[in.Countries],
				URL:                       &in.URL,
				PrimaryColor:              &in.PrimaryColor,
				RoutingNumbers:            orEmpty(in.RoutingNumbers),
				DTCNumbers:                orEmpty(in.DTCNumbers),
				OAuth:                     in.OAuth,
				PaymentInitiationMetadata: file.Payments[in.Payments],
				AuthMetadata: authMetadata(plaid.AuthSupportedMethods{
					InstantAuth:            slices.Contains(in.Auth, "instant_auth"),
					InstantMatch:           slices.Contains(in.Auth, "instant_match"),
					AutomatedMicroDeposits: slices.Contains(in.Auth, "automated_micro_deposits"),
					InstantMicroDeposits:   slices.Contains(in.Auth, "instant_micro_deposits"),
				}),
			},
			Supported: !in.Unsupported,
			Down:      in.Health == down,
			Degraded:  in.Health == degraded,
		})
	}
	return list
}

func authMetadata(methods plaid.AuthSupportedMethods) *plaid.AuthMetadata {
	return &plaid.AuthMetadata{SupportedMethods: &methods}
}

// inOrder is the values that are chosen, in the order of the enumeration.
func inOrder(enum, chosen []string) []string {
	out := make([]string, 0, len(chosen))
	for _, v := range enum {
		if slices.Contains(chosen, v) {
			out = append(out, v)
		}
	}
	return out
}

// orEmpty keeps null out of the answers: the contract has a list there.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
