// Package outbound is the one way out: every call that Weft makes to an address from outside (a bank's server, a webhook
// receiver, a logo) goes through a [Client]. It judges the address that is actually dialled, after all names are resolved,
// so that neither a strange spelling of an address nor a name server that changes its mind gets past it.
//
// Only https is spoken and only port 443 is called, and nothing that is not on the public internet, unless the operator
// says otherwise in [Options]. The metadata services of clouds stay out of reach whatever the operator says. A proxy of the
// environment is not used: it would be judged in place of the target.
//
// Errors are of type [*Error]. They name the method and the host and nothing else of the request: paths and queries of
// banks carry tokens, and an error ends up in a log.
package outbound
