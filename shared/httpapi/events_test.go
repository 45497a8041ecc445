package httpapi

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
)

// History is one entry of each kind, a page each.
func (t *table) History(_ context.Context, org, id string, limit int, cursor string) (entries []cloud.Entry, next string, err error) {
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	all := []cloud.Entry{
		{Event: &cloud.Event{
			ID: id + "-000004", Type: cloud.StateChanged, OrganizationID: org, CloudID: id, Attempt: 1, From: cloud.Active, To: cloud.Disconnected,
			Actor: "watch", Message: "Gone.", At: at.Add(2 * time.Second), Defects: []cloud.Defect{{Reason: cloud.ReasonMissing, Subject: "nat-1", Message: "Gone.", Since: at}},
		}},
		{Attempt: 1, Step: &cloud.Step{Key: "vpc", State: cloud.StepReady, ResourceID: "vpc-1", EndedAt: at.Add(time.Second)}},
		{Attempt: 1, Calls: []cloud.Call{{Seq: 1, At: at, Duration: 20 * time.Millisecond, Service: "ec2", Action: "CreateVpc", Result: "ok", RequestID: "r-1", Account: "222222222222", Region: "eu-west-1", Caller: "arn"}}},
	}
	from := len(cursor)
	for i := from; i < len(all) && i < from+limit; i++ {
		entries = append(entries, all[i])
	}
	if from+limit < len(all) {
		next = strings.Repeat("x", from+limit)
	}
	return entries, next, t.call("History")
}

func TestHistoryIsPaged(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	var kinds []string
	for path, pages := acmes+"/"+id+"/events?limit=1", 0; ; pages++ {
		got := a.as(member, "GET", path, "").wants(http.StatusOK)
		for _, e := range got.body["events"].([]any) {
			kinds = append(kinds, e.(map[string]any)["kind"].(string))
		}
		next, more := got.body["next_cursor"].(string)
		if !more || pages > 5 {
			break
		}
		path = acmes + "/" + id + "/events?limit=1&cursor=" + next
	}
	if s := strings.Join(kinds, " "); s != "state_changed step_ended aws_calls" {
		t.Error(s)
	}
	whole := a.as(admin, "GET", acmes+"/"+id+"/events", "").wants(http.StatusOK)
	for _, want := range []string{`"request_id":"r-1"`, `"action":"CreateVpc"`, `"from_state":"active"`, `"reason":"missing"`, `"resource":"nat-1"`, `"step":"vpc"`, `"actor":"watch"`} {
		if !strings.Contains(whole.text, want) {
			t.Errorf("no %s in %s", want, whole.text)
		}
	}
	a.as(admin, "GET", acmes+"/"+id+"/events?limit=0", "").wants(http.StatusBadRequest)
	a.as(admin, "GET", acmes+"/11111111-1111-4111-8111-111111111111/events", "").wants(http.StatusNotFound)
}

func TestOnlyWhatStandsIsRepaired(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	path := acmes + "/" + id + "/repair"
	a.as(admin, "POST", path, "").wants(http.StatusConflict)
	c := a.clouds[id]
	c.State = cloud.Disconnected
	c.Network.Defects = []cloud.Defect{{Reason: cloud.ReasonDenied, Subject: "ec2:DescribeVpcs", Message: "Denied.", Since: a.now}}
	a.clouds[id] = c
	before := a.as(member, "GET", acmes+"/"+id, "").wants(http.StatusOK)
	if !strings.Contains(before.text, `"action":"ec2:DescribeVpcs"`) {
		t.Error(before.text)
	}
	a.as(member, "POST", path, "").wants(http.StatusForbidden)
	a.as(admin, "POST", path, `{"what":"ever"}`).wants(http.StatusBadRequest)
	got := a.as(admin, "POST", path, "").wants(http.StatusOK)
	if !strings.Contains(got.text, `"state":"reconnecting"`) || len(a.runs) != 1 || a.runs[0] != "repair" {
		t.Errorf("runs %v: %s", a.runs, got.text)
	}
}
