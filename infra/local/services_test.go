package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"byoc/infra/local"
	"byoc/infra/local/awscall"
)

// behaviours show that what wraps the server sees the caller, and can lose
// an answer.
var behaviours = []awscall.Behaviour{func(next awscall.Handler) awscall.Handler {
	return func(ctx context.Context, call *awscall.Call) *awscall.Response {
		if call.Operation == "GetItem" && call.JSON["TableName"] == "lost" {
			return nil
		}
		if call.Operation == "GetItem" && call.JSON["TableName"] == "denied" && call.Caller.Account == vendor {
			return awscall.ErrorResponse(call, http.StatusBadRequest, "AccessDeniedException", "no")
		}
		return next(ctx, call)
	}
}}

func getItem(table string) error {
	_, err := dynamodb.NewFromConfig(config(vendor)).GetItem(context.Background(), &dynamodb.GetItemInput{
		TableName: aws.String(table), Key: map[string]dynamotypes.AttributeValue{"pk": text("x")},
	})
	return err
}

func text(s string) dynamotypes.AttributeValue { return &dynamotypes.AttributeValueMemberS{Value: s} }

func TestBehavioursAndRecord(t *testing.T) {
	before := len(shared.Calls())
	if err := getItem("lost"); err == nil || code(err) != "" {
		t.Errorf("lost answer: %v", err)
	}
	if err := getItem("denied"); code(err) != "AccessDeniedException" {
		t.Errorf("denied call: %v", err)
	}
	if err := getItem("items"); err != nil {
		t.Error(err)
	}
	var statuses []int
	for _, call := range shared.Calls()[before:] {
		if call.Service == "dynamodb" && call.Operation == "GetItem" {
			statuses = append(statuses, call.Status)
		}
	}
	if fmt.Sprint(statuses) != "[0 400 200]" {
		t.Errorf("statuses on record %v", statuses)
	}
	var denied []local.Call
	get(t, shared.URL()+"/_local/denied?since="+fmt.Sprint(before), &denied)
	if len(denied) != 1 || denied[0].Principal != "arn:aws:iam::"+vendor+":root" || denied[0].ErrorCode != "AccessDeniedException" {
		t.Errorf("denied calls %+v", denied)
	}
}

func get(t *testing.T, url string, into any) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func TestDynamoDBKeepsConcurrentWrites(t *testing.T) {
	client := dynamodb.NewFromConfig(config(vendor))
	const writers = 40
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			item := map[string]dynamotypes.AttributeValue{"pk": text(fmt.Sprint("w", i))}
			_, err := client.TransactWriteItems(context.Background(), &dynamodb.TransactWriteItemsInput{TransactItems: []dynamotypes.TransactWriteItem{
				{Put: &dynamotypes.Put{TableName: aws.String("items"), Item: item}},
				{ConditionCheck: &dynamotypes.ConditionCheck{
					TableName: aws.String("items"), ConditionExpression: aws.String("attribute_not_exists(pk) OR pk = pk"),
					Key: map[string]dynamotypes.AttributeValue{"pk": text("guard")},
				}},
			}})
			if err != nil {
				_, err = client.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("items"), Item: item})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	out, err := client.Scan(context.Background(), &dynamodb.ScanInput{TableName: aws.String("items")})
	if err != nil || out.Count != writers {
		t.Errorf("%d items of %d, %v", out.Count, writers, err)
	}
}

