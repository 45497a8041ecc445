package cloud

import (
	"context"
	"maps"
	"slices"
)

// Optional is a value that a request may leave out.
type Optional[T any] struct {
	Value T
	Set   bool
}

// Some is a value that is there.
func Some[T any](v T) Optional[T] { return Optional[T]{Value: v, Set: true} }

func put[T any](to *T, o Optional[T]) {
	if o.Set {
		*to = o.Value
	}
}

// Changes is a partial update: what is not set stays as it is; lists and maps
// are replaced whole.
type Changes struct {
	DisplayName     Optional[string]
	Provider        Optional[string]
	Region          Optional[string]
	DeploymentModel Optional[string]
	CIDR            Optional[string]
	PeerCIDRs       Optional[[]string]
	NATGateways     Optional[NATLayout]
	Contacts        Optional[[]Contact]
	Tags            Optional[map[string]string]
	IngressRules    Optional[[]IngressRule]
	RoleARN         Optional[string]
}

// Update changes a cloud. What is fixed after the draft (provider, region,
// model, CIDR, NAT gateways) and the role ARN outside draft and
// creation_failed answer Conflict where they would really change. Changed
// ingress rules of an active cloud are applied by a run, those of any other by
// the run that it has to go through, or by the watch (ApplyRules). What changes nothing
// writes nothing and is allowed in every state. NotFound, Invalid,
// AlreadyExists (the name), Conflict.
func (u *Clouds) Update(ctx context.Context, organizationID, id string, changes Changes, actor Principal, ifMatch func(Cloud) error) (Cloud, error) {
	return retryStale(func() (Cloud, error) {
		before, err := u.Store.Find(ctx, organizationID, id)
		if err != nil {
			return Cloud{}, err
		}
		if err := ifMatch(before); err != nil {
			return Cloud{}, err
		}
		after, err := u.changed(before, changes)
		if err != nil {
			return Cloud{}, err
		}
		if sameCloud(before, after) {
			return before, nil
		}
		if before.CIDR != after.CIDR || !slices.Equal(before.PeerCIDRs, after.PeerCIDRs) {
			after = u.withOverlaps(ctx, after)
		}
		if !slices.Equal(before.IngressRules, after.IngressRules) && before.State == Active {
			return u.applyRules(ctx, before, after, actor.ID)
		}
		after.UpdatedAt = u.Now().UTC()
		return u.Store.Save(ctx, before, after, nil)
	})
}

func (u *Clouds) changed(before Cloud, changes Changes) (Cloud, error) {
	d := describe(before, changes)
	after := before
	after.apply(d)
	if changes.RoleARN.Set {
		after = after.withRole(changes.RoleARN.Value)
	}
	if sameCloud(before, after) {
		return before, nil
	}
	if before.State == Deleted || before.State == Deleting {
		return Cloud{}, Errorf(Conflict, "The custom cloud is %s and cannot be changed.", before.State)
	}
	// What cannot change is no question of what it would have to look like.
	if err := fixed(before, after); err != nil {
		return Cloud{}, err
	}
	return after, u.problems(before, d, changes.RoleARN).err()
}

// Problems are the invalid fields of changes to a cloud.
func (u *Clouds) Problems(before Cloud, changes Changes) []Field {
	return u.problems(before, describe(before, changes), changes.RoleARN)
}

// problems of a cloud that is to be as d describes it, with a role. A contact that
// was good enough when it was given is no problem of another change.
func (u *Clouds) problems(before Cloud, d Description, roleARN Optional[string]) problems {
	var p problems
	p.description(d)
	if !slices.Equal(before.Contacts, d.Contacts) {
		p.contacts(d.Contacts)
	}
	if roleARN.Set && roleARN.Value != before.RoleARN {
		p = append(p, FieldsOf(u.checkRole(before, "body.aws_iam_role_arn", roleARN.Value))...)
	}
	return p
}

// describe is what a cloud would be described as after changes.
func describe(before Cloud, changes Changes) Description {
	d := before.Describe()
	put(&d.DisplayName, changes.DisplayName)
	put(&d.Provider, changes.Provider)
	put(&d.Region, changes.Region)
	put(&d.DeploymentModel, changes.DeploymentModel)
	put(&d.CIDR, changes.CIDR)
	put(&d.PeerCIDRs, changes.PeerCIDRs)
	put(&d.NATGateways, changes.NATGateways)
	put(&d.Contacts, changes.Contacts)
	put(&d.Tags, changes.Tags)
	put(&d.IngressRules, changes.IngressRules)
	d = d.normalize()
	d.Contacts = keepMarks(before.Contacts, d.Contacts)
	return d
}

// fixed refuses to change what a provisioned network cannot change.
func fixed(before, after Cloud) error {
	if before.State == Draft {
		return nil
	}
	if before.RoleARN != after.RoleARN && before.State != CreationFailed {
		return Errorf(Conflict, "The custom cloud is %s; its role ARN can be changed only in a draft and after a failed creation.", before.State)
	}
	for _, f := range []struct {
		name    string
		changed bool
	}{
		{"cloud_provider", before.Provider != after.Provider},
		{"cloud_region", before.Region != after.Region},
		{"deployment_model", before.DeploymentModel != after.DeploymentModel},
		{"reserved_cidr", before.CIDR != after.CIDR},
		{"nat_gateways", before.NATGateways != after.NATGateways},
	} {
		if f.changed {
			return Errorf(Conflict, "%s can be changed only in a draft. Create another custom cloud to have another one.", f.name)
		}
	}
	return nil
}

func sameCloud(a, b Cloud) bool {
	return a.DisplayName == b.DisplayName && a.Provider == b.Provider && a.Region == b.Region &&
		a.DeploymentModel == b.DeploymentModel && a.CIDR == b.CIDR && a.NATGateways == b.NATGateways &&
		a.RoleARN == b.RoleARN && slices.Equal(a.PeerCIDRs, b.PeerCIDRs) &&
		slices.Equal(a.Contacts, b.Contacts) && maps.Equal(a.Tags, b.Tags) &&
		slices.Equal(a.IngressRules, b.IngressRules)
}
