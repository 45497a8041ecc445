package cloud

import "context"

// ForPreflight answers a cloud with the role whose account is to be checked:
// roleARN, or the one on record where that is empty. It writes nothing. Invalid
// (the role), NotFound, Conflict where the cloud has another role for good, or
// none any more.
func (u *Clouds) ForPreflight(ctx context.Context, organizationID, id, roleARN string) (Cloud, error) {
	c, err := u.Store.Find(ctx, organizationID, id)
	if err != nil {
		return Cloud{}, err
	}
	if roleARN == "" {
		roleARN = c.RoleARN
	}
	switch c.State {
	case Deleted:
		return Cloud{}, Errorf(Conflict, "The custom cloud is deleted.")
	case Draft, CreationFailed:
	default:
		if roleARN != c.RoleARN {
			return Cloud{}, Errorf(Conflict, "The custom cloud is %s with role %s; no other role can be used for it.", c.State, c.RoleARN)
		}
	}
	if err := u.checkRole(c, "body.aws_iam_role_arn", roleARN); err != nil {
		return Cloud{}, err
	}
	c.RoleARN = roleARN
	return c, nil
}
