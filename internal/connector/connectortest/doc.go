// Package connectortest is the suite of tests that every connector must pass, whatever its source: what callers may rely on
// and need not check again. A connector's own tests call [Run] with connections of every kind that it can open.
package connectortest