func send(t *testing.T, body string) {
	t.Helper()
	_, err := sqs.NewFromConfig(config(vendor)).SendMessage(context.Background(), &sqs.SendMessageInput{
		QueueUrl: aws.String(shared.URL() + "/" + vendor + "/queue"), MessageBody: aws.String(body),
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestQueueFeedsFunctionAndDeadLettersWhatFails(t *testing.T) {
	send(t, "good-1")
	send(t, "bad-1")
	send(t, "good-2")
	arn := "arn:aws:sqs:" + region + ":" + vendor + ":queue"
	logged(t, "worker", "took good-1 aws:sqs "+arn+" 1")
	logged(t, "worker", "took good-2 aws:sqs "+arn)
	client := sqs.NewFromConfig(config(vendor))
	var dead []string
	eventually(t, func() (string, bool) {
		out, err := client.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(shared.URL() + "/" + vendor + "/dead"), MaxNumberOfMessages: 10,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range out.Messages {
			dead = append(dead, aws.ToString(message.Body))
		}
		return fmt.Sprint(dead), len(dead) > 0
	})
	if fmt.Sprint(dead) != "[bad-1]" {
		t.Errorf("dead letters %v", dead)
	}
}

func TestEventReachesFunctionByRuleAndQueue(t *testing.T) {
	out, err := eventbridge.NewFromConfig(config(vendor)).PutEvents(context.Background(), &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{
		{EventBusName: aws.String("bus"), Source: aws.String("test"), DetailType: aws.String("published"), Detail: aws.String(`{"id":"event-7"}`)},
		{EventBusName: aws.String("bus"), Source: aws.String("test"), DetailType: aws.String("ignored"), Detail: aws.String(`{"id":"event-8"}`)},
	}})
	if err != nil || out.FailedEntryCount != 0 {
		t.Fatal(err, out)
	}
	logged(t, "worker", `"detail": {"id": "event-7"}`)
	content, err := os.ReadFile(filepath.Join(shared.LogDir(), "worker.log"))
	if err != nil || strings.Contains(string(content), "event-8") {
		t.Errorf("an event that the rule does not match was delivered (%v)", err)
	}
}

func TestSchedulesFire(t *testing.T) {
	if err := shared.FireSchedule("often"); err != nil {
		t.Fatal(err)
	}
	logged(t, "worker", "fired by arn:aws:scheduler:"+region+":"+vendor+":schedule/default/often")
	response, err := http.Post(shared.URL()+"/_local/schedules/fire?name=hourly", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	logged(t, "worker", `"detail-type":"Scheduled Event"`)
	if err := shared.FireSchedule("never"); err == nil {
		t.Error("an unknown schedule fired")
	}
}

func TestMailIsKept(t *testing.T) {
	client := sesv2.NewFromConfig(config(vendor))
	input := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("from@example.com"),
		Destination:      &sestypes.Destination{ToAddresses: []string{"to@example.com"}},
		Content: &sestypes.EmailContent{Simple: &sestypes.Message{
			Subject: &sestypes.Content{Data: aws.String("Grüße")},
			Body: &sestypes.Body{
				Text: &sestypes.Content{Data: aws.String("plain = text")}, Html: &sestypes.Content{Data: aws.String("<p>rich</p>")},
			},
		}},
	}
	out, err := client.SendEmail(context.Background(), input)
	if err != nil || aws.ToString(out.MessageId) == "" {
		t.Fatal(err)
	}
	raw := "From: a@example.com\r\nTo: raw@example.com\r\nSubject: raw\r\n\r\nbody"
	_, err = client.SendEmail(context.Background(), &sesv2.SendEmailInput{
		Content: &sestypes.EmailContent{Raw: &sestypes.RawMessage{Data: []byte(raw)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	mails, err := shared.Outbox()
	if err != nil || len(mails) != 2 {
		t.Fatalf("%v, outbox %+v", err, mails)
	}
	got := mails[0]
	if got.Subject != "Grüße" || got.Text != "plain = text" || got.HTML != "<p>rich</p>" || got.From != "from@example.com" || fmt.Sprint(got.To) != "[to@example.com]" {
		t.Errorf("mail %+v", got)
	}
	if mails[1].Subject != "raw" || mails[1].Text != "body" || fmt.Sprint(mails[1].To) != "[raw@example.com]" {
		t.Errorf("raw mail %+v", mails[1])
	}
	shared.FailMail(http.StatusTooManyRequests, "TooManyRequestsException", "slow down")
	defer shared.FailMail(0, "", "")
	if _, err := client.SendEmail(context.Background(), input); code(err) != "TooManyRequestsException" {
		t.Errorf("mail that must fail: %v", err)
	}
}

func TestS3AndIAMPassThrough(t *testing.T) {
	client := s3.NewFromConfig(config(vendor), pathStyle)
	if _, err := client.HeadObject(context.Background(), &s3.HeadObjectInput{Bucket: aws.String("assets"), Key: aws.String("function.zip")}); err != nil {
		t.Error(err)
	}
	_, err := iam.NewFromConfig(config(vendor)).GetRole(context.Background(), &iam.GetRoleInput{RoleName: aws.String("nobody")})
	if code(err) != "NoSuchEntity" {
		t.Errorf("unknown role: %v", err)
	}
}

// Whoever matches what a caller noted with what AWS saw has the request id only.
func TestTheRequestIDOnRecordIsTheAnswers(t *testing.T) {
	client := iam.NewFromConfig(config(vendor))
	before := len(shared.Calls())
	out, err := client.ListRoles(t.Context(), &iam.ListRolesInput{})
	if err != nil {
		t.Fatal(err)
	}
	taken, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
	_, err = client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("nobody")})
	var refused *awshttp.ResponseError
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	var recorded []string
	for _, call := range shared.Calls()[before:] {
		if call.Service == "iam" {
			recorded = append(recorded, call.RequestID)
		}
	}
	if told := []string{taken, refused.RequestID}; !slices.Equal(told, recorded) {
		t.Errorf("the caller was told %q, on record are %q", told, recorded)
	}
}
