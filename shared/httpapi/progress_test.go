package httpapi

import (
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/network"
)

var threeZones = []cloud.Zone{
	{ID: "euw1-az1", Name: "eu-west-1a", Bastion: "10.0.255.0/24", Workload: "10.0.0.0/18"},
	{ID: "euw1-az2", Name: "eu-west-1b", Bastion: "10.0.254.0/24", Workload: "10.0.64.0/18"},
	{ID: "euw1-az3", Name: "eu-west-1c", Bastion: "10.0.253.0/24", Workload: "10.0.128.0/18"},
}

// What is shown and what is done are the same steps in the same order.
func TestDisplayedStepsAreTheNetworksSteps(t *testing.T) {
	const file = "progress_steps.go"
	want := generatedSteps(t)
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("%s is not what the step table says; run go generate ./shared/httpapi (%v)", file, err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, layout := range []cloud.NATLayout{cloud.NATPerZone, cloud.NATSingle} {
		want := network.Steps(threeZones, layout)
		got := stepsOf(cloud.Cloud{NATGateways: layout, Network: cloud.Network{Zones: threeZones}}, new(timeTexts))
		seen := map[string]int{}
		for _, s := range got {
			seen[s.Key] = s.UsualSeconds
		}
		if len(got) != len(want) || len(seen) != len(want) {
			t.Errorf("%s: %d steps are shown, %d are done", layout, len(got), len(want))
		}
		for _, s := range want {
			if usually, ok := seen[s.Key()]; !ok || usually != int(s.Usually.Seconds()) {
				t.Errorf("%s: shown %v, as taking %d seconds instead of %s", s.Key(), ok, usually, s.Usually)
			}
		}
	}
	if tagCloud != network.TagCloud {
		t.Error("the tag in byoc_resource_tags is another one")
	}
}

// generatedSteps is the step table as source: what is there once, in each zone,
// and with each NAT gateway.
func generatedSteps(t *testing.T) string {
	t.Helper()
	zones := threeZones[:2]
	single := map[string]int{}
	for _, d := range network.DisplayOrder(zones, cloud.NATSingle) {
		name, _, _ := strings.Cut(d.Key, "/")
		single[name]++
	}
	var text strings.Builder
	text.WriteString("// Code generated from the step table in shared/network; DO NOT EDIT.\n\npackage httpapi\n\nimport \"time\"\n\n" +
		"// steps is the order in which progress is shown.\nvar steps = []shownStep{\n")
	for _, d := range network.DisplayOrder(zones, cloud.NATPerZone) {
		name, _, _ := strings.Cut(d.Key, "/")
		scope := "perZone"
		switch {
		case d.Zone == "":
			scope = "once"
		case d.Zone != zones[0].ID:
			continue
		case single[name] == 1:
			scope = "perNAT"
		}
		fmt.Fprintf(&text, "{%q, %q, %s, %d * time.Second},\n", name, strings.ToUpper(d.Title[:1])+d.Title[1:], scope, int(d.Usually.Seconds()))
	}
	source, err := format.Source([]byte(text.String() + "}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

func TestProgressWhileCreating(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	c := a.clouds[id]
	started := a.now.Add(-time.Minute)
	c.State, c.Attempt = cloud.Creating, 1
	c.Network = cloud.Network{Zones: threeZones, Steps: map[string]cloud.Step{
		"vpc":                      {State: cloud.StepReady, ResourceID: "vpc-1", StartedAt: started, EndedAt: started},
		"bastion_subnet/euw1-az1":  {State: cloud.StepReady, ResourceID: "subnet-b1"},
		"workload_subnet/euw1-az1": {State: cloud.StepReady, ResourceID: "subnet-w1"},
		"nat_gateway/euw1-az1":     {State: cloud.StepPending, ResourceID: "nat-1", Reason: "AWS is still making it", StartedAt: started},
		"something_else":           {State: cloud.StepReady, ResourceID: "x-1"},
	}}
	for key, s := range c.Network.Steps {
		s.Key = key
		c.Network.Steps[key] = s
	}
	a.clouds[id] = c
	v := a.as(member, "GET", acmes+"/"+id, "").wants(200).cloud()
	subnet := v["aws_subnets_workload"].(map[string]any)["euw1-az1"].(map[string]any)
	if subnet["cidr"] != "10.0.0.0/18" || subnet["availability_zone"] != "eu-west-1a" || subnet["subnet_id"] != "subnet-w1" {
		t.Errorf("subnet %v", subnet)
	}
	if len(v["aws_subnets_bastion"].(map[string]any)) != 3 || v["plan"].(map[string]any)["assumed"] != false {
		t.Errorf("subnets %v, plan %v", v["aws_subnets_bastion"], v["plan"])
	}
	p := v["provisioning"].(map[string]any)
	steps := p["steps"].([]any)
	first, last := steps[0].(map[string]any), steps[len(steps)-1].(map[string]any)
	if first["key"] != "vpc" || first["resource_id"] != "vpc-1" || first["started"] != "2026-11-23T11:59:00.000Z" || last["key"] != "something_else" {
		t.Errorf("first %v, last %v", first, last)
	}
	if now := p["now"].(string); !strings.Contains(now, "NAT gateway in euw1-az1: AWS is still making it") || !strings.Contains(now, "2 minutes") {
		t.Errorf("now: %s", now)
	}
	if n := p["percentage"].(float64); n <= 0 || n >= 100 {
		t.Errorf("percentage %v", n)
	}
}

func TestEveryStateSaysWhatHappensAndWhatToDo(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	for _, state := range cloud.States() {
		c := a.clouds[id]
		c.State, c.RoleARN = state, roleARN+c.RoleName()
		c.Errors = []string{"What went wrong."}
		c.Network.Leftovers = []cloud.Leftover{{Kind: "vpc", ID: "vpc-1", Reason: "In use.", Command: "aws ec2 delete-vpc"}}
		a.clouds[id] = c
		v := a.as(member, "GET", acmes+"/"+id, "").wants(200).cloud()
		p := v["provisioning"].(map[string]any)
		if p["now"] == "" || len(v["next_steps"].([]any)) == 0 || len(p["leftovers"].([]any)) != 1 {
			t.Errorf("%s: %v, %v", state, p, v["next_steps"])
		}
		if e := v["errors"].([]any)[0].(map[string]any); e["category"] != "general_error" || e["message"] != "What went wrong." {
			t.Errorf("%s: errors %v", state, e)
		}
		usable := state == cloud.Active || state == cloud.Disconnected || state == cloud.Reconnecting
		if names := v["custom_cloud_names"].([]any); usable != (len(names) == 1 && names[0] == "custom-"+id+"-aws-eu-west-1") {
			t.Errorf("%s: names %v", state, names)
		}
	}
}

func TestWarningsOfARangeAndALayout(t *testing.T) {
	for _, c := range []struct {
		cloud cloud.Cloud
		want  string
	}{
		{cloud.Cloud{CIDR: "10.0.0.0/16", NATGateways: cloud.NATPerZone}, ""},
		{cloud.Cloud{CIDR: "10.0.0.0/22", NATGateways: cloud.NATPerZone}, ""},
		{cloud.Cloud{CIDR: "10.0.0.0/24", NATGateways: cloud.NATPerZone}, "small_range"},
		{cloud.Cloud{CIDR: "10.0.0.0/24", NATGateways: cloud.NATSingle, State: cloud.Active}, "small_range single_nat_gateway"},
	} {
		var codes []string
		for _, w := range warningsOf(c.cloud) {
			codes = append(codes, w.Code)
			if w.Message == "" || w.Action == "" {
				t.Errorf("%+v", w)
			}
		}
		if got := strings.Join(codes, " "); got != c.want {
			t.Errorf("%s %s: %q", c.cloud.CIDR, c.cloud.NATGateways, got)
		}
	}
}

func TestTheNextStepsOfAnActiveCloud(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	a.inState(id, cloud.Active)
	text, err := json.Marshal(a.as(member, "GET", acmes+"/"+id, "").wants(200).cloud()["next_steps"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"custom-" + id + "-aws-eu-west-1", "manages the network through the role cce-", "nothing can be repaired, changed or removed",
		"Once this custom cloud is deleted, and not before", "terraform destroy -var-file=" + cloud.Stem(id) + ".tfvars",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
}

func TestTimesAreInUTCWithMilliseconds(t *testing.T) {
	var texts timeTexts
	var all, wanted []string
	for _, at := range []time.Time{
		time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC),
		time.Date(1, 1, 1, 10, 20, 30, 0, time.UTC),
		time.Date(2026, 6, 7, 8, 9, 10, 12_000_000, time.FixedZone("somewhere", 3*3600+1800)),
		time.Date(1969, 10, 20, 13, 40, 50, 999_999, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 100_000_000, time.UTC),
	} {
		want := at.UTC().Format("2006-01-02T15:04:05.000Z")
		if got := timeText(at); got != want {
			t.Errorf("%s instead of %s", got, want)
		}
		all, wanted = append(all, texts.of(at)), append(wanted, want)
	}
	if !slices.Equal(all, wanted) {
		t.Errorf("in one text: %s instead of %s", all, wanted)
	}
	if got := timeText(time.Time{}); got != "" {
		t.Errorf("no time is %q", got)
	}
}
