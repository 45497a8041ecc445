package dynamo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
)

func TestFindAnswersWhatWasCreatedInOneCall(t *testing.T) {
	w := newWorld(t)
	c := newDraft("Göteborg")
	c.PeerCIDRs = []string{"10.9.0.0/16"}
	c.Contacts = []cloud.Contact{{Email: "a@example.com", Name: "A", Role: "Admin"}, {Email: "b@example.com"}}
	c.Tags = map[string]string{"cost-centre": "42", "empty": ""}
	c.IngressRules = []cloud.IngressRule{{Protocol: "tcp", FromPort: 443, ToPort: 443, CIDR: "10.0.0.0/8", Description: "web"}, {Protocol: "-1", SecurityGroupID: "sg-12345678"}}
	c.Accounts, c.Projects = []string{"unit-1"}, []string{"project-1"}
	c.RoleARN, c.Errors = "arn:aws:iam::123456789012:role/x", []string{"It failed."}
	c.Template = cloud.SeenTemplate{Version: 1, Edits: "It allows more."}
	c.Network = cloud.Network{
		IngressRules: []cloud.IngressRule{{Protocol: "tcp", FromPort: 443, ToPort: 443, CIDR: "10.0.0.0/8"}},
		Zones:        []cloud.Zone{{ID: "euw1-az1", Name: "eu-west-1a", Bastion: "10.0.0.0/24", Workload: "10.0.1.0/24"}},
		Steps: map[string]cloud.Step{"nat_gateway/euw1-az1": {
			Key: "nat_gateway/euw1-az1", State: cloud.StepPending, ResourceID: "nat-1", Generation: 2,
			Reason: "AWS says pending.", StartedAt: now, EndedAt: now.Add(time.Minute)}},
		Leftovers:    []cloud.Leftover{{Kind: "vpc", ID: "vpc-1", Step: "vpc", Reason: "In use.", Command: "aws ec2 delete-vpc"}},
		CreateCalled: true, EmptySweeps: 1, LastEmptySweep: now, Failure: "No room.",
		Lease: cloud.Lease{Owner: "me", Until: now.Add(time.Minute)},
	}
	w.ok(w.Create(ctx(t), c, event(c, "")))
	w.calls("TransactWriteItems")

	got, err := w.Find(ctx(t), org, c.ID)
	w.ok(err)
	w.calls("BatchGetItem")
	if diff := cmp.Diff(c, got); diff != "" {
		t.Error(diff)
	}
}

func TestFindAnswersNotFoundForWhateverIsNoCloud(t *testing.T) {
	w := newWorld(t)
	w.organization("org-b")
	c := w.draft("mine")
	for name, id := range map[string][2]string{
		"unknown":                   {org, "nope"},
		"empty":                     {org, ""},
		"another organization's":    {"org-b", c.ID},
		"a path":                    {org, "../../" + c.ID},
		"a key":                     {org + "#CLOUD#" + c.ID, "x"},
		"control characters":        {org, "a\x00b\n"},
		"longer than a key can be":  {org, strings.Repeat("x", 5000)},
		"a partition that long":     {strings.Repeat("#", 5000), c.ID},
		"the organization's prefix": {"", "ORGANIZATION"},
	} {
		_, err := w.Find(ctx(t), id[0], id[1])
		if cloud.CodeOf(err) != cloud.NotFound {
			t.Errorf("%s: got %v, want NotFound", name, err)
		}
	}
}

func TestCreateRefusesATakenNameInWhateverCase(t *testing.T) {
	w := newWorld(t)
	w.draft("Straße Ωmega")
	again := newDraft("STRASSE ωMEGA")
	again.DisplayName = "sTRAßE ωMEGA"
	w.db.Calls()
	err := w.Create(ctx(t), again, event(again, ""))
	w.code(err, cloud.AlreadyExists)
	w.calls("TransactWriteItems")
	if !strings.Contains(cloud.MessageOf(err), "already exists") {
		t.Errorf("clients look for %q in %q", "already exists", cloud.MessageOf(err))
	}
	if _, err := w.Find(ctx(t), org, again.ID); cloud.CodeOf(err) != cloud.NotFound {
		t.Error("a refused cloud was written:", err)
	}
	if n := w.clouds(); n != 1 {
		t.Errorf("the organization counts %d clouds, want 1", n)
	}
	history, _, err := w.History(ctx(t), org, again.ID, 10, "")
	w.ok(err)
	if len(history) != 0 {
		t.Error("a refused write left an event")
	}
}

func TestCreateLetsAnotherOrganizationHaveTheName(t *testing.T) {
	w := newWorld(t)
	w.organization("org-b")
	w.draft("data")
	other := newDraft("data")
	other.OrganizationID = "org-b"
	w.ok(w.Create(ctx(t), other, event(other, "")))
}

