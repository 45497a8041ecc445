package stack

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// resource of a synthesized template.
type resource struct {
	ID                  string `json:"-"`
	Type                string
	Properties          map[string]any
	DeletionPolicy      string
	UpdateReplacePolicy string
}

// template is a synthesized stack.
type template struct {
	file      string
	Resources map[string]resource
	Outputs   map[string]struct{ Value any }
}

func (t template) all(kind string) []resource {
	var list []resource
	for id, r := range t.Resources {
		if r.Type == kind {
			r.ID = id
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b resource) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// variant is one way to deploy.
type variant struct {
	environment, architecture string
}

func (v variant) String() string { return v.environment + "/" + v.architecture }

func variants() []variant {
	return []variant{
		{"sandbox", "arm64"}, {"sandbox", "x86_64"}, {"production", "arm64"}, {"production", "x86_64"},
	}
}

type assembly struct {
	dir          string
	main, access template
}

var (
	workDir string
	mu      sync.Mutex
	made    = map[variant]assembly{}
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "byoc-stack")
	if err != nil {
		panic(err)
	}
	workDir = dir
	code := m.Run()
	jsii.Close()
	os.RemoveAll(dir)
	os.Exit(code)
}

// functionsDir has throw-away functions: the templates are the same.
func functionsDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(workDir, "functions")
	for _, name := range FunctionNames() {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "bootstrap"), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func contextOf(t *testing.T, v variant) map[string]any {
	values := map[string]any{
		"env": v.environment, "architecture": v.architecture, "functionsDir": functionsDir(t),
		"managementCidrs": "192.0.2.0/24,198.51.100.0/24", "managementPorts": "22,443",
		"mailSender": "clouds@vendor.example", "vendorName": "Vendor",
	}
	if v.environment == "production" {
		values["templateBucket"] = "vendor-templates"
	}
	return values
}

// synth a variant, once per test run.
func synth(t *testing.T, v variant) assembly {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if a, ok := made[v]; ok {
		return a
	}
	made[v] = synthInto(t, filepath.Join(workDir, v.environment+"-"+v.architecture), contextOf(t, v))
	return made[v]
}

func synthInto(t *testing.T, dir string, values map[string]any) assembly {
	t.Helper()
	settings, err := ReadSettings(func(key string) any { return values[key] })
	if err != nil {
		t.Fatal(err)
	}
	props := AppProps()
	props.Outdir = jsii.String(dir)
	app := awscdk.NewApp(props)
	if err := New(app, settings); err != nil {
		t.Fatal(err)
	}
	app.Synth(nil)
	return assembly{
		dir:    dir,
		main:   read(t, filepath.Join(dir, MainStackName+".template.json")),
		access: read(t, filepath.Join(dir, AccessStackName+".template.json")),
	}
}

func read(t *testing.T, file string) template {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tpl := template{file: file}
	if err := json.Unmarshal(text, &tpl); err != nil {
		t.Fatal(err)
	}
	return tpl
}

// each runs check on every variant.
func each(t *testing.T, check func(t *testing.T, v variant, a assembly)) {
	for _, v := range variants() {
		t.Run(v.String(), func(t *testing.T) { check(t, v, synth(t, v)) })
	}
}

// at follows keys and indexes into a JSON value; nil where it ends.
func at(value any, path ...any) any {
	for _, p := range path {
		switch key := p.(type) {
		case string:
			m, _ := value.(map[string]any)
			value = m[key]
		case int:
			l, _ := value.([]any)
			if key >= len(l) {
				return nil
			}
			value = l[key]
		}
	}
	return value
}

// list of what may be one or several.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

// flat writes a value with its intrinsic functions as one text.
func flat(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]any:
		if ref, ok := v["Ref"].(string); ok {
			return "${" + ref + "}"
		}
		if join, ok := v["Fn::Join"].([]any); ok {
			var b strings.Builder
			for _, part := range list(join[1]) {
				b.WriteString(flat(part))
			}
			return b.String()
		}
		if get, ok := v["Fn::GetAtt"].([]any); ok {
			return "${" + flat(get[0]) + "." + flat(get[1]) + "}"
		}
	}
	text, _ := json.Marshal(value)
	return string(text)
}

type statement struct {
	where     string
	effect    string
	actions   []string
	resources []string
	// inverted: it names what it is not about.
	inverted bool
	// partitions of a table that it is limited to; all where there are none.
	partitions []string
}

// statements of every policy of a template, whoever it is attached to.
func (t template) statements() []statement {
	var found []statement
	add := func(where string, document any) {
		// Some are a text with JSON in it.
		if text := flat(document); at(document, "Statement") == nil && text != "null" {
			if err := json.Unmarshal([]byte(text), &document); err != nil {
				found = append(found, statement{where: where + ": " + err.Error()})
				return
			}
		}
		for _, s := range list(at(document, "Statement")) {
			one := statement{where: where, effect: flat(at(s, "Effect"))}
			for _, not := range []string{"NotAction", "NotResource", "NotPrincipal"} {
				one.inverted = one.inverted || at(s, not) != nil
			}
			for _, key := range list(at(s, "Condition", "ForAllValues:StringLike", "dynamodb:LeadingKeys")) {
				one.partitions = append(one.partitions, flat(key))
			}
			for _, a := range list(at(s, "Action")) {
				one.actions = append(one.actions, flat(a))
			}
			for _, r := range list(at(s, "Resource")) {
				one.resources = append(one.resources, flat(r))
			}
			found = append(found, one)
		}
	}
	for id, r := range t.Resources {
		add(id, r.Properties["PolicyDocument"])
		add(id, r.Properties["AssumeRolePolicyDocument"])
		for _, p := range list(r.Properties["Policies"]) {
			add(id, at(p, "PolicyDocument"))
		}
	}
	return found
}
