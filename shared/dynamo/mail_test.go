package dynamo_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
)

func TestAMailIsClaimedBySomeoneOnceAndSentOnce(t *testing.T) {
	w := newWorld(t)
	claim := func(email string, at time.Time) (bool, cloud.Code) {
		t.Helper()
		ok, err := w.ClaimMail(ctx(t), "event-1", email, at)
		return ok, cloud.CodeOf(err)
	}
	want := func(email string, at time.Time, claimed bool, code cloud.Code) {
		t.Helper()
		if ok, c := claim(email, at); ok != claimed || c != code {
			t.Errorf("got %v %q, want %v %q", ok, c, claimed, code)
		}
	}
	want("a@example.com", now, true, "")
	w.calls("UpdateItem")
	want("b@example.com", now, true, "")

	// Another delivery comes back later: the first one may have been killed.
	want("A@Example.com", now.Add(dynamo.MailVisibility-time.Nanosecond), false, cloud.Unavailable)
	want("a@example.com", now.Add(dynamo.MailVisibility), true, "")

	w.ok(w.RecordMailSent(ctx(t), "event-1", "a@example.com", "message-1", now))
	want("a@example.com", now.Add(24*time.Hour), false, "")
	w.ok(w.ReleaseMail(ctx(t), "event-1", "a@example.com")) // too late
	want("a@example.com", now.Add(24*time.Hour), false, "")

	w.ok(w.ReleaseMail(ctx(t), "event-1", "b@example.com"))
	want("b@example.com", now, true, "")
}

// A queue keeps a message 14 days, its dead letters as long again: forgotten
// before, a mail would be sent twice.
func TestASentMailIsRememberedAsLongAsItsEventMayComeAgain(t *testing.T) {
	w := newWorld(t)
	if _, err := w.ClaimMail(ctx(t), "event-1", "a@example.com", now); err != nil {
		t.Fatal(err)
	}
	out, err := w.db.Client.Scan(ctx(t), &dynamodb.ScanInput{TableName: &w.db.Table})
	w.ok(err)
	remembered := 0
	for _, item := range out.Items {
		if pk := item[dynamo.PartitionKey].(*types.AttributeValueMemberS); !strings.HasPrefix(pk.Value, "MAIL#") {
			continue
		}
		remembered++
		expires, ok := item[dynamo.TTLAttribute].(*types.AttributeValueMemberN)
		if !ok || expires.Value < fmt.Sprint(now.Add(28*24*time.Hour).Unix()) {
			t.Errorf("forgotten at %v", item[dynamo.TTLAttribute])
		}
	}
	if remembered != 1 {
		t.Errorf("%d mails on record", remembered)
	}
}

func TestAClaimWhoseAnswerIsLostIsTheClaimants(t *testing.T) {
	w := newWorld(t)
	w.db.LoseAnswers(1)
	claimed, err := w.ClaimMail(ctx(t), "event-1", "a@example.com", now)
	w.ok(err)
	w.calls("UpdateItem UpdateItem")
	if !claimed {
		t.Error("nobody would send this mail")
	}
}

func TestOnlyAClaimedMailIsRecordedOrReleased(t *testing.T) {
	w := newWorld(t)
	w.code(w.RecordMailSent(ctx(t), "event-1", "a@example.com", "message-1", now), cloud.NotFound)
	w.ok(w.ReleaseMail(ctx(t), "event-1", "a@example.com"))
	if ok, err := w.ClaimMail(ctx(t), "event-1", "a@example.com", now); !ok || err != nil {
		t.Error("got", ok, err)
	}
}
