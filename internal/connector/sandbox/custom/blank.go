package custom

import "reflect"

// The published template lists every field with the value null. Such blanks mean "not given", at every depth: an object of
// nulls is no object, and a list of such objects is no list.

// isBlank reports whether a value says nothing: null, or made of nulls only.
func isBlank(v any) bool { return blank(reflect.ValueOf(v)) }

func blank(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return true
		}
		return v.Elem().Kind() == reflect.Struct && !scalarStruct(v.Elem().Type()) && blank(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if !blank(v.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if scalarStruct(v.Type()) {
			return false
		}
		for i := range v.NumField() {
			if !blank(v.Field(i)) {
				return false
			}
		}
		return true
	}
	return false
}

// scalarStruct tells a decimal or a day of the month, which is a value even when it is zero, from an object of fields.
func scalarStruct(t reflect.Type) bool { return t.NumField() == 0 || t.Field(0).Tag.Get("json") == "" }

// prune is a list without its blanks: nil if nothing else was in it, empty if it was empty.
func prune[L ~[]T, T any](list L) L {
	if len(list) == 0 {
		return list
	}
	var kept L
	for _, e := range list {
		if !isBlank(e) {
			kept = append(kept, e)
		}
	}
	return kept
}

// dropBlanks removes blank entries from the lists of all accounts, but never an account: one without any fields is a
// request for an account that is made up whole. It runs after all checks, whose paths count the blanks.
func (cfg *Config) dropBlanks() {
	for i := range cfg.Accounts {
		a := &cfg.Accounts[i]
		a.Transactions = prune(a.Transactions)
		a.Holdings = prune(a.Holdings)
		for j := range a.Holdings {
			a.Holdings[j].TaxLots = prune(a.Holdings[j].TaxLots)
		}
		a.InvestmentTransactions = prune(a.InvestmentTransactions)
		if id := a.Identity; id != nil {
			id.Names, id.PhoneNumbers = prune(id.Names), prune(id.PhoneNumbers)
			id.Emails, id.Addresses = prune(id.Emails), prune(id.Addresses)
		}
		if in := a.Income; in != nil {
			in.Paystubs, in.W2s = prune(in.Paystubs), prune(in.W2s)
		}
	}
}
