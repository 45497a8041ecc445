package eventbridge_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"byoc/shared/cloud"
	bus "byoc/shared/eventbridge"
)

type recorder struct {
	*eventbridge.PutEventsInput
	answer eventbridge.PutEventsOutput
}

func (r *recorder) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	r.PutEventsInput = in
	return &r.answer, nil
}

// The vendor's team works from the event alone.
func TestARequestIsToldWhole(t *testing.T) {
	r := &recorder{}
	request := &cloud.Request{Provider: "google", Region: "europe-west1", DisplayName: "G", Contacts: []cloud.Contact{{Email: "a@example.com", Role: "CTO"}}, Comment: "Soon"}
	e := cloud.Event{ID: "r-1-000001", Type: cloud.Requested, OrganizationID: "o", CloudID: "r-1", Version: 1, Actor: "u", At: time.Unix(0, 0).UTC(), Request: request}
	if err := bus.New(r, "bus").Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	entry := r.Entries[0]
	if *entry.DetailType != "CustomCloudRequested" {
		t.Error(*entry.DetailType)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(*entry.Detail), &got); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"id": "r-1-000001", "organization_id": "o", "custom_cloud_request_id": "r-1", "cloud_provider": "google",
		"cloud_region": "europe-west1", "display_name": "G", "comment": "Soon", "time": "1970-01-01T00:00:00Z",
	} {
		if got[field] != want {
			t.Errorf("%s is %v", field, got[field])
		}
	}
	if contact := got["contact_emails"].([]any)[0].(map[string]any); contact["email"] != "a@example.com" || contact["role"] != "CTO" {
		t.Errorf("contact %v", contact)
	}
	envelope, _ := json.Marshal(map[string]any{"source": bus.Source, "detail-type": *entry.DetailType, "detail": got})
	parsed, err := bus.Parse(envelope)
	if e.Request = nil; err != nil || !reflect.DeepEqual(parsed, e) {
		t.Errorf("parsed as %+v, %v", parsed, err)
	}
	if _, is := got["custom_cloud_environment_id"]; is {
		t.Error("a request is no custom cloud")
	}
}

// PutEvents answers 200 for an entry that it refused. Taken for published, the
// event would be lost.
func TestARefusedEntryIsNotPublished(t *testing.T) {
	r := &recorder{answer: eventbridge.PutEventsOutput{
		FailedEntryCount: 1, Entries: []types.PutEventsResultEntry{{ErrorCode: aws.String("InternalFailure")}},
	}}
	if err := bus.New(r, "bus").Publish(t.Context(), changes()[0]); cloud.CodeOf(err) != cloud.Unavailable {
		t.Error(err)
	}
}

func TestAnEventIsCutBeforeEventBridgeRefusesIt(t *testing.T) {
	long := strings.Repeat("x", 1000)
	e := changes()[0]
	for range 1000 {
		e.Defects = append(e.Defects, cloud.Defect{Reason: cloud.ReasonMissing, Subject: "nat-1", Message: long, Since: time.Unix(7, 0)})
		e.Leftovers = append(e.Leftovers, cloud.Leftover{Kind: "vpc", ID: "vpc-1", Reason: long, Command: "aws ec2 delete-vpc"})
	}
	for _, eventType := range []cloud.EventType{cloud.StateChanged, cloud.DriftFound} {
		e.Type = eventType
		_, detail := emitted(t, e)
		// Whatever is left out, much of it is there.
		if n := len(detail); n > 250<<10 || n < 80<<10 {
			t.Errorf("%s: %d bytes", eventType, n)
		}
	}
}
