package customeraccount

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"byoc/infra/policyproof"
	"byoc/shared/cloud"
	"byoc/shared/network"
	"byoc/shared/preflight"
	"byoc/shared/template/rolepolicy"
)

// twoVersions are the template as it is and the one after it, each made of what
// the steps need: the second time one of them reads route tables no more, and
// another reads network interfaces.
func twoVersions() rolepolicy.Versions {
	later := slices.DeleteFunc(network.Actions(), func(a network.Action) bool { return a.Name == "ec2:DescribeRouteTables" })
	later = append(later, network.Action{Name: "ec2:DescribeNetworkInterfaces", Resource: "*"})
	file := func(version string, needed []network.Action) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(rolepolicy.From(version, policyproof.Grants(needed)).Indented())}
	}
	return rolepolicy.NewVersions(fstest.MapFS{"v1.json": file("1", network.Actions()), "v2.json": file("2", later)})
}

// A role of an older version is recognised as such, and told what was edited
// against that version: what only the newer one has is no edit. Each case is
// seen alike by preflight, which validation records, and by the watch's look.
func TestWhichTemplateIsApplied(t *testing.T) {
	versions := twoVersions()
	policy := func(version string, edit func(string) string) string {
		d, ok := versions.Of(version, cloud.Stem(cloudID), region)
		if !ok {
			t.Fatalf("no version %s", version)
		}
		if edit == nil {
			return d.JSON()
		}
		after := edit(d.JSON())
		if after == d.JSON() {
			t.Fatalf("version %s was not edited", version)
		}
		return after
	}
	more := func(text string) string {
		return strings.Replace(text, `"ec2:DescribeAddresses"`, `"ec2:DescribeAddresses","ec2:RunInstances"`, 1)
	}
	less := func(text string) string { return strings.Replace(text, `"ec2:DeleteVpc",`, "", 1) }
	for name, test := range map[string]struct {
		policy  string
		verdict preflight.Verdict
		says    []string
		seen    cloud.SeenTemplate
	}{
		"the newest": {policy("2", nil), preflight.Passed, []string{"Template version 2 is applied, the newest, unedited."}, cloud.SeenTemplate{Version: 2}},
		"an older": {policy("1", nil), preflight.Warning,
			[]string{"Template version 1 is applied, unedited; version 2 is the newest."}, cloud.SeenTemplate{Version: 1}},
		"an older, edited": {policy("1", less), preflight.Warning,
			[]string{"Template version 1 is applied and was edited: it lacks ec2:DeleteVpc. Version 2 is the newest."},
			cloud.SeenTemplate{Version: 1, Edits: "It lacks ec2:DeleteVpc."}},
		"the newest, edited": {policy("2", more), preflight.Warning,
			[]string{"Template version 2 is applied and was edited: It allows besides:", "ec2:RunInstances"}, cloud.SeenTemplate{Version: 2, Edits: "ec2:RunInstances"}},
		"none": {"", preflight.Warning, []string{"No version of the template is applied"}, cloud.SeenTemplate{Edits: "No version"}},
		"none that exists": {policy("2", func(s string) string { return strings.Replace(s, "TemplateV2", "TemplateV3", 1) }), preflight.Warning,
			[]string{"version 3, which does not exist; the newest is 2"}, cloud.SeenTemplate{Edits: "version 3"}},
		"something else": {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}`, preflight.CouldNotCheck,
			[]string{"no version of the template writes"}, cloud.SeenTemplate{Edits: "no version"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, a := newFake(t)
			a.versions, f.policy = versions, test.policy
			checks, err := a.Preflight(deadline(t), request(nil))
			if err != nil {
				t.Fatal(err)
			}
			c := checks[slices.Index(preflight.Names(), preflight.Template)]
			for _, says := range test.says {
				if c.Verdict != test.verdict || !strings.Contains(c.Message, says) || (c.Verdict == preflight.Passed) != (c.Cure == "") {
					t.Errorf("%+v, want %s with %q", c, test.verdict, says)
				}
			}
			s, err := a.Look(deadline(t), request(nil))
			if err != nil {
				t.Fatal(err)
			}
			for who, seen := range map[string]*cloud.SeenTemplate{"preflight": preflight.Seen(checks), "look": a.SeenTemplate(deadline(t), request(nil), s)} {
				if seen == nil || seen.Version != test.seen.Version || (seen.Edits == "") != (test.seen.Edits == "") || !strings.Contains(seen.Edits, test.seen.Edits) {
					t.Errorf("%s saw %+v, want %+v", who, seen, test.seen)
				}
			}
		})
	}
}

// A role that does not tell is no edited one.
func TestARoleThatDoesNotTellIsNotJudged(t *testing.T) {
	f, a := newFake(t)
	f.fail["GetRolePolicy"], f.failures["GetRolePolicy"] = "AccessDenied", -1
	checks, err := a.Preflight(deadline(t), request(nil))
	if c := checks[slices.Index(preflight.Names(), preflight.Template)]; err != nil || c.Verdict != preflight.CouldNotCheck || preflight.Seen(checks) != nil {
		t.Errorf("%v %+v", err, c)
	}
	s, err := a.Look(deadline(t), request(nil))
	if err != nil {
		t.Fatal(err)
	}
	if seen := a.SeenTemplate(deadline(t), request(nil), s); seen != nil {
		t.Errorf("%+v", seen)
	}
}
