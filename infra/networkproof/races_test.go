package networkproof

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"byoc/infra/customer"
	"byoc/infra/local/awscall"
	"byoc/infra/local/faults"
	"byoc/infra/sandbox"
	"byoc/shared/cloud"
)

// bench is a lab whose errors end the test.
type bench struct {
	*testing.T
	*lab
	ctx context.Context
}

func newBench(t *testing.T) *bench {
	t.Helper()
	if testing.Short() {
		t.Skip("brings the whole system up")
	}
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Minute)
	t.Cleanup(cancel)
	b := &bench{T: t, ctx: ctx}
	var err error
	b.lab, err = newLab(ctx, shared(t), newAccount())
	b.must(err)
	return b
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// until waits for something that the record of the cloud shows.
func (b *bench) until(what string, shows func(cloud.Cloud) bool) cloud.Cloud {
	b.Helper()
	for {
		c, err := b.record(b.ctx)
		b.must(err)
		if shows(c) {
			return c
		}
		select {
		case <-b.ctx.Done():
			b.Fatalf("never seen: %s", what)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// half is when a provision has made something and waits for more.
func half(c cloud.Cloud) bool {
	return c.State == cloud.Creating && len(c.Network.Steps) > 20
}

// become waits for a state that no run works in, and holds the account
// against what it was.
func (b *bench) become(want cloud.State) cloud.Cloud {
	b.Helper()
	c, err := b.in(b.ctx, want)
	b.must(err)
	if want == cloud.Active {
		b.must(b.exactlyOne(b.ctx, theShape(b)))
	} else {
		b.must(b.empty(b.ctx))
	}
	return c
}

var reference struct {
	sync.Mutex
	shape []string
}

// theShape of a network that was made alone and without faults.
func theShape(b *bench) []string {
	b.Helper()
	reference.Lock()
	defer reference.Unlock()
	if reference.shape == nil {
		l, err := newLab(b.ctx, b.s, newAccount())
		b.must(err)
		_, err = l.active(b.ctx)
		b.must(err)
		reference.shape, err = l.shapeNow(b.ctx)
		b.must(err)
		b.must(l.gone(b.ctx))
	}
	return reference.shape
}

func (b *bench) steps() *sfn.Client {
	return sfn.NewFromConfig(b.api.Account(sandbox.Account).Config())
}

func (b *bench) executionARN(name string) *string {
	machine := b.s.Outputs["ProvisionMachineArn"]
	if !strings.Contains(name, string(cloud.OperationProvision)) {
		machine = b.s.Outputs["DeprovisionMachineArn"]
	}
	return aws.String(strings.Replace(machine, ":stateMachine:", ":execution:", 1) + ":" + name)
}

// ended waits for the end of an execution.
func (b *bench) ended(name string) types.ExecutionStatus {
	b.Helper()
	for {
		out, err := b.steps().DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: b.executionARN(name)})
		b.must(err)
		if out.Status != types.ExecutionStatusRunning {
			return out.Status
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func status(err error) int {
	var p customer.Problem
	errors.As(err, &p)
	return p.Status
}

func TestDeleteWhileCreating(t *testing.T) {
	b := newBench(t)
	b.must(b.provision(b.ctx))
	run, err := b.execution(b.ctx)
	b.must(err)
	b.until("a network half made", half)
	b.must(b.delete(b.ctx))
	b.become(cloud.Deleted)
	if s := b.ended(run); s != types.ExecutionStatusSucceeded {
		t.Errorf("the run that lost its cloud ended as %s; it should end quietly", s)
	}
}

func TestDeleteWhileValidating(t *testing.T) {
	b := newBench(t)
	b.must(b.provision(b.ctx))
	b.must(b.delete(b.ctx))
	b.become(cloud.Deleted)
}

func TestProvisionWhileDeleting(t *testing.T) {
	b := newBench(t)
	_, err := b.active(b.ctx)
	b.must(err)
	b.must(b.delete(b.ctx))
	if err := b.provision(b.ctx); status(err) != http.StatusConflict {
		t.Errorf("provisioning what is being deleted: got %v, want 409", err)
	}
	b.become(cloud.Deleted)
	if err := b.provision(b.ctx); status(err) != http.StatusConflict && status(err) != http.StatusNotFound {
		t.Errorf("provisioning what is deleted: got %v, want 404 or 409", err)
	}
	b.must(b.empty(b.ctx))
}

func TestTwoProvisionsAtOnce(t *testing.T) {
	b := newBench(t)
	errs := make([]error, 4)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = b.provision(b.ctx) })
	}
	all.Wait()
	b.must(errors.Join(errs...))
	c := b.become(cloud.Active)
	if c.Attempt != 1 {
		t.Errorf("%d provisions at once made %d attempts, want 1", len(errs), c.Attempt)
	}
	if err := b.provision(b.ctx); status(err) != http.StatusConflict {
		t.Errorf("provisioning what is active: got %v, want 409", err)
	}
	b.must(b.gone(b.ctx))
}

// denied makes AWS refuse the cloud's calls of an operation until undo.
func (b *bench) denied(operation string) (undo func()) {
	return b.s.Faults.Inject(faults.Rule{
		Service: "ec2", Operation: operation, Account: b.account.ID, Times: faults.Forever, Fault: faults.Deny(),
		Match: func(on *awscall.Call) bool { return !on.IsDryRun() },
	})
}

func TestRetryAfterAFailureThatLeftThings(t *testing.T) {
	b := newBench(t)
	allowCreate, allowRelease := b.denied("CreateNatGateway"), b.denied("ReleaseAddress")
	b.must(b.provision(b.ctx))
	c, err := b.in(b.ctx, cloud.CreationFailed)
	b.must(err)
	if len(c.Network.Leftovers) != 3 {
		t.Errorf("told of %d leftovers, want the three addresses that may not be released: %v", len(c.Network.Leftovers), c.Network.Leftovers)
	}
	b.must(b.toldOf(b.ctx, c))
	allowCreate()
	allowRelease()
	b.must(b.provision(b.ctx))
	c = b.become(cloud.Active)
	if len(c.Network.Leftovers) > 0 {
		t.Errorf("an active cloud still tells of leftovers: %v", c.Network.Leftovers)
	}
	b.must(b.gone(b.ctx))
}

func TestRetryAfterAFailureThatLeftNothing(t *testing.T) {
	b := newBench(t)
	allow := b.denied("CreateNatGateway")
	b.must(b.provision(b.ctx))
	c := b.become(cloud.CreationFailed)
	if len(c.Errors) == 0 || !strings.Contains(c.Errors[0], "ec2:CreateNatGateway") {
		t.Errorf("the customer reads %q, which does not name what was denied", c.Errors)
	}
	allow()
	b.must(b.provision(b.ctx))
	b.become(cloud.Active)
	b.must(b.gone(b.ctx))
}
