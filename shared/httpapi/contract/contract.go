// Package contract holds answers of the API against its OpenAPI document. It is
// for tests: nothing that is deployed links it.
package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Contract is the document, ready to judge answers. It is safe for concurrent use.
type Contract struct {
	paths    map[string]map[string]operation
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
	// used counts answers by operation and status.
	used map[string]int
}

type operation struct {
	Responses map[string]response `json:"responses"`
	Request   struct {
		Content map[string]content `json:"content"`
	} `json:"requestBody"`
}

type response struct {
	Headers map[string]any     `json:"headers"`
	Content map[string]content `json:"content"`
}

type content struct {
	Schema struct {
		Properties map[string]any `json:"properties"`
	} `json:"schema"`
	Examples map[string]struct {
		Value any `json:"value"`
	} `json:"examples"`
}

const address = "openapi.json"

// Load reads an OpenAPI document, httpapi.Contract.
func Load(text []byte) (*Contract, error) {
	c := &Contract{schemas: map[string]*jsonschema.Schema{}, used: map[string]int{}, compiler: jsonschema.NewCompiler()}
	var document struct {
		Paths map[string]map[string]operation `json:"paths"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	c.paths = document.Paths
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c.compiler.AssertFormat()
	return c, c.compiler.AddResource(address, whole)
}

// Check holds one answer against the document: path and method are known, or the
// answer says that they are not; the status is one that the operation has; the
// headers are there; the body is what the schema says, and nothing else.
func (c *Contract) Check(method, path string, status int, header http.Header, body []byte) error {
	template, methods := c.find(path)
	op, known := methods[strings.ToLower(method)]
	if !known {
		if status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
			return fmt.Errorf("%s %s answers %d, and is not in the contract", method, path, status)
		}
		return c.body("#/components/responses/Problem/content/application~1problem+json/schema", body)
	}
	name := strconv.Itoa(status)
	r, ok := op.Responses[name]
	if !ok {
		name = name[:1] + "XX"
		if r, ok = op.Responses[name]; !ok {
			return fmt.Errorf("%s %s answers %d, which is not in the contract", method, template, status)
		}
	}
	c.mu.Lock()
	c.used[method+" "+template+" "+name]++
	c.mu.Unlock()
	for h := range r.Headers {
		if header.Get(h) == "" {
			return fmt.Errorf("%s %s answers %d without %s", method, template, status, h)
		}
	}
	if status >= http.StatusBadRequest {
		return c.problem(header, body)
	}
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if _, ok := r.Content[media]; err != nil || !ok {
		return fmt.Errorf("%s %s answers %d with Content-Type %q, which is not in the contract", method, template, status, header.Get("Content-Type"))
	}
	if media != "application/json" {
		return nil
	}
	err = c.body("#/paths/"+pointer(template)+"/"+strings.ToLower(method)+"/responses/"+name+"/content/application~1json/schema", body)
	if err != nil {
		return fmt.Errorf("%s %s answers %d: %w", method, template, status, err)
	}
	return nil
}

func (c *Contract) problem(header http.Header, body []byte) error {
	if got := header.Get("Content-Type"); got != "application/problem+json" {
		return fmt.Errorf("an error with Content-Type %q", got)
	}
	return c.body("#/components/responses/Problem/content/application~1problem+json/schema", body)
}

// Request holds the body of a request against the document.
func (c *Contract) Request(method, path string, body []byte) error {
	template, methods := c.find(path)
	if _, ok := methods[strings.ToLower(method)].Request.Content["application/json"]; !ok {
		return fmt.Errorf("%s %s takes no body", method, template)
	}
	return c.body("#/paths/"+pointer(template)+"/"+strings.ToLower(method)+"/requestBody/content/application~1json/schema", body)
}

// Has says whether the body of an operation's request has a field.
func (c *Contract) Has(method, template, field string) bool {
	_, ok := c.paths[template][strings.ToLower(method)].Request.Content["application/json"].Schema.Properties[field]
	return ok
}

// Operation is one that the document has, with the examples of its request.
type Operation struct {
	Method, Path string
	Examples     map[string]any
}

// Operations of the document.
func (c *Contract) Operations() (all []Operation) {
	for path, methods := range c.paths {
		for method, op := range methods {
			o := Operation{Method: strings.ToUpper(method), Path: path, Examples: map[string]any{}}
			for name, e := range op.Request.Content["application/json"].Examples {
				o.Examples[name] = e.Value
			}
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b Operation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	return all
}

// Unused are the successful answers of the document that were never checked.
func (c *Contract) Unused() (all []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for path, methods := range c.paths {
		for method, op := range methods {
			for status := range op.Responses {
				name := strings.ToUpper(method) + " " + path + " " + status
				if status[0] == '2' && c.used[name] == 0 {
					all = append(all, name)
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// find is the template of a path, one without values in it first.
func (c *Contract) find(path string) (string, map[string]operation) {
	if methods, ok := c.paths[path]; ok {
		return path, methods
	}
	parts := strings.Split(path, "/")
	for template, methods := range c.paths {
		if slices.EqualFunc(strings.Split(template, "/"), parts, func(t, p string) bool {
			return t == p || strings.HasPrefix(t, "{") && p != ""
		}) {
			return template, methods
		}
	}
	return "", nil
}

func pointer(path string) string {
	// A fragment of a URL: braces are escaped in it.
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(path)
}

func (c *Contract) body(location string, body []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("no JSON: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	schema := c.schemas[location]
	if schema == nil {
		if schema, err = c.compiler.Compile(address + location); err != nil {
			return err
		}
		c.schemas[location] = schema
	}
	return schema.Validate(value)
}

// Transport checks every answer that passes through it, and tells what is wrong.
type Transport struct {
	Contract *Contract
	Next     http.RoundTripper
	// Wrong is told of an answer that breaks the contract.
	Wrong func(error)
	// Serves says whether a request is one to the API; all are where it is nil.
	Serves func(*http.Request) bool
}

// RoundTrip hands the answer on as it is.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	a, err := t.Next.RoundTrip(r)
	if err != nil || t.Serves != nil && !t.Serves(r) {
		return a, err
	}
	body, err := io.ReadAll(a.Body)
	a.Body.Close()
	if err != nil {
		return nil, err
	}
	a.Body = io.NopCloser(bytes.NewReader(body))
	if err := t.Contract.Check(r.Method, r.URL.Path, a.StatusCode, a.Header, body); err != nil {
		t.Wrong(fmt.Errorf("%s %s: %w\n%s", r.Method, r.URL.Path, err, body))
	}
	return a, nil
}
