// Package connectors is which sources of bank data an environment has.
package connectors

import (
	"fmt"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Connectors are the connectors that an environment has.
type Connectors map[string][]connector.Connector

// Find is an environment's connector by its name.
func (c Connectors) Find(environment, name string) (connector.Connector, error) {
	for _, con := range c[environment] {
		if con.Name() == name {
			return con, nil
		}
	}
	return nil, fmt.Errorf("there is no connector %q in %s", name, environment)
}

// Institution finds an institution of an environment, and the connector that reaches it.
func (c Connectors) Institution(environment, id string, now time.Time) (connector.Institution, connector.Connector, error) {
	for _, con := range c[environment] {
		if dir, ok := con.(connector.Directory); ok {
			for _, ins := range dir.Institutions(now) {
				if ins.InstitutionID == id {
					return ins, con, nil
				}
			}
		}
	}
	return connector.Institution{}, nil, plaid.Err("INVALID_INSTITUTION")
}

// Numbered is the connector of an environment that takes account numbers in place of a login.
func (c Connectors) Numbered(environment string) (connector.Numbered, error) {
	for _, con := range c[environment] {
		if numbered, ok := con.(connector.Numbered); ok {
			return numbered, nil
		}
	}
	return nil, plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
}
