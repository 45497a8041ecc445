package ec2behaviour

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"byoc/infra/local/awscall"
)

// New is the behaviour that the options describe. What it remembers belongs to
// the returned value: two of them know nothing of each other.
func New(options Options) awscall.Behaviour {
	s := &service{options: options, regions: map[string]*region{}}
	return func(next awscall.Handler) awscall.Handler {
		return func(ctx context.Context, call *awscall.Call) *awscall.Response {
			if call.Service != "ec2" {
				return next(ctx, call)
			}
			return s.handle(ctx, call, next)
		}
	}
}

type service struct {
	options Options

	mu      sync.Mutex
	regions map[string]*region
}

// region is what is remembered of one account in one region.
type region struct {
	// act is held by the one call that may change something.
	act sync.Mutex

	// mu guards the rest, for moments only.
	mu       sync.Mutex
	gateways map[string]*natGateway
	tokens   map[string]usedToken
	unknown  map[string]window
	zones    []*node
}

func (s *service) region(call *awscall.Call) *region {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := call.Caller.Account + "/" + call.Region
	r := s.regions[key]
	if r == nil {
		r = &region{
			gateways: map[string]*natGateway{},
			tokens:   map[string]usedToken{},
			unknown:  map[string]window{},
		}
		s.regions[key] = r
	}
	return r
}

func (s *service) handle(ctx context.Context, call *awscall.Call, next awscall.Handler) *awscall.Response {
	override, _ := ctx.Value(overrideKey{}).(Override)
	if s.options.Override != nil {
		override = override.or(s.options.Override(call))
	}
	q := &request{
		Call: call,
		// AWS finishes what it has begun, whether the caller still listens or not.
		ctx:      context.WithoutCancel(ctx),
		options:  &s.options,
		override: override,
		region:   s.region(call),
		next:     next,
		forward:  call,
	}
	response := q.answer()
	if q.err != nil {
		response = q.refuse(http.StatusInternalServerError, "InternalError",
			"The emulator could not be asked: "+q.err.Error())
	}
	return withRequestID(response, call.RequestID)
}

func (q *request) answer() *awscall.Response {
	reads := strings.HasPrefix(q.Operation, "Describe")
	if reads {
		q.settleIfDue()
	} else {
		q.region.act.Lock()
		defer q.region.act.Unlock()
		q.settle()
	}
	if refusal := q.refuseTags(); refusal != nil {
		return refusal
	}
	if refusal := q.refuseUnknown(reads); refusal != nil {
		return refusal
	}
	if q.IsDryRun() && q.options.DryRuns {
		return q.dryRun(reads)
	}
	if reads {
		return q.read()
	}
	return q.act()
}

func (q *request) read() *awscall.Response {
	var response *awscall.Response
	switch {
	case q.Operation == "DescribeNatGateways" && q.options.NATGateways:
		response = q.describeNATGateways()
	case q.Operation == "DescribeRouteTables" && q.options.Blackholes:
		response = q.showBlackholes(q.next(q.ctx, q.Call))
	default:
		response = q.next(q.ctx, q.Call)
	}
	return q.hideUnknown(response)
}

func (q *request) act() *awscall.Response {
	if replay := q.replayToken(); replay != nil {
		return replay
	}
	for _, r := range rules[q.Operation] {
		if !r.on(q.options) {
			continue
		}
		if refusal := r.refuse(q); refusal != nil || q.err != nil {
			return refusal
		}
	}
	var response *awscall.Response
	switch {
	case q.Operation == "CreateNatGateway" && q.options.NATGateways:
		response = q.createNATGateway()
	case q.Operation == "DeleteNatGateway" && q.options.NATGateways:
		response = q.deleteNATGateway()
	case q.Operation == "DeleteSubnet" && q.options.Subnets:
		response = q.deleteSubnet()
	default:
		response = q.next(q.ctx, q.forward)
	}
	q.rememberCreated(response)
	return response
}

// rule is one refusal that AWS has and the emulator lacks. refuse is nil where
// the call may go on.
type rule struct {
	on     func(*Options) bool
	refuse func(*request) *awscall.Response
}

// rules holds the refusals by operation; each is explained where it is defined.
var rules = map[string][]rule{
	"AllocateAddress":       {{quotas, (*request).refuseMoreAddresses}},
	"AssociateRouteTable":   {{routeTables, (*request).refuseAssociation}},
	"AttachInternetGateway": {{internetGateways, (*request).refuseSecondGateway}},
	"CreateRoute":           {{routes, (*request).refuseRouteTarget}},
	"CreateSubnet":          {{subnets, (*request).refuseSubnet}},
	"CreateVpc":             {{quotas, (*request).refuseMoreVPCs}},
	"DeleteNetworkInterface": {
		{networkInterfaces, (*request).refuseInterfaceInUse}},
	"DeleteRouteTable":      {{routeTables, (*request).refuseMainTable}},
	"DeleteSecurityGroup":   {{securityGroups, (*request).refuseGroupInUse}},
	"DeleteSubnet":          {{subnets, (*request).refuseSubnetInUse}},
	"DeleteVpc":             {{vpcs, (*request).refuseVPCInUse}},
	"DetachInternetGateway": {{internetGateways, (*request).refuseMappedAddresses}},
	"DisassociateAddress":   {{addresses, (*request).refuseGatewaysAddress}},
	"ReleaseAddress":        {{addresses, (*request).refuseAddressInUse}},
	"ReplaceRoute":          {{routes, (*request).refuseRouteTarget}},
}

func addresses(o *Options) bool         { return o.Addresses }
func internetGateways(o *Options) bool  { return o.InternetGateways }
func networkInterfaces(o *Options) bool { return o.NetworkInterfaces }
func quotas(o *Options) bool            { return o.Quotas != nil }
func routes(o *Options) bool            { return o.Routes }
func routeTables(o *Options) bool       { return o.RouteTables }
func securityGroups(o *Options) bool    { return o.SecurityGroups }
func subnets(o *Options) bool           { return o.Subnets }
func vpcs(o *Options) bool              { return o.VPCs }
