package directory

import (
	_ "embed" // for the data files
	"fmt"
	"slices"
	"strconv"
	"strings"

	"weft/internal/connector"
	"weft/internal/plaid"
)

//go:embed data/catalogue.json
var catalogueData []byte

// catalogueSeed names the catalogue's choices. Another value would be another catalogue: it stays.
const catalogueSeed = "weft institutions 1"

// Ids of the catalogue lie far above the documented ones, with room for each country to grow without moving the others.
const (
	firstID      = 200_000
	idsPerNation = 10_000
)

// catalogueFile is data/catalogue.json.
type catalogueFile struct {
	Kinds     map[string]kind `json:"kinds"`
	Brands    syllables       `json:"brands"`
	Countries []country       `json:"countries"`
}

// kind is what institutions of a sort can do.
type kind struct {
	Products  []string `json:"products"`
	Sometimes []struct {
		Percent  int      `json:"percent"`
		Products []string `json:"products"`
	} `json:"sometimes"`
	// NoInstantAuthPercent is the share that has account numbers only by matching or micro-deposits.
	NoInstantAuthPercent int    `json:"no_instant_auth_percent"`
	RoutingNumbers       [2]int `json:"routing_numbers"`
	OAuthPercent         int    `json:"oauth_percent"`
	DTC                  bool   `json:"dtc"`
	Payments             bool   `json:"payments"`
}

type country struct {
	Code     string    `json:"code"`
	Count    int       `json:"count"`
	Payments payments  `json:"payments"`
	Places   syllables `json:"places"`
	Founders syllables `json:"founders"`
	Trades   []string  `json:"trades"`
	Kinds    []struct {
		Kind  string   `json:"kind"`
		Share int      `json:"share"`
		Forms []string `json:"forms"`
	} `json:"kinds"`
}

// payments is how payments are made in a country; amounts are in the currency's smallest unit.
type payments struct {
	Currency string   `json:"currency"`
	Maximum  []string `json:"maximum"`
	SEPA     bool     `json:"sepa"`
}

// generator makes the catalogue, and sees to it that nothing in it occurs twice.
type generator struct {
	file    catalogueFile
	names   nameSet
	routing map[string]bool
	nextDTC int
	// products is the product lists by their unordered words: there are far fewer than institutions.
	products map[string][]string
}

// generatedInstitutions is the invented catalogue, by country.
func generatedInstitutions() []connector.Institution {
	g := &generator{
		file:     mustDecode[catalogueFile]("catalogue.json", catalogueData),
		names:    nameSet{},
		routing:  map[string]bool{},
		nextDTC:  5000,
		products: map[string][]string{},
	}
	var list []connector.Institution
	for i := range g.file.Countries {
		list = append(list, g.country(firstID+i*idsPerNation, &g.file.Countries[i])...)
	}
	return list
}

// country makes one country's institutions, the kinds mixed in the shares that the country has.
func (g *generator) country(id int, c *country) []connector.Institution {
	d := newDraw(catalogueSeed, c.Code)
	kinds := make([]int, 0, c.Count)
	for i, k := range c.Kinds {
		for range max(1, c.Count*k.Share/100) {
			kinds = append(kinds, i)
		}
	}
	for len(kinds) < c.Count { // shares that rounding cut off go to the first kind
		kinds = append(kinds, 0)
	}
	kinds = kinds[:c.Count]
	shuffle(d, kinds)

	list := make([]connector.Institution, 0, c.Count)
	for _, i := range kinds {
		id += 1 + d.below(4)
		name, host := g.names.invent(d, c, g.file.Brands, c.Kinds[i].Forms)
		in := g.institution(d, c, g.file.Kinds[c.Kinds[i].Kind])
		url := "https://www." + host + ".example"
		in.InstitutionID, in.Name, in.URL = "ins_"+strconv.Itoa(id), name, &url
		list = append(list, in)
	}
	return list
}

// institution makes one institution of a kind, still without id, name and address.
func (g *generator) institution(d *draw, c *country, k kind) connector.Institution {
	products := slices.Clone(k.Products)
	for _, s := range k.Sometimes {
		if d.percent(s.Percent) {
			products = append(products, s.Products...)
		}
	}
	auth := plaid.AuthSupportedMethods{}
	if slices.Contains(products, "auth") {
		auth.InstantAuth = !d.percent(k.NoInstantAuthPercent)
	}
	if slices.Contains(products, "auth") && !auth.InstantAuth {
		products = slices.DeleteFunc(products, needsAuth)
		auth.AutomatedMicroDeposits = true
		auth.InstantMatch = d.percent(60)
		auth.InstantMicroDeposits = d.percent(25)
	}
	color := colorOf(d)
	in := connector.Institution{
		Institution: plaid.Institution{
			Products:       g.inOrder(products),
			CountryCodes:   []string{c.Code},
			PrimaryColor:   &color,
			RoutingNumbers: []string{},
			DTCNumbers:     []string{},
			OAuth:          d.percent(k.OAuthPercent),
			AuthMetadata:   authMetadata(auth),
		},
		Supported: true,
	}
	if c.Code == "US" {
		lo, hi := k.RoutingNumbers[0], k.RoutingNumbers[1]
		in.RoutingNumbers = g.routingNumbers(d, lo+d.below(hi-lo+1))
		// A bank that holds securities clears them itself; plan providers and crypto exchanges do not.
		if k.DTC || slices.Contains(products, "investments") && len(in.RoutingNumbers) > 0 {
			in.DTCNumbers = append(in.DTCNumbers, g.dtcNumber())
		}
	}
	if k.Payments {
		in.PaymentInitiationMetadata = paymentMetadata(d, c.Payments)
	}
	return in
}

// inOrder is products in the order of the contract.
func (g *generator) inOrder(products []string) []string {
	key := strings.Join(products, " ")
	list, ok := g.products[key]
	if !ok {
		list = inOrder(plaid.Products, products)
		g.products[key] = list
	}
	return list
}

// needsAuth tells the products that stand on account numbers which the institution itself hands out.
func needsAuth(product string) bool {
	return product == "auth" || product == "transfer" || product == "processor_payments"
}

// dtcNumber is the next clearing number; the documented institutions have theirs above 9000.
func (g *generator) dtcNumber() string {
	g.nextDTC++
	return fmt.Sprintf("%04d", g.nextDTC)
}

func paymentMetadata(d *draw, p payments) *plaid.PaymentInitiationMetadata {
	m := &plaid.PaymentInitiationMetadata{
		SupportsInternationalPayments: d.percent(30),
		SupportsSEPAInstant:           p.SEPA && d.percent(70),
		MaximumPaymentAmount:          map[string]string{p.Currency: pick(d, p.Maximum)},
		SupportsRefundDetails:         d.percent(60),
		SupportsPaymentConsents:       d.percent(40),
	}
	if d.percent(65) {
		intervals := []string{"MONTHLY"}
		if d.percent(60) {
			intervals = []string{"WEEKLY", "MONTHLY"}
		}
		m.StandingOrderMetadata = &plaid.StandingOrderMetadata{
			SupportsStandingOrderEndDate:               d.percent(80),
			SupportsStandingOrderNegativeExecutionDays: d.percent(30),
			ValidStandingOrderIntervals:                intervals,
		}
	}
	return m
}
