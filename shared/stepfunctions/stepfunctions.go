// Package stepfunctions starts runs as Step Functions executions and tells how
// they stand.
package stepfunctions

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"byoc/shared/cloud"
	"byoc/shared/watch"
)

// API is what is used of the Step Functions client.
type API interface {
	StartExecution(ctx context.Context, in *sfn.StartExecutionInput, opts ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
	DescribeExecution(ctx context.Context, in *sfn.DescribeExecutionInput, opts ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

var _ API = (*sfn.Client)(nil)

// Machines are the two state machines.
type Machines struct {
	client      API
	provision   string
	deprovision string
}

// New takes the state machines' ARNs.
func New(client API, provisionARN, deprovisionARN string) *Machines {
	return &Machines{client: client, provision: provisionARN, deprovision: deprovisionARN}
}

var _ watch.Runs = (*Machines)(nil)

// Start starts an execution named after the run. Its input is the run's ref
// and nothing else, so that a repeated start of a running execution answers
// the same one; a name that ended already answers ExecutionAlreadyExists, and
// counts as started.
func (m *Machines) Start(ctx context.Context, run cloud.Run) error {
	input, err := json.Marshal(run.Ref)
	if err != nil {
		return cloud.Wrap(err, cloud.Internal, "encoding the input of execution %s", run.Name())
	}
	_, err = m.client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(m.machine(run.Operation)),
		Name:            aws.String(run.Name()),
		Input:           aws.String(string(input)),
	})
	var exists *types.ExecutionAlreadyExists
	if errors.As(err, &exists) {
		return nil
	}
	if err != nil {
		return cloud.Wrap(err, cloud.Unavailable, "The run could not be started yet; it will be started within minutes.")
	}
	return nil
}

// Status tells how a run stands.
func (m *Machines) Status(ctx context.Context, run cloud.Run) (watch.RunStatus, error) {
	out, err := m.client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{
		ExecutionArn: aws.String(m.executionARN(run)),
	})
	var missing *types.ExecutionDoesNotExist
	if errors.As(err, &missing) {
		return watch.RunAbsent, nil
	}
	if err != nil {
		return "", cloud.Wrap(err, cloud.Unavailable, "describing execution %s", run.Name())
	}
	if out.Status == types.ExecutionStatusRunning || out.Status == types.ExecutionStatusPendingRedrive {
		return watch.RunRunning, nil
	}
	return watch.RunEnded, nil
}

func (m *Machines) machine(op cloud.Operation) string {
	if op == cloud.OperationProvision || op == cloud.OperationRepair {
		return m.provision
	}
	return m.deprovision
}

func (m *Machines) executionARN(run cloud.Run) string {
	return strings.Replace(m.machine(run.Operation), ":stateMachine:", ":execution:", 1) + ":" + run.Name()
}