func TestCreateRefusesAnIDThatIsThere(t *testing.T) {
	w := newWorld(t)
	c := w.draft("one")
	c.DisplayName = "two"
	w.code(w.Create(ctx(t), c, event(c, "")), cloud.AlreadyExists)
	if got := w.find(c.ID); got.DisplayName != "one" {
		t.Error("the first was overwritten:", got.DisplayName)
	}
}

func TestCreateNeedsAnOrganization(t *testing.T) {
	w := newWorld(t)
	c := newDraft("lost")
	c.OrganizationID = "no-such"
	w.code(w.Create(ctx(t), c, event(c, "")), cloud.NotFound)
}

func TestCreateStopsAtTheLimitAndGoesOnAfterADeletion(t *testing.T) {
	w := newWorld(t)
	first := w.draft("first")
	_, err := w.db.Client.UpdateItem(ctx(t), &dynamodb.UpdateItemInput{
		TableName: &w.db.Table,
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "ORG#" + org},
			"sk": &types.AttributeValueMemberS{Value: "ORGANIZATION"},
		},
		UpdateExpression:          aws.String("SET clouds = :n"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "998"}},
	})
	w.ok(err)
	w.draft("the 999th")
	c := newDraft("one too many")
	w.code(w.Create(ctx(t), c, event(c, "")), cloud.Conflict)
	w.ok(w.Remove(ctx(t), first, removal(first)))
	w.ok(w.Create(ctx(t), c, event(c, "")))
	if n := w.clouds(); n != cloud.MaxClouds {
		t.Errorf("counted %d", n)
	}
}

func TestRemoveFreesTheNameAndKeepsTheHistory(t *testing.T) {
	w := newWorld(t)
	c := w.draft("Mine")
	w.db.Calls()
	w.ok(w.Remove(ctx(t), c, removal(c)))
	w.calls("TransactWriteItems")
	_, err := w.Find(ctx(t), org, c.ID)
	w.code(err, cloud.NotFound)
	if n := w.clouds(); n != 0 {
		t.Errorf("the organization counts %d clouds, want 0", n)
	}
	w.code(w.Remove(ctx(t), c, removal(c)), cloud.Stale)
	w.draft("MINE")
	history, _, err := w.History(ctx(t), org, c.ID, 10, "")
	w.ok(err)
	if len(history) != 2 || history[0].Event.To != cloud.Deleted || history[1].Event.To != cloud.Draft {
		t.Errorf("history: %+v", history)
	}
}

func TestRemoveTakesOnlyTheDraftThatWasRead(t *testing.T) {
	w := newWorld(t)
	draft := w.draft("mine")
	edited := draft
	edited.Region = "eu-north-1"
	edited, err := w.Save(ctx(t), draft, edited, nil)
	w.ok(err)
	w.code(w.Remove(ctx(t), draft, removal(draft)), cloud.Stale)

	provisioned := w.to(edited, cloud.Validating)
	w.code(w.Remove(ctx(t), provisioned, removal(provisioned)), cloud.Stale)
	if n := w.clouds(); n != 1 {
		t.Errorf("the organization counts %d clouds, want 1", n)
	}
}

func TestADeletedCloudAnswersThirtyDaysAndFreesItsNameAtOnce(t *testing.T) {
	w := newWorld(t)
	c := w.to(w.to(w.creating("Mine"), cloud.Deleting), cloud.Deleted)

	w.db.Calls()
	got, err := w.Find(ctx(t), org, c.ID)
	w.ok(err)
	w.calls("BatchGetItem")
	if got.State != cloud.Deleted || got.Version != c.Version {
		t.Errorf("found %s, version %d", got.State, got.Version)
	}
	rows, _, err := w.List(ctx(t), org, cloud.Page{Limit: 10})
	w.ok(err)
	if len(rows) != 0 {
		t.Error("a deleted cloud is listed")
	}
	if n := w.clouds(); n != 0 {
		t.Errorf("the organization counts %d clouds, want 0", n)
	}
	w.draft("mine")

	w.Now = func() time.Time { return c.UpdatedAt.Add(30*24*time.Hour - time.Second) }
	w.find(c.ID)
	w.Now = func() time.Time { return c.UpdatedAt.Add(30 * 24 * time.Hour) }
	_, err = w.Find(ctx(t), org, c.ID)
	w.code(err, cloud.NotFound)
}

// One character may fold to eighteen, three bytes each.
func TestANameThatGrowsWhenItIsFoldedIsTakenAndKnownAgain(t *testing.T) {
	w := newWorld(t)
	name := strings.Repeat("\ufdfa", cloud.MaxDisplayName)
	w.draft(name)
	again := newDraft(name)
	if err := w.Create(ctx(t), again, event(again, "")); cloud.CodeOf(err) != cloud.AlreadyExists {
		t.Errorf("got %v, want AlreadyExists", err)
	}
}
