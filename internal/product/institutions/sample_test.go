package institutions

import (
	"fmt"
	"strings"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// sample is a directory of the size of the sandbox's, with names of the same making. (The sandbox's own is a connector,
// which a product does not see.)
func sample() []connector.Institution {
	starts := strings.Fields(`Alder Amble Barrow Birken Bramble Brindle Calder Cobble Copper Dapple Eastle Fallow Fenner Gander
		Garnet Hazel Hollin Jasper Kettle Larken Linden Mallow Marrow Nettle Otter Pepper Quarry Quill Ramble Rowan Saddle
		Sorrel Tamber Thorne Umber Walnut Wether Yarrow Königs Šilgėn`)
	ends := strings.Fields(`brook bury cliff combe crest dale fall field ford gate grove haven hollow hurst lake mere mont port
		ridge side spring stead vale wick wood worth`)
	forms := []string{"%s Bank", "Bank of %s", "%s Federal Credit Union", "First %s Bank & Trust", "%s Savings Bank",
		"Caisse d'économie de %s", "Sparkasse %s", "%s Teachers Credit Union", "%s Retirement Services", "%s O'Malloran & Co."}
	countries := plaid.CountryCodes
	list := []connector.Institution{}
	for i := range 2400 {
		place := starts[i%len(starts)] + ends[(i/len(starts)+i)%len(ends)]
		name := fmt.Sprintf(forms[(i/7)%len(forms)], place)
		if i >= len(starts)*len(ends) {
			name += " " + place[:4] + ends[i%len(ends)] // a second word of its own
		}
		list = append(list, institution(fmt.Sprintf("ins_%d", 1000+3*i), name, func(in *connector.Institution) {
			in.CountryCodes = []string{countries[i%len(countries)]}
			in.OAuth = i%5 == 0
			in.RoutingNumbers = []string{fmt.Sprintf("%09d", 10_000_000+i)}
			if i%4 == 0 {
				in.Products = append(in.Products, "investments")
			}
		}))
	}
	return list
}

// institution is a bank for a test.
func institution(id, name string, change ...func(*connector.Institution)) connector.Institution {
	url := "https://www." + strings.Join(fold(name).words, "-") + ".example"
	in := connector.Institution{Supported: true, Institution: plaid.Institution{
		InstitutionID: id, Name: name, URL: &url, Products: []string{"balance", "transactions"}, CountryCodes: []string{"US"},
		RoutingNumbers: []string{}, DTCNumbers: []string{},
	}}
	for _, f := range change {
		f(&in)
	}
	return in
}

// few is a handful of banks whose names are close to one another.
func few() []connector.Institution {
	return []connector.Institution{
		institution("ins_1", "First Platypus Bank"),
		institution("ins_2", "First Platypus Balance Bank"),
		institution("ins_3", "Platypus OAuth Bank", func(in *connector.Institution) { in.OAuth = true }),
		institution("ins_4", "Tartan Bank"),
		institution("ins_5", "Tartan-Dominion Bank of Canada", func(in *connector.Institution) { in.CountryCodes = []string{"CA"} }),
		institution("ins_6", "Houndstooth Bank", func(in *connector.Institution) { in.RoutingNumbers = []string{"021000021", "110000000"} }),
		institution("ins_7", "Tattersall Federal Credit Union"),
		institution("ins_8", "Caisse d'Épargne Mutuelle de Saint-Évariste"),
		institution("ins_9", "Sparkasse Königsbühl"),
		institution("ins_10", "O'Malloran & Co."),
		institution("ins_11", "Amber Heron 401(k) Plans"),
		institution("ins_12", "1st Milletford Federal Credit Union"),
		institution("ins_13", "Bank Spółdzielczy Łęgowóżka"),
		institution("ins_14", "Wijkduizen Bankiers N.V."),
		institution("ins_15", "Second National Bank of Quarryvale", func(in *connector.Institution) {
			in.RoutingNumbers = []string{"021000021"}
		}),
	}
}

func ids(list []connector.Institution) []string {
	out := make([]string, len(list))
	for i, in := range list {
		out[i] = in.InstitutionID
	}
	return out
}
