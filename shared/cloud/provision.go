package cloud

import (
	"context"
	"fmt"
)

// Provision validates the role and starts the state machine. An empty given
// role ARN means the one that the draft holds. From Draft and CreationFailed it begins a
// new attempt; on Validating it starts the same run again, which is harmless.
// Invalid, NotFound, AlreadyExists (active with the same role), Conflict.
func (u *Clouds) Provision(ctx context.Context, organizationID, id, given string, actor Principal, ifMatch func(Cloud) error) (Cloud, error) {
	return retryStale(func() (Cloud, error) {
		c, err := u.Store.Find(ctx, organizationID, id)
		if err != nil {
			return Cloud{}, err
		}
		if err := ifMatch(c); err != nil {
			return Cloud{}, err
		}
		roleARN := given
		if roleARN == "" {
			roleARN = c.RoleARN
		}
		switch c.State {
		case Draft, CreationFailed:
		case Validating, Creating:
			if roleARN != c.RoleARN {
				return Cloud{}, Errorf(Conflict, "The custom cloud is being created with role %s. Wait until that ended before you try another role.", c.RoleARN)
			}
			u.start(ctx, c)
			return c, nil
		case Active:
			if roleARN == c.RoleARN {
				return Cloud{}, Errorf(AlreadyExists, "The network of this custom cloud already exists: it is active with this role.")
			}
			return Cloud{}, Errorf(Conflict, "The custom cloud is active with role %s; its role cannot be changed.", c.RoleARN)
		default:
			return Cloud{}, Errorf(Conflict, "The custom cloud is %s. Only a draft, or a custom cloud whose creation failed, can be provisioned.", c.State)
		}
		if err := u.checkRole(c, "body.aws_iam_role_arn", roleARN); err != nil {
			return Cloud{}, err
		}
		after, err := u.move(ctx, c, Provision, actor.ID, "Creating your custom cloud.", func(c *Cloud) {
			*c = c.withRole(roleARN)
			c.Errors = nil
			c.Network.Failure = ""
			c.Network.EmptySweeps = 0
		})
		if err != nil {
			return Cloud{}, err
		}
		u.start(ctx, after)
		return after, nil
	})
}

// checkRole holds a role ARN against what the template makes for this cloud.
func (u *Clouds) checkRole(c Cloud, location, roleARN string) error {
	invalid := func(format string, args ...any) error {
		m := fmt.Sprintf(format, args...)
		return &Error{Code: Invalid, Message: m, Fields: []Field{{Location: location, Message: m}}}
	}
	if roleARN == "" {
		return invalid("The IAM role ARN is missing. Apply the template in your AWS account and enter the aws-iam-role-arn that it prints.")
	}
	if len(roleARN) > MaxRoleARN {
		return invalid("The ARN of a role has at most %d characters.", MaxRoleARN)
	}
	role, err := ParseRoleARN(roleARN)
	if err != nil {
		return invalid("This is not the ARN of an IAM role in the aws partition. It looks like arn:aws:iam::123456789012:role/%s.", c.RoleName())
	}
	if role.Name != c.RoleName() {
		return invalid("The role of this custom cloud is named %s. Enter the aws-iam-role-arn that this custom cloud's own template prints.", c.RoleName())
	}
	if role.Account == u.Rules.VendorAccount && !u.Rules.AllowOwnAccount {
		return invalid("The role is in %s's own AWS account. Apply the template in your AWS account.", u.Rules.Vendor)
	}
	if c.RoleARN != "" && roleARN != c.RoleARN && len(c.Network.Leftovers) > 0 {
		return invalid("Resources of the last attempt are left in the account of role %s. Use the same account, so that they can be adopted or removed.", c.RoleARN)
	}
	return nil
}
