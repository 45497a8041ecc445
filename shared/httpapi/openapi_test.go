package httpapi

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"byoc/shared/cloud"
)

var update = flag.Bool("update", false, "write openapi.json as the code is now")

// The document is made of the routes and of the types of the answers: it cannot
// be other than the code.
func TestTheDocumentIsWhatTheCodeIs(t *testing.T) {
	now := openAPIDocument(t)
	want, err := json.MarshalIndent(now, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("openapi.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(want) != document {
		t.Error("openapi.json is not what the code is: go test ./shared/httpapi -run TestTheDocumentIsWhatTheCodeIs -update")
	}
	loader := openapi3.NewLoader()
	loaded, err := loader.LoadFromData(Contract())
	if err != nil {
		t.Fatal(err)
	}
	if err := loaded.Validate(loader.Context); err != nil {
		t.Error(err)
	}
}

var pathValue = regexp.MustCompile(`\{([a-z_]+)\}`)

func openAPIDocument(t *testing.T) jsonObject {
	components := schemas{}
	described := operations(components)
	paths := jsonObject{}
	for _, r := range newAPI(t).server.routes() {
		key := r.method + " " + r.path
		o, ok := described[key]
		if !ok {
			t.Errorf("%s is not described: say in operations what it does", key)
			continue
		}
		delete(described, key)
		if paths[r.path] == nil {
			paths[r.path] = jsonObject{}
		}
		paths[r.path].(jsonObject)[strings.ToLower(r.method)] = describe(r, o)
	}
	for key := range described {
		t.Errorf("%s is described and is no route", key)
	}
	problem := components.of(typeOf(problem{}))
	return jsonObject{
		"openapi": "3.1.0",
		"info": jsonObject{
			"title": "Custom clouds", "version": "1", "license": jsonObject{"name": "Apache-2.0", "identifier": "Apache-2.0"},
			"description": "Custom clouds in customers' own AWS accounts. Fields that a compatible path does not know are ignored; other paths refuse them.",
		},
		"servers":  []any{jsonObject{"url": "/"}},
		"security": []any{jsonObject{"token": []any{}}, jsonObject{"bearer": []any{}}},
		"paths":    paths,
		"components": jsonObject{
			"schemas": components,
			"responses": jsonObject{"Problem": jsonObject{
				"description": "What is wrong, and what would be right.",
				"headers":     jsonObject{"X-Request-Id": headerText},
				"content":     jsonObject{"application/problem+json": jsonObject{"schema": problem}},
			}},
			"securitySchemes": jsonObject{
				"token":  jsonObject{"type": "apiKey", "in": "header", "name": "Authorization", "description": "aivenv1 <token>"},
				"bearer": jsonObject{"type": "http", "scheme": "bearer", "description": "A token, or a JWT of the configured issuer."},
			},
		},
	}
}

var headerText = jsonObject{"schema": jsonObject{"type": "string"}}

func describe(r route, o operation) jsonObject {
	parameters := []any{}
	for _, m := range pathValue.FindAllStringSubmatch(r.path, -1) {
		parameters = append(parameters, jsonObject{"name": m[1], "in": "path", "required": true, "schema": jsonObject{"type": "string"}})
	}
	for _, name := range o.query {
		parameters = append(parameters, jsonObject{"name": name, "in": "query", "schema": querySchema(name)})
	}
	if r.method == http.MethodPost {
		parameters = append(parameters, jsonObject{"name": keyHeader, "in": "header", "schema": text(1, maxKey), "description": "The same key and body within 24 hours get the first answer."})
	}
	if r.method == http.MethodPut || r.method == http.MethodDelete {
		parameters = append(parameters, jsonObject{"name": "If-Match", "in": "header", "schema": jsonObject{"type": "string"}})
	}
	headers := jsonObject{"X-Request-Id": headerText}
	if o.etag {
		headers["ETag"] = headerText
	}
	content := jsonObject{"application/json": jsonObject{"schema": o.answer}}
	if o.text {
		content["text/plain"] = jsonObject{"schema": jsonObject{"type": "string"}}
	}
	responses := jsonObject{}
	for _, status := range append([]int{o.status}, o.also...) {
		responses[strconv.Itoa(status)] = jsonObject{"description": http.StatusText(status), "headers": headers, "content": content}
	}
	problem := jsonObject{"$ref": "#/components/responses/Problem"}
	responses["4XX"], responses["5XX"] = problem, problem
	d := jsonObject{"operationId": o.id, "summary": o.summary, "description": audience(r), "parameters": parameters, "responses": responses}
	if r.decision.kind == anyone {
		d["security"] = []any{}
	}
	if o.body != nil {
		examples := jsonObject{}
		for name, v := range o.examples {
			examples[name] = jsonObject{"value": v}
		}
		media := jsonObject{"schema": o.body}
		if len(examples) > 0 {
			media["examples"] = examples
		}
		d["requestBody"] = jsonObject{"required": !o.optional, "content": jsonObject{"application/json": media}}
	}
	return d
}

func querySchema(name string) jsonObject {
	switch name {
	case "limit":
		return jsonObject{"type": "integer", "minimum": 1, "maximum": maxLimit, "default": maxLimit}
	case "force":
		return jsonObject{"type": "string", "enum": []any{"true", "false"}}
	case "state":
		return jsonObject{"type": "string", "enum": values(cloud.States())}
	}
	return jsonObject{"type": "string"}
}

// audience says who may take a route.
func audience(r route) string {
	if r.decision.kind == anyone {
		return "For everyone, without a token."
	}
	switch r.decision.action {
	case cloud.ReadClouds, cloud.ReadDirectory:
		return "For members and administrators of the organization, and operators."
	case cloud.WriteClouds:
		return "For administrators of the organization, and operators."
	}
	return "For operators."
}

func TestOperationIDsAreUnique(t *testing.T) {
	var ids []string
	for _, o := range operations(schemas{}) {
		ids = append(ids, o.id)
	}
	slices.Sort(ids)
	if n := len(slices.Compact(slices.Clone(ids))); n != len(ids) {
		t.Errorf("%v", ids)
	}
}
