package run_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/network"
	"byoc/shared/run"
	"byoc/shared/task"
)

// addressesOnly shows an account's addresses and denies all else.
func addressesOnly(action string) (status int, body string, err error) {
	if action != "DescribeAddresses" {
		return http.StatusForbidden, "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>", nil
	}
	const tags = "<tagSet><item><key>" + network.TagCloud + "</key><value>c</value></item></tagSet>"
	return http.StatusOK, "<DescribeAddressesResponse><addressesSet><item><allocationId>eipalloc-unrecorded</allocationId>" + tags +
		"</item><item><allocationId>eipalloc-recorded</allocationId>" + tags + "</item></addressesSet></DescribeAddressesResponse>", nil
}

// told keeps what is left.
type told struct {
	zoned
	left []cloud.Leftover
}

func (s *told) RecordLeftovers(_ context.Context, _ cloud.Ref, _ cloud.Fence, list []cloud.Leftover) error {
	s.left = list
	return nil
}

// A create call whose answer was lost is on nobody's record: where it can be
// seen, the customer is told of it, and of all that is on record.
func TestWhatIsSeenIsToldBesideWhatIsOnRecord(t *testing.T) {
	recorded := map[string]cloud.Step{
		"vpc":              {Key: "vpc", State: cloud.StepReady, ResourceID: "vpc-1"},
		"address/euw1-az1": {Key: "address/euw1-az1", State: cloud.StepReady, ResourceID: "eipalloc-recorded"},
	}
	s := &told{zoned: zoned{leased{table: table{cloud: cloud.Cloud{
		ID: "c", OrganizationID: "o", State: cloud.Creating, Attempt: 1, Region: "eu-west-1", CIDR: "10.4.0.0/20",
		Network: cloud.Network{CreateCalled: true, Failure: "Why it was rolled back.", Steps: recorded},
	}}}}}
	n := &run.Networker{Store: s, Accounts: answering{answer: addressesOnly}, Records: s, Journal: s.journal, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	in := run.NetworkTask{Input: task.Input{Ref: cloud.Ref{OrganizationID: "o", CloudID: "c", Attempt: 1}}, Operation: run.Rollback}
	if _, err := n.Handle(ctx, in, "me"); cloud.CodeOf(err) != cloud.Denied {
		t.Fatalf("answered %v", err)
	}
	var ids []string
	for _, l := range s.left {
		ids = append(ids, l.ID)
	}
	if slices.Sort(ids); !slices.Equal(ids, []string{"eipalloc-recorded", "eipalloc-unrecorded", "vpc-1"}) {
		t.Errorf("told of %v", ids)
	}
}
