package match

import "strings"

// pairs reads "long short" words, several by line; words of two parts are written with an underscore.
func pairs(text string) map[string]string {
	m := map[string]string{}
	fields := strings.Fields(text)
	for i := 0; i+1 < len(fields); i += 2 {
		m[strings.ReplaceAll(fields[i], "_", " ")] = fields[i+1]
	}
	return m
}

// streetWords are the short forms of what streets and units are called.
var streetWords = pairs(`
	street st road rd avenue ave av ave boulevard blvd drive dr lane ln court ct place pl square sq terrace ter circle cir
	parkway pkwy highway hwy trail trl way wy alley aly plaza plz heights hts crescent cres close cl expressway expy
	freeway fwy turnpike tpke crossing xing point pt ridge rdg route rte mount mt saint st strasse str
	apartment unit apt unit suite unit ste unit flat unit # unit
	north n south s east e west w northeast ne northwest nw southeast se southwest sw
	first 1st second 2nd third 3rd fourth 4th fifth 5th sixth 6th seventh 7th eighth 8th ninth 9th tenth 10th
	pobox box`)

// besides are the words that a street's name is often given without.
var besides = map[string]bool{
	"st": true, "rd": true, "ave": true, "blvd": true, "dr": true, "ln": true, "ct": true, "pl": true, "wy": true, "n": true, "s": true,
	"e": true, "w": true, "ne": true, "nw": true, "se": true, "sw": true, "po": true,
}

// cityWords are the long forms of what cities are called in short.
var cityWords = pairs(`st saint ft fort mt mount n north s south e east w west ste sainte`)

// regions are the codes of states and provinces.
var regions = pairs(`
	alabama al alaska ak arizona az arkansas ar california ca colorado co connecticut ct delaware de district_of_columbia dc
	florida fl georgia ga hawaii hi idaho id illinois il indiana in iowa ia kansas ks kentucky ky louisiana la maine me
	maryland md massachusetts ma michigan mi minnesota mn mississippi ms missouri mo montana mt nebraska ne nevada nv
	new_hampshire nh new_jersey nj new_mexico nm new_york ny north_carolina nc north_dakota nd ohio oh oklahoma ok oregon or
	pennsylvania pa rhode_island ri south_carolina sc south_dakota sd tennessee tn texas tx utah ut vermont vt virginia va
	washington wa west_virginia wv wisconsin wi wyoming wy puerto_rico pr
	alberta ab british_columbia bc manitoba mb new_brunswick nb newfoundland_and_labrador nl northwest_territories nt
	nova_scotia ns nunavut nu ontario on prince_edward_island pe quebec qc saskatchewan sk yukon yt`)
