package ident

import (
	"fmt"
	"regexp"
	"strings"
)

var tokenShape = regexp.MustCompile(`^[a-z]+-(sandbox|development|production)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// TokenProblem tells what is wrong with a token's text, "" for nothing: that it is no token of the kind, or is one of another
// environment. Name is what the token is called. The words are those that published clients know.
func TokenProblem(token, kind, name, environment string) string {
	if !strings.HasPrefix(token, kind+"-") || !tokenShape.MatchString(token) {
		return fmt.Sprintf("provided %s is in an invalid format. expected format: %s-<environment>-<identifier>", name, kind)
	}
	if got := strings.Split(token, "-")[1]; got != environment {
		return fmt.Sprintf("provided %s is for the wrong Plaid environment. expected %q, got %q", name, environment, got)
	}
	return ""
}
