package endtoend

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"byoc/infra/customer"
	"byoc/infra/local/faults"
	"byoc/infra/sandbox"
	"byoc/shared/cloud"
)

// abort stops the run that works on a cloud, as somebody in the console can.
func (w *world) abort(c customer.Cloud, operation cloud.Operation, machine string) {
	w.Helper()
	run := cloud.Run{Ref: cloud.Ref{CloudID: c.ID, Attempt: c.Provisioning.Attempt}, Operation: operation}
	arn := strings.Replace(system.Outputs[machine], ":stateMachine:", ":execution:", 1) + ":" + run.Name()
	client := sfn.NewFromConfig(w.api.Account(sandbox.Account).Config())
	must[*sfn.StopExecutionOutput](w)(client.StopExecution(w.ctx, &sfn.StopExecutionInput{ExecutionArn: &arn, Cause: aws.String("by hand")}))
}

// held keeps a run from its end: AWS throttles one of its calls until undo.
// reached waits until the run has come there.
func (w *world) held(operation string) (reached, undo func()) {
	w.Helper()
	came := make(chan struct{}, 1)
	undo = system.Faults.Inject(faults.Rule{
		Service: "ec2", Operation: operation, Account: w.account.ID, Times: faults.Forever, Fault: faults.Throttle(),
		Fired: func(faults.Firing) {
			select {
			case came <- struct{}{}:
			default:
			}
		},
	})
	return func() {
		w.Helper()
		select {
		case <-came:
		case <-w.ctx.Done():
			w.Fatalf("the run never came to %s", operation)
		}
	}, undo
}

// A run that nobody lets end is found by the watch: what was being made is rolled
// back, what was being removed is removed.
func TestRunsThatWereAbortedAreBroughtToTheirEnd(t *testing.T) {
	t.Parallel()
	making, removing := newWorld(t), newWorld(t)
	gone := removing.active(map[string]any{"nat_gateways": "single"})

	// Not earlier: of a run that is stopped while a function's input is put
	// together, the emulator still invokes the function, with half of it.
	reached, undo := making.held("CreateNatGateway")
	made := making.draft(map[string]any{"display_name": "Aborted while it is made"})
	must[customer.Cloud](making)(making.api.Provision(making.ctx, made.ID, making.role(made, nil)))
	made = must[customer.Cloud](making)(making.api.Wait(making.ctx, made.ID, nil, "creating", "creation_failed"))
	reached()
	making.abort(made, cloud.OperationProvision, "ProvisionMachineArn")
	undo()

	reached, undo = removing.held("DeleteNatGateway")
	gone = must[customer.Cloud](removing)(removing.api.Delete(removing.ctx, gone.ID))
	reached()
	removing.abort(gone, cloud.OperationDelete, "DeprovisionMachineArn")
	undo()

	made = making.watched(made, "creation_failed")
	if len(made.Errors) == 0 {
		t.Error("nobody is told why")
	}
	making.wantEmpty()
	removing.watched(gone, "deleted")
	removing.wantEmpty()
}
