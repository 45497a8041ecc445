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
func (w *world) held(operation string) (undo func()) {
	return system.Faults.Inject(faults.Rule{
		Service: "ec2", Operation: operation, Account: w.account.ID, Times: faults.Forever, Fault: faults.Throttle(),
	})
}

// A run that nobody lets end is found by the watch: what was being made is rolled
// back, what was being removed is removed.
func TestRunsThatWereAbortedAreBroughtToTheirEnd(t *testing.T) {
	t.Parallel()
	making, removing := newWorld(t), newWorld(t)
	gone := removing.active(map[string]any{"nat_gateways": "single"})

	undo := making.held("CreateNatGateway")
	made := making.draft(map[string]any{"display_name": "Aborted while it is made"})
	must[customer.Cloud](making)(making.api.Provision(making.ctx, made.ID, making.role(made, nil)))
	made = must[customer.Cloud](making)(making.api.Wait(making.ctx, made.ID, nil, "creating", "creation_failed"))
	making.abort(made, cloud.OperationProvision, "ProvisionMachineArn")
	undo()

	undo = removing.held("DeleteNatGateway")
	gone = must[customer.Cloud](removing)(removing.api.Delete(removing.ctx, gone.ID))
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
