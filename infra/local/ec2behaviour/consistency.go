package ec2behaviour

import (
	"time"

	"byoc/infra/local/awscall"
)

// EC2's API is eventually consistent: "the result of an API command you run
// that affects your Amazon EC2 resources might not be immediately visible to
// all subsequent commands you run"
// (https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html).
// Here every new id is unknown for a fixed time after the answer that made it.

// window is until when an id is unknown to describes and to other calls.
type window struct {
	reads, calls time.Time
}

// createdAt is where the answer of a creating operation has the new id.
var createdAt = map[string][]string{
	"AllocateAddress":        {"allocationId"},
	"CreateInternetGateway":  {"internetGateway", "internetGatewayId"},
	"CreateNatGateway":       {"natGateway", "natGatewayId"},
	"CreateNetworkInterface": {"networkInterface", "networkInterfaceId"},
	"CreateRouteTable":       {"routeTable", "routeTableId"},
	"CreateSecurityGroup":    {"groupId"},
	"CreateSubnet":           {"subnet", "subnetId"},
	"CreateVpc":              {"vpc", "vpcId"},
}

// rememberCreated notes the id that the answer hands out: for how long it is
// unknown, and which token made it.
func (q *request) rememberCreated(response *awscall.Response) {
	path, creates := createdAt[q.Operation]
	if !creates || response == nil || response.Status >= 400 {
		return
	}
	root, err := parseXML(response.Body)
	if err != nil {
		q.err = err
		return
	}
	id := root.at(path...)
	q.rememberToken(id, response)

	w := window{reads: time.Now().Add(q.options.StaleReads), calls: time.Now().Add(q.options.StaleCalls)}
	if q.override.Stale > 0 {
		w.reads = time.Now().Add(q.override.Stale)
		w.calls = w.reads
	}
	q.region.mu.Lock()
	defer q.region.mu.Unlock()
	for old, w := range q.region.unknown {
		if time.Now().After(w.reads) && time.Now().After(w.calls) {
			delete(q.region.unknown, old)
		}
	}
	q.region.unknown[id] = w
}

// isUnknown tells whether the id is still too new for a describe, or for
// another call.
func (r *region) isUnknown(id string, reads bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.unknown[id]
	if reads {
		return time.Now().Before(w.reads)
	}
	return time.Now().Before(w.calls)
}

// refuseUnknown refuses a call that names an id which is too new.
func (q *request) refuseUnknown(reads bool) *awscall.Response {
	for _, id := range q.named() {
		if q.region.isUnknown(id, reads) {
			return q.notFound(id)
		}
	}
	return nil
}

// hidden is where the answers of describes name the resource that an item is
// about, besides the kinds' own.
var hidden = func() map[string]place {
	places := map[string]place{
		"DescribeTags":               {"tagSet", "resourceId"},
		"DescribeSecurityGroupRules": {"securityGroupRuleSet", "groupId"},
	}
	for _, k := range kinds {
		places[k.describe] = place{k.set, k.id}
	}
	return places
}()

type place struct{ set, id string }

// hideUnknown takes out of a describe's answer what is too new to be seen, and
// what is in a VPC too new to be seen: a VPC comes with a route table and a
// security group.
func (q *request) hideUnknown(response *awscall.Response) *awscall.Response {
	place, ok := hidden[q.Operation]
	if !ok || response == nil || response.Status >= 400 || !q.region.anyUnknown() {
		return response
	}
	root, err := parseXML(response.Body)
	if err != nil {
		q.err = err
		return response
	}
	set := root.child(place.set)
	if set == nil {
		return response
	}
	var seen []*node
	for _, item := range set.children {
		if !q.region.isUnknown(item.at(place.id), true) && !q.region.isUnknown(item.at("vpcId"), true) {
			seen = append(seen, item)
		}
	}
	if len(seen) == len(set.children) {
		return response
	}
	set.children = seen
	return q.respondRoot(root)
}

func (r *region) anyUnknown() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range r.unknown {
		if time.Now().Before(w.reads) {
			return true
		}
	}
	return false
}

// MakesID tells whether the call makes a resource whose id is unknown for a
// while.
func MakesID(call *awscall.Call) bool {
	_, makes := createdAt[call.Operation]
	return makes && call.Service == "ec2" && !call.IsDryRun()
}
