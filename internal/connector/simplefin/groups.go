package simplefin

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"weft/internal/connector/simplefin/wire"
	"weft/internal/plaid"
)

// group is one institution of an answer: a connection of version 2, an organisation of version 1.
type group struct {
	id, name, url string
	// origin is the id by the answer, which is another than id where the institution is known by that of version 1.
	origin string
	// orgs are the ids that the institution has, or would have had, in version 1.
	orgs     []string
	accounts []wire.Account
	// own are the problems of this institution, general those of nobody in particular.
	own, general []wire.Problem
	// partial says that accounts of the answer could not be read, which may have been this institution's.
	partial bool
	// known says that the institution had accounts before.
	known bool
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,80}$`)

func connectionID(key string) string { return idOf("sfin_c", key) }
func orgID(key string) string        { return idOf("sfin_o", key) }

func idOf(prefix, key string) string {
	if plainID.MatchString(key) {
		return prefix + "_" + key
	}
	sum := sha256.Sum256([]byte(key))
	return prefix + "h_" + hex.EncodeToString(sum[:16])
}

func isInstitutionID(id string) bool {
	return slices.ContainsFunc([]string{"sfin_c_", "sfin_o_", "sfin_ch_", "sfin_oh_"}, func(p string) bool { return strings.HasPrefix(id, p) })
}

// orgKey is what names an organisation of version 1: one domain may bear several names.
func orgKey(o wire.Org) string { return cmp.Or(host(o.Domain), o.ID, o.Name, host(o.URL), "unknown") }

// host is a URL's host, or a domain as it is, without www.
func host(address string) string {
	address = strings.ToLower(address)
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = u.Hostname()
	}
	return strings.TrimPrefix(address, "www.")
}

// groups sorts an answer's accounts and problems by institution, and the institutions by id. One that bears one of the ids by an
// older name goes on under that.
func groups(a wire.Answer, m *memory, ids []string) []*group {
	byID, seen := map[string]*group{}, map[[2]string]bool{}
	at := func(id, name, address string, orgs ...string) *group {
		g := byID[id]
		if g == nil {
			g = &group{id: id, origin: id, name: cmp.Or(name, host(address), "SimpleFIN"), url: address, partial: len(a.Rejected) > 0, orgs: orgs}
			byID[id] = g
		}
		return g
	}
	for _, c := range a.Connections {
		at(connectionID(c.ID), cmp.Or(c.Name, c.OrgName), c.OrgURL, orgID(host(c.OrgURL)), orgID(host(c.OrgID)), orgID(c.OrgID))
	}
	for _, acc := range a.Accounts {
		key := orgKey(acc.Org)
		var g *group
		if acc.ConnID != "" {
			g = at(connectionID(acc.ConnID), cmp.Or(acc.Org.Name, acc.ConnID), acc.Org.URL, orgID(key))
		} else {
			g = at(orgID(key), cmp.Or(acc.Org.Name, acc.Org.Domain), acc.Org.URL)
		}
		if place := [2]string{g.id, acc.ID}; seen[place] {
			g.partial = true // two organisations of one domain have an account of this id: the first counts
			continue
		} else {
			seen[place] = true
		}
		g.accounts = append(g.accounts, acc)
	}
	list := make([]*group, 0, len(byID))
	for _, g := range byID {
		list = append(list, g)
	}
	for _, id := range ids {
		if g := pick(list, id); g != nil && !slices.Contains(ids, g.id) {
			g.id = id
		}
	}
	for _, g := range list {
		if im := m.Institutions[g.id]; im != nil {
			g.known = len(im.Accounts) > 0
		}
	}
	slices.SortFunc(list, func(x, y *group) int { return cmp.Compare(x.id, y.id) })
	for _, p := range a.Problems {
		attribute(p, list, m)
	}
	return list
}

// attribute gives a problem to the institution that it is about, or to all.
func attribute(p wire.Problem, list []*group, m *memory) {
	var own []*group
	for _, g := range list {
		if about(p, g, m) {
			own = append(own, g)
		}
	}
	if len(own) == 0 && len(list) == 1 && strings.HasPrefix(p.Code, "con.") && p.ConnID == "" && p.AccountID == "" {
		own = list
	}
	if len(own) == 1 {
		own[0].own = append(own[0].own, p)
		return
	}
	if p.ConnID != "" { // of a connection that the answer does not have
		return
	}
	for _, g := range list {
		g.general = append(g.general, p)
	}
}

// about reports whether a problem names an institution. Texts of version 1 name it by its name alone, which may be that of
// two.
func about(p wire.Problem, g *group, m *memory) bool {
	switch {
	case p.ConnID != "":
		return connectionID(p.ConnID) == g.origin
	case p.AccountID != "":
		if im := m.Institutions[g.id]; im != nil {
			if _, known := im.Accounts[p.AccountID]; known {
				return true
			}
		}
		return slices.ContainsFunc(g.accounts, func(a wire.Account) bool { return a.ID == p.AccountID })
	case p.Code == "":
		return strings.Contains(" "+p.Message+" ", " "+g.name+" ") && len(g.name) > 2
	}
	return false
}

// pick finds an institution by its id, or by the id that it had in version 1 if that is one institution's.
func pick(list []*group, id string) *group {
	var aliased []*group
	for _, g := range list {
		if g.id == id {
			return g
		}
		if slices.Contains(g.orgs, id) {
			aliased = append(aliased, g)
		}
	}
	if len(aliased) == 1 {
		return aliased[0]
	}
	return nil
}

// broken is the error of an institution that gives no data.
func (g *group) broken() *plaid.Error {
	for _, p := range g.own {
		if p.Code == "con.auth" {
			return said("ITEM_LOGIN_REQUIRED", p)
		}
	}
	if len(g.accounts) > 0 {
		return nil
	}
	for _, p := range slices.Concat(g.own, g.general) {
		return said("INSTITUTION_NOT_RESPONDING", p)
	}
	if g.known || g.partial { // a sudden loss of all accounts is rather the server's fault than the user's wish
		return plaid.Err("INSTITUTION_NOT_RESPONDING")
	}
	return plaid.Err("NO_ACCOUNTS")
}

// incomplete reports whether the movements of the answer's days may not all be there yet: they are asked for again.
func (g *group) incomplete() bool {
	again := func(p wire.Problem) bool {
		return p.Code == "act.failed" || p.Code == "gen.api" || strings.HasPrefix(p.Code, "con.")
	}
	return slices.ContainsFunc(g.own, again) || slices.ContainsFunc(g.general, again)
}

// troubled reports whether there is any problem, so that what is missing need not be gone.
func (g *group) troubled() bool { return len(g.own) > 0 || len(g.general) > 0 || g.partial }

// failed reports whether the bank could not bring an account up to date.
func (g *group) failed(account string) bool {
	return slices.ContainsFunc(g.own, func(p wire.Problem) bool { return p.Code == "act.failed" && p.AccountID == account })
}

// note keeps what the server said, and what of its answers could not be read.
func (r *run) note() {
	for _, p := range r.answers[0].Problems {
		n := note{Code: p.Code, Message: p.Message, AccountKey: p.AccountID}
		if p.ConnID != "" {
			n.InstitutionID = connectionID(p.ConnID)
		}
		for _, g := range r.groups[0] {
			if slices.Contains(g.own, p) {
				n.InstitutionID = g.id
			}
		}
		if !slices.Contains(r.declined, n.InstitutionID) {
			r.memory.note(n)
		}
	}
	for i, answer := range r.answers {
		for _, why := range answer.Rejected {
			r.memory.note(note{Code: "weft.record", Message: why})
		}
		for _, g := range r.groups[i] {
			if (r.only != "" && g.id != r.only) || slices.Contains(r.declined, g.id) {
				continue
			}
			for _, acc := range g.accounts {
				for _, why := range acc.Rejected {
					r.memory.note(note{Code: "weft.record", Message: why, InstitutionID: g.id, AccountKey: acc.ID})
				}
			}
		}
	}
}
