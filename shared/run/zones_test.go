package run_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/network"
	"byoc/shared/run"
	"byoc/shared/task"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// answering answers EC2's calls by their action, in XML.
type answering struct {
	run.Accounts
	answer func(action string) (status int, body string, err error)
}

func (a answering) Open(context.Context, customeraccount.Request) (*customeraccount.Session, error) {
	return &customeraccount.Session{EC2: ec2.New(ec2.Options{
		Region: "eu-west-1", HTTPClient: &http.Client{Transport: a}, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	})}, nil
}

func (a answering) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	status, text, err := a.answer(form.Get("Action"))
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
}

// region offers zones, and answers nothing else.
type region struct {
	zones []string
	calls []string
}

func (r *region) answer(action string) (int, string, error) {
	if action != "DescribeAvailabilityZones" {
		return 0, "", fmt.Errorf("%s: connection lost", action)
	}
	r.calls = append(r.calls, action)
	var items strings.Builder
	for _, id := range r.zones {
		fmt.Fprintf(&items, "<item><zoneId>%s</zoneId><zoneName>of-%s</zoneName><zoneState>available</zoneState></item>", id, id)
	}
	return http.StatusOK, "<DescribeAvailabilityZonesResponse><availabilityZoneInfo>" + items.String() + "</availabilityZoneInfo></DescribeAvailabilityZonesResponse>", nil
}

// zoned is a table that has a network half made.
type zoned struct{ leased }

func (s *zoned) ReleaseLease(context.Context, cloud.Ref, string) error { return nil }

func (s *zoned) FixZones(_ context.Context, _ cloud.Ref, _ cloud.Fence, zones []cloud.Zone) error {
	s.cloud.Network.Zones = slices.Clone(zones)
	return nil
}

func (s *zoned) Record(context.Context, cloud.Step) error                   { return nil }
func (s *zoned) CreateCalled(context.Context) error                         { return nil }
func (s *zoned) Swept(context.Context, bool, time.Time) error               { return nil }
func (s *zoned) journal(cloud.Ref, cloud.Fence) network.Journal             { return s }
func (s *zoned) AppendCalls(context.Context, cloud.Ref, []cloud.Call) error { return nil }

// The zones that the first pass chose stay, in every later pass and attempt,
// whatever the region offers by then.
func TestZonesAreChosenOnce(t *testing.T) {
	s := &zoned{leased{table: table{cloud: cloud.Cloud{ID: "c", OrganizationID: "o", State: cloud.Creating, Attempt: 1, CIDR: "10.4.0.0/20"}}}}
	offered := &region{zones: []string{"euw1-az3", "euw1-az1", "euw1-az2"}}
	n := &run.Networker{Store: s, Accounts: answering{answer: offered.answer}, Records: s, Journal: s.journal, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for attempt := 1; attempt <= 2; attempt++ {
		s.cloud.Attempt = attempt
		in := run.NetworkTask{Input: task.Input{Ref: cloud.Ref{OrganizationID: "o", CloudID: "c", Attempt: attempt}}, Operation: run.Ensure}
		if _, err := n.Handle(ctx, in, "me"); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, z := range s.cloud.Network.Zones {
			ids = append(ids, z.ID)
		}
		if !slices.Equal(ids, []string{"euw1-az1", "euw1-az2", "euw1-az3"}) || len(offered.calls) != 1 {
			t.Errorf("attempt %d: zones %v after asking %d times, want those of the first pass", attempt, ids, len(offered.calls))
		}
		offered.zones = []string{"euw1-az4", "euw1-az5", "euw1-az6"}
	}
}
