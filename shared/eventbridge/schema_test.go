package eventbridge_test

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
	bus "byoc/shared/eventbridge"
	"byoc/shared/eventbridge/eventstest"
)

const cloudID = "3f2c8a52-6a3e-4a63-9a43-2f9f3f1d7c11"

// changes is an event for every row of the table of transitions, and for a
// draft's beginning and end.
func changes() []cloud.Event {
	list := []cloud.Event{{To: cloud.Draft}, {From: cloud.Draft, To: cloud.Deleted}}
	for _, from := range cloud.States() {
		for _, trigger := range []cloud.Trigger{
			cloud.Provision, cloud.ChecksPassed, cloud.Failed, cloud.Ready, cloud.Trouble, cloud.Healed, cloud.Repair, cloud.Delete, cloud.Empty,
		} {
			if to, ok := from.Next(trigger); ok {
				list = append(list, cloud.Event{From: from, To: to})
			}
		}
	}
	for i := range list {
		e := &list[i]
		e.Type, e.OrganizationID, e.CloudID, e.Version = cloud.StateChanged, "org-1", cloudID, i+1
		e.ID, e.Actor, e.Message, e.At = cloud.EventID(cloudID, i+1), "user-1", "It happened.", time.Unix(0, int64(i)).UTC()
		if e.To == cloud.Disconnected {
			for _, r := range cloud.Reasons() {
				e.Defects = append(e.Defects, cloud.Defect{Reason: r, Subject: "vpc-1", Property: "DNS support", Message: "It differs.", Since: time.Unix(7, 0)})
			}
		}
		if e.To == cloud.DeletionFailed {
			e.Leftovers = []cloud.Leftover{{Kind: "vpc", ID: "vpc-1", Reason: "In use.", Command: "aws ec2 delete-vpc --vpc-id vpc-1"}}
		}
	}
	n := len(list)
	for i, t := range []cloud.EventType{cloud.DriftFound, cloud.DriftHealed} {
		e := list[0]
		e.ID, e.Version = cloud.EventID(cloudID, n+i)+"-drift", n+i
		if e.Type, e.To = t, cloud.Active; t == cloud.DriftFound {
			e.To = cloud.Disconnected
			e.Defects = []cloud.Defect{
				{Reason: cloud.ReasonMissing, Subject: "nat-1", Message: "It is missing.", Since: time.Unix(7, 0)},
				{Reason: cloud.ReasonAltered, Subject: "vpc-1", Property: "DNS support", Message: "It differs.", Since: time.Unix(7, 0)},
			}
		}
		list = append(list, e)
	}
	return list
}

func emitted(t *testing.T, e cloud.Event) (detailType, detail string) {
	t.Helper()
	r := &recorder{}
	if err := bus.New(r, "bus").Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	return *r.Entries[0].DetailType, *r.Entries[0].Detail
}

func TestEveryEventIsOfItsSchema(t *testing.T) {
	request := cloud.Event{
		ID: cloud.EventID(cloudID, 1), Type: cloud.Requested, OrganizationID: "o", CloudID: cloudID, Version: 1, Actor: "u", Message: "Asked.", At: time.Unix(0, 0),
		Request: &cloud.Request{Provider: "google", Region: "europe-west1", DisplayName: "G", Contacts: []cloud.Contact{{Email: "a@example.com"}}},
	}
	seen := map[cloud.EventType]bool{}
	for _, e := range append(changes(), request) {
		seen[e.Type] = true
		detailType, detail := emitted(t, e)
		if err := eventstest.Check(detailType, []byte(detail)); err != nil {
			t.Errorf("from %q to %q: %v", e.From, e.To, err)
		}
		if e.Type != cloud.StateChanged {
			continue
		}
		// The mails are made of what comes back.
		got, err := bus.Parse([]byte(`{"source":"byoc","detail-type":"` + detailType + `","detail":` + detail + `}`))
		if diff := cmp.Diff(e, got); err != nil || diff != "" {
			t.Errorf("from %q to %q: %v %s", e.From, e.To, err, diff)
		}
	}
	for _, eventType := range cloud.EventTypes() {
		if !seen[eventType] {
			t.Errorf("no %s was emitted", eventType)
		}
	}
}

// A schema that lets everything through would prove nothing.
func TestTheSchemaRefusesWhatIsNoEventOfOurs(t *testing.T) {
	list := changes()
	detailType, detail := emitted(t, list[len(list)-3])
	var sound map[string]any
	if err := json.Unmarshal([]byte(detail), &sound); err != nil {
		t.Fatal(err)
	}
	refused := func(what string, change func(map[string]any)) {
		t.Helper()
		broken := maps.Clone(sound)
		change(broken)
		text, err := json.Marshal(broken)
		if err != nil {
			t.Fatal(err)
		}
		if eventstest.Check(detailType, text) == nil {
			t.Errorf("%s is let through", what)
		}
	}
	for field := range sound {
		if field != "leftovers" && field != "reasons" {
			refused("an event without "+field, func(m map[string]any) { delete(m, field) })
		}
	}
	refused("an unknown state", func(m map[string]any) { m["to_state"] = "gone" })
	refused("a field that is not documented", func(m map[string]any) { m["secret"] = "x" })
	refused("a time that is none", func(m map[string]any) { m["time"] = "yesterday" })
	refused("an id of another form", func(m map[string]any) { m["id"] = "1" })
	refused("an unknown reason", func(m map[string]any) {
		m["reasons"] = []any{map[string]any{"reason": "other", "message": "m", "since": "2026-01-01T00:00:00Z"}}
	})
	refused("another version", func(m map[string]any) { m["schema_version"] = 2 })
	refused("another type", func(map[string]any) { detailType = "CustomCloudSomething" })
}
