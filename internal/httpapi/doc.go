// Package httpapi turns typed functions into routes of the Plaid-compatible API.
//
// An endpoint is a function (context, principal, request) -> (response, error). The adapter around it reads the body
// strictly (unknown, missing, duplicate and wrongly typed fields are refused by name), finds the credentials in body or
// headers, has the principal authorized, runs the request's Validate, and writes the response with its request_id, or the
// error in the contract's shape. An endpoint never sees an http.ResponseWriter.
//
// Routes are data: a list that tests, documentation and dialects walk.
package httpapi
