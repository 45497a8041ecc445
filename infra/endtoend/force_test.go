package endtoend

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/customer"
	"byoc/infra/local/inventory"
)

// The customer's role is gone for good: the deletion says what is left, and the
// commands that it prints do remove it, as they stand, in their order. Then the
// cloud is closed by force.
func TestADeletionWithoutTheRoleIsFinishedByThePrintedCommands(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("aws"); err != nil {
		lacks(t, "the AWS CLI is not on the PATH, so that the printed commands DID NOT RUN")
	}
	w := newWorld(t)
	c := w.active(map[string]any{"nat_gateways": "single"})
	if err := w.account.DeleteCloudFormation(w.ctx, c.UniqueName); err != nil {
		t.Fatal(err)
	}
	if c = w.delete(c); c.State != "deletion_failed" {
		t.Fatalf("%s: %v", c.State, c.Errors)
	}
	if len(c.Errors) == 0 || !strings.Contains(c.Errors[0].Message, "the role does not exist") {
		t.Errorf("errors %v", c.Errors)
	}
	// The VPC, 6 subnets, internet gateway, NAT gateway, address, 2 groups, 4 tables.
	if n := len(c.Provisioning.Leftovers); n != 16 {
		t.Errorf("%d resources are listed: %+v", n, c.Provisioning.Leftovers)
	}
	w.wantMails(c, "deletion failed")
	if diff := inventory.Diff(w.before, w.inventory()); len(diff) == 0 {
		t.Error("the account is empty already: the test shows nothing")
	}

	w.runs(c)
	w.wantEmpty()

	forced := must[customer.Cloud](w)(w.api.Force(w.ctx, c.ID))
	if forced.State != "deleting" {
		t.Errorf("forced: %s", forced.State)
	}
	c = must[customer.Cloud](w)(w.api.Wait(w.ctx, c.ID, nil, "deleted", "deletion_failed"))
	// Nobody can look into the account any more: what is on record stays listed.
	if c.State != "deleted" || len(c.Provisioning.Leftovers) != 16 {
		t.Errorf("%s with %d leftovers: %v", c.State, len(c.Provisioning.Leftovers), c.Errors)
	}
	w.wantMails(c, "deleted, resources are left")
	// Deleting what is deleted is no error, forced or not.
	if again := must[customer.Cloud](w)(w.api.Force(w.ctx, c.ID)); again.State != "deleted" {
		t.Errorf("again: %s", again.State)
	}
	var history struct {
		Events []struct {
			To        string `json:"to_state"`
			Leftovers []struct {
				ID      string `json:"id"`
				Command string `json:"command"`
			} `json:"leftovers"`
		} `json:"events"`
	}
	w.reads(w.api.Clouds(c.ID, "events"), &history)
	if e := history.Events[0]; e.To != "deleted" || len(e.Leftovers) != 16 || e.Leftovers[0].Command == "" {
		t.Errorf("the last event: %+v", e)
	}
}

// One of several rights that are missing holds the others up: all of them are
// named by the first deletion that fails, and with them back the next one ends.
func TestADeniedDeletionNamesAllThatIsDenied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mayBeDenied.Store(w.account.ID, true)
	c := w.active(map[string]any{"nat_gateways": "single"})
	w.boundary(c, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"*","Resource":"*"},
		{"Effect":"Deny","Action":["ec2:DeleteNatGateway","ec2:DetachInternetGateway","ec2:DeleteVpc"],"Resource":"*"}]}`)
	if c = w.delete(c); c.State != "deletion_failed" || len(c.Errors) == 0 {
		t.Fatalf("%s: %v", c.State, c.Errors)
	}
	for _, action := range []string{"ec2:DeleteNatGateway", "ec2:DetachInternetGateway", "ec2:DeleteVpc"} {
		if !strings.Contains(c.Errors[0].Message, action+": the role's permissions boundary denies it") {
			t.Errorf("%s is not named: %v", action, c.Errors)
		}
	}
	if _, err := w.account.IAM().DeleteRolePermissionsBoundary(w.ctx, &iam.DeleteRolePermissionsBoundaryInput{
		RoleName: aws.String(c.UniqueName + "-iam-role"),
	}); err != nil {
		t.Fatal(err)
	}
	if c = w.delete(c); c.State != "deleted" || len(c.Provisioning.Leftovers) != 0 {
		t.Errorf("%s: %v", c.State, c.Errors)
	}
	w.wantEmpty()
}

// runs the printed commands as a person would paste them, in the simulated account.
func (w *world) runs(c customer.Cloud) {
	w.Helper()
	lines := []string{"set -e"}
	for _, l := range c.Provisioning.Leftovers {
		lines = append(lines, l.Command)
	}
	shell := exec.CommandContext(w.ctx, "sh", "-c", strings.Join(lines, "\n"))
	shell.Env = append(append(os.Environ(), w.account.Environment()...), "AWS_PAGER=", "AWS_MAX_ATTEMPTS=5")
	if out, err := shell.CombinedOutput(); err != nil {
		w.Fatalf("%v\n%s\nof\n%s", err, out, strings.Join(lines, "\n"))
	}
}

// reads an answer of the API.
func (w *world) reads(path string, out any) {
	w.Helper()
	a := must[customer.Answer](w)(w.api.Call(w.ctx, http.MethodGet, path, nil))
	if a.Status != http.StatusOK {
		w.Fatalf("%s: %d %s", path, a.Status, a.Body)
	}
	w.decodes(a.Body, out)
}

func (w *world) decodes(body []byte, out any) {
	w.Helper()
	if err := json.Unmarshal(body, out); err != nil {
		w.Fatalf("%v in %s", err, body)
	}
}
