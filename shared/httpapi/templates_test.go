package httpapi

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"byoc/shared/cloud"
	"byoc/shared/template"
)

func TestTemplates(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	one := acmes + "/" + id
	c := a.as(member, "GET", one, "").cloud()
	if got := c["template"].(map[string]any); got["version"] != template.Version || got["sha256"] != template.SHA256() {
		t.Errorf("template %v", got)
	}
	for path, field := range map[string]string{
		"terraform/template": "template", "terraform/variables": "variables", "cloudformation/template": "template",
	} {
		path = one + "/infra-templates/" + path
		asJSON := a.as(member, "GET", path, "").wants(200)
		text, _ := asJSON.body[field].(string)
		asText := a.as(member, "GET", path, "", header("Accept", "text/plain")).wants(200)
		if text == "" || asText.text != text {
			t.Errorf("%s: the file differs from the JSON", path)
		}
		if d := asText.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename=cce-"+strings.ReplaceAll(id, "-", "")) {
			t.Errorf("%s: %s", path, d)
		}
		if !strings.HasPrefix(asText.header.Get("Content-Type"), "text/plain") || asJSON.header.Get("Vary") != "Accept" {
			t.Errorf("%s: %v", path, asText.header)
		}
	}
	if r := a.as(member, "GET", one+"/infra-templates/terraform/template", ""); r.body["template"] != template.Terraform() {
		t.Error("the template is not the published text")
	}
	vars := a.as(member, "GET", one+"/infra-templates/terraform/variables", "").body["variables"].(string)
	for _, want := range []string{id, customer, "eu-west-1", a.clouds[id].ExternalID} {
		if !strings.Contains(vars, want) {
			t.Errorf("no %s in the variables", want)
		}
	}
	cf := a.as(member, "GET", one+"/infra-templates/cloudformation/template", "").body["template"].(string)
	if !json.Valid([]byte(cf)) || !strings.Contains(cf, a.clouds[id].ExternalID) {
		t.Errorf("CloudFormation: %s", cf)
	}
}

// The link is offered where a bucket holds the template, and nowhere else.
func TestTheQuickCreateLink(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	document := acmes + "/" + id + "/infra-templates/cloudformation/template"
	links := func() (links []any) {
		for _, s := range a.as(member, "GET", acmes+"/"+id, "").cloud()["next_steps"].([]any) {
			if link := s.(map[string]any)["url"]; link != nil {
				links = append(links, link)
			}
		}
		if link := a.as(member, "GET", document, "").wants(200).body["quick_create_url"]; link != nil {
			links = append(links, link)
		}
		return links
	}
	if got := links(); len(got) != 0 {
		t.Errorf("without a bucket: %v", got)
	}
	a.server.Settings.TemplateBucketURL = "https://templates.s3.eu-west-1.amazonaws.com"
	want, err := template.QuickCreateURL(a.server.Settings.TemplateBucketURL, template.ValuesFor(a.clouds[id], customer))
	if err != nil {
		t.Fatal(err)
	}
	if got := links(); len(got) != 2 || got[0] != want || got[1] != want {
		t.Errorf("%v, want %s twice", got, want)
	}
}

// What is said of the applied template is what was seen of the role: before it
// was seen nothing is known, and nothing is claimed.
func TestTheTemplateSaysWhetherANewerOneShouldBeApplied(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	shown := func() map[string]any {
		return a.as(member, "GET", acmes+"/"+id, "").cloud()["template"].(map[string]any)
	}
	if got := shown(); got["applied_version"] != nil || got["newer_should_be_applied"] != false {
		t.Errorf("of a role that nobody saw: %v", got)
	}
	c := a.clouds[id]
	newest, err := strconv.Atoi(template.Version)
	if err != nil {
		t.Fatal("versions are compared as numbers:", err)
	}
	c.Template = cloud.SeenTemplate{Version: newest}
	a.clouds[id] = c
	if got := shown(); got["applied_version"] != template.Version || got["newer_should_be_applied"] != false {
		t.Errorf("of a role with the newest: %v", got)
	}
	for _, c := range []struct {
		applied int
		newest  string
		newer   bool
	}{{1, "2", true}, {9, "10", true}, {2, "2", false}, {3, "2", false}, {0, "2", false}} {
		if got := templateOf(cloud.SeenTemplate{Version: c.applied}, c.newest); got.Newer != c.newer || got.Version != c.newest || (got.Applied == nil) != (c.applied == 0) {
			t.Errorf("%d of %s: %+v", c.applied, c.newest, got)
		}
	}
}

// What is to be done about it is among the next steps of a cloud that stands.
func TestTheNextStepsTellOfTheRolesTemplate(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	first := func(state cloud.State, seen cloud.SeenTemplate) (title, text string, edits any) {
		c := a.clouds[id]
		c.State, c.RoleARN, c.Template = state, roleARN+c.RoleName(), seen
		a.clouds[id] = c
		v := a.as(member, "GET", acmes+"/"+id, "").wants(200).cloud()
		s := v["next_steps"].([]any)[0].(map[string]any)
		return s["title"].(string), s["text"].(string), v["template"].(map[string]any)["edits"]
	}
	a.server.newest = "2"
	for _, state := range []cloud.State{cloud.Active, cloud.Disconnected} {
		for title, seen := range map[string]cloud.SeenTemplate{
			"Apply the newer template": {Version: 1},
			"Check the role":           {Version: 2, Edits: "It lacks ec2:CreateVpc."},
		} {
			got, text, edits := first(state, seen)
			if got != title || seen.Edits != "" && (edits != seen.Edits || !strings.Contains(text, seen.Edits)) {
				t.Errorf("%s of %+v: %s, %s, edits %v", state, seen, got, text, edits)
			}
		}
		if got, _, edits := first(state, cloud.SeenTemplate{Version: 2}); got == "Apply the newer template" || got == "Check the role" || edits != nil {
			t.Errorf("%s of the newest, unedited: %s, %v", state, got, edits)
		}
	}
}

func TestAcceptDecidesBetweenTextAndJSON(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "*/*": false, "application/json": false, "text/plain": true, "text/*": true, "text/plain; charset=utf-8": true,
		"text/plain, */*;q=0.1": true, "text/plain, application/json": false, "text/plain;q=0.4, application/json;q=0.5": false,
		"application/json;q=0.4, text/plain;q=0.5": true, "text/plain;q=0": false, "text/html": false, "nonsense;;": false,
	} {
		if got := prefersText([]string{accept}); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
}
