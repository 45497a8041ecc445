package networkproof

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"byoc/infra/local/awscall"
	"byoc/infra/local/faults"
	"byoc/infra/sandbox"
	"byoc/shared/cloud"
)

// call is one call of a run: the Nth of its kind by its caller. What a run
// does at once comes in any order, so that a number of its own says nothing.
type call struct {
	who       caller
	service   string
	operation string
	dryRun    bool
	nth       int
}

// caller is on whose behalf a run makes a call.
type caller string

const (
	// customerRole: in the customer's account.
	customerRole caller = "customer's role"
	// accessRole: our role that assumes the customer's.
	accessRole caller = "access role"
	// network, validaterole and transition are the functions themselves.
	none caller = ""
)

func callerOf(roleARN string) caller {
	_, name, _ := strings.Cut(roleARN, ":role/")
	switch {
	case strings.HasPrefix(name, "cce-"):
		return customerRole
	case name == "byoc-customer-access":
		return accessRole
	}
	for _, f := range []caller{"network", "validaterole", "transition"} {
		if name == "byoc-"+string(f)+"-sandbox" {
			return f
		}
	}
	return none
}

// vendors says that the call is made in our own account.
func (c call) vendors() bool { return c.who != customerRole && c.service != "sts" }

func (c call) String() string {
	s := fmt.Sprintf("%s:%s #%d", c.service, c.operation, c.nth)
	if c.dryRun {
		s += " (dry run)"
	}
	if c.who != customerRole {
		s += " by " + string(c.who)
	}
	return s
}

// is says whether a call on its way is of c's kind and made by the run.
func (c call) is(on *awscall.Call, execution string) bool {
	if c.who == none || on.Service != c.service || on.Operation != c.operation || on.IsDryRun() != c.dryRun || callerOf(on.Caller.RoleARN) != c.who {
		return false
	}
	if c.who == customerRole || c.who == accessRole {
		return on.Caller.SessionName == execution
	}
	if on.Service == "sts" {
		return on.Query.Get("RoleSessionName") == execution
	}
	cloudID := execution[:len("8f14e45f-ceea-467f-a9c3-7d1f0b5f4a11")]
	return strings.Contains(string(on.Body), cloudID)
}

// recording is what runs without faults do.
type recording struct {
	provision, deletion []call
	// shape of the network that they make.
	shape []string
}

// seenAs is where in the inventory one sees what a call made or changed. What
// removes is seen by what is missing.
var seenAs = map[string]string{
	"CreateVpc": "vpc", "ModifyVpcAttribute": "vpc",
	"CreateSubnet": "subnet", "ModifySubnetAttribute": "subnet",
	"CreateInternetGateway": "internet gateway", "AttachInternetGateway": "internet gateway",
	"AllocateAddress": "address", "CreateNatGateway": "NAT gateway",
	"CreateRouteTable": "route table", "CreateRoute": "route table", "ReplaceRoute": "route table",
	"AssociateRouteTable": "route table", "ReplaceRouteTableAssociation": "route table",
	"CreateSecurityGroup": "security group", "AuthorizeSecurityGroupIngress": "security group rule",
}

// inventoried holds the inventory against the calls of a provision: a kind of
// resource that it does not list could leak, and nobody would see.
func (r recording) inventoried() error {
	for _, c := range r.provision {
		if c.who != customerRole || c.service != "ec2" || c.dryRun || strings.HasPrefix(c.operation, "Describe") {
			continue
		}
		kind := seenAs[c.operation]
		if kind == "" {
			return fmt.Errorf("the inventory lists nothing that %s makes: a leak of it would not be seen (infra/local/inventory, and seenAs here)", c.operation)
		}
		if !slices.ContainsFunc(r.shape, func(line string) bool { return strings.HasPrefix(line, "+ "+kind+" ") }) {
			return fmt.Errorf("%s was called, and the inventory shows no new %s", c.operation, kind)
		}
	}
	return nil
}

// record provisions and deletes three clouds and keeps the calls that each of
// them made: how often a run has to look again depends on the machine's load.
func record(ctx context.Context, s *sandbox.Sandbox) (recording, error) {
	var recorded [3]recording
	var errs [3]error
	var all sync.WaitGroup
	for i := range recorded {
		all.Go(func() { recorded[i], errs[i] = recordOne(ctx, s) })
	}
	all.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return recording{}, err
	}
	r := recorded[0]
	for _, other := range recorded[1:] {
		if diff := difference(r.shape, other.shape); len(diff) > 0 {
			return r, fmt.Errorf("two networks made without faults differ: %v", diff)
		}
		r.provision, r.deletion = both(r.provision, other.provision), both(r.deletion, other.deletion)
	}
	return r, nil
}

func recordOne(ctx context.Context, s *sandbox.Sandbox) (r recording, err error) {
	l, err := newLab(ctx, s, newAccount())
	if err != nil {
		return r, err
	}
	r.provision, err = l.listen(ctx, cloud.OperationProvision, func() error { _, err := l.active(ctx); return err })
	if err != nil {
		return r, err
	}
	if r.shape, err = l.shapeNow(ctx); err != nil {
		return r, err
	}
	if err := errors.Join(l.exactlyOne(ctx, r.shape), r.inventoried()); err != nil {
		return r, err
	}
	r.deletion, err = l.listen(ctx, cloud.OperationDelete, func() error { return l.gone(ctx) })
	return r, err
}

// listen lists the calls that the run makes which op starts during do.
func (l *lab) listen(ctx context.Context, op cloud.Operation, do func() error) ([]call, error) {
	execution, err := l.nextExecution(ctx, op)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var heard []call
	var elsewhere []error
	count := map[call]int{}
	remove := l.s.Faults.Inject(faults.Rule{Fault: faults.LostBefore(), Match: func(on *awscall.Call) bool {
		c := call{who: callerOf(on.Caller.RoleARN), service: on.Service, operation: on.Operation, dryRun: on.IsDryRun()}
		if c.is(on, execution) {
			mu.Lock()
			defer mu.Unlock()
			count[c]++
			c.nth = count[c]
			heard = append(heard, c)
			if c.who == customerRole && c.service == "ec2" && on.Region != sandbox.Region {
				elsewhere = append(elsewhere, fmt.Errorf("%s in %s, which no inventory is taken of", c, on.Region))
			}
		}
		return false
	}})
	err = do()
	remove()
	return heard, errors.Join(append(elsewhere, err)...)
}

func (l *lab) shapeNow(ctx context.Context) ([]string, error) {
	c, err := l.record(ctx)
	if err != nil {
		return nil, err
	}
	return l.shapeOf(ctx, c)
}

// both keeps what is in a and b.
func both(a, b []call) []call {
	kept := slices.DeleteFunc(slices.Clone(a), func(c call) bool { return !slices.Contains(b, c) })
	slices.SortStableFunc(kept, func(a, b call) int { return cmp.Compare(a.service, b.service) })
	return kept
}
