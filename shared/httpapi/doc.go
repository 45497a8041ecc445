// Package httpapi is the HTTP API: a net/http handler over the use cases of
// package cloud. One table of routes (routes.go) says for every method and path
// who may take it; the mux, the answers to wrong methods, authorization and the
// test of the tenancy matrix all derive from that table.
//
// A request goes through the same steps in this order: route, authenticate,
// authorize (from the principal and the path alone, before anything is read),
// body limit and content type, the organization's BYOC feature, handler. A
// handler returns an answer or an error; only server.go writes to the client.
//
// A read of one custom cloud is one call of the table: what else it needs, the
// token's principal and the organization, is kept for at most 30 seconds.
package httpapi
