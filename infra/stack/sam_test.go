package stack

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// Every path that sam local invoke would mount holds an executable bootstrap.
func TestEveryAssetPathHoldsABootstrap(t *testing.T) {
	values := contextOf(t, variant{"sandbox", "arm64"})
	settings, err := ReadSettings(func(key string) any { return values[key] })
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(workDir, "with-asset-paths")
	props := AppProps()
	props.Outdir = jsii.String(dir)
	// The CLI switches this on.
	context := map[string]any{"aws:cdk:enable-asset-metadata": true}
	maps.Copy(context, *props.Context)
	props.Context = &context
	app := awscdk.NewApp(props)
	if err := New(app, settings); err != nil {
		t.Fatal(err)
	}
	app.Synth(nil)
	text, err := os.ReadFile(filepath.Join(dir, MainStackName+".template.json"))
	if err != nil {
		t.Fatal(err)
	}
	var tpl struct {
		Resources map[string]struct {
			Type     string
			Metadata map[string]any
		}
	}
	if err := json.Unmarshal(text, &tpl); err != nil {
		t.Fatal(err)
	}
	paths := 0
	for id, r := range tpl.Resources {
		path, ok := r.Metadata["aws:asset:path"].(string)
		if !ok {
			if r.Type == "AWS::Lambda::Function" {
				t.Errorf("%s has no asset", id)
			}
			continue
		}
		paths++
		info, err := os.Stat(filepath.Join(dir, path, "bootstrap"))
		if err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s: %v is nothing that can be executed: %v", id, path, err)
		}
	}
	if paths != len(FunctionNames()) {
		t.Errorf("%d assets for %d functions", paths, len(FunctionNames()))
	}
}

func TestSAMConfigurationNamesWhatExists(t *testing.T) {
	config, err := os.ReadFile("../../samconfig.toml")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^(\w+) = "([^"]*)"$`).FindAllStringSubmatch(string(config), -1) {
		values[m[1]] = m[2]
	}
	var cdk struct{ Output string }
	readJSON(t, "../../cdk.json", &cdk)
	if want := cdk.Output + "/" + MainStackName + ".template.json"; values["template_file"] != want {
		t.Errorf("template_file is %q; make synth writes %s", values["template_file"], want)
	}
	var environment struct{ Parameters map[string]string }
	readJSON(t, filepath.Join("../..", values["env_vars"]), &environment)
	declared := map[string]bool{}
	for _, f := range synth(t, variant{"sandbox", "arm64"}).main.all("AWS::Lambda::Function") {
		variables, _ := at(f.Properties, "Environment", "Variables").(map[string]any)
		for name := range variables {
			declared[name] = true
			if _, ok := environment.Parameters[name]; !ok {
				t.Errorf("%s has no %s, which %s takes", values["env_vars"], name, f.ID)
			}
		}
	}
	for name := range environment.Parameters {
		if !declared[name] && !strings.HasPrefix(name, "AWS_") {
			t.Errorf("%s has %s, which no function takes", values["env_vars"], name)
		}
	}
}

func TestSAMCommandsNameWhatExists(t *testing.T) {
	text, err := os.ReadFile("../../docs/local-invoke.md")
	if err != nil {
		t.Fatal(err)
	}
	var named, functions []string
	for _, m := range regexp.MustCompile(`sam local invoke (\S+) --event (\S+)`).FindAllStringSubmatch(string(text), -1) {
		named = append(named, m[1])
		if _, err := os.Stat(filepath.Join("../..", m[2])); err != nil {
			t.Error(err)
		}
	}
	for _, f := range synth(t, variant{"sandbox", "arm64"}).main.all("AWS::Lambda::Function") {
		functions = append(functions, f.ID)
	}
	slices.Sort(named)
	if !slices.Equal(named, functions) {
		t.Errorf("the commands name %v, the template has %v", named, functions)
	}
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
