package customeraccount

import (
	"context"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
)

// Look assumes the customer's role anew, and proves that the external ID is
// still demanded. RoleNotAssumable and ExternalIDNotEnforced are what AWS said
// now; Unavailable where it did not say.
func (a *Assumer) Look(ctx context.Context, r Request) (*Session, error) {
	session, client, err := a.enter(ctx, r)
	if err != nil {
		return nil, err
	}
	demanded := a.externalIDDemanded(ctx, r, client)
	switch demanded.Verdict {
	case preflight.Passed:
		return session, nil
	case preflight.Failed:
		return nil, preflight.Err([]Check{demanded})
	}
	return nil, cloud.Errorf(cloud.Unavailable, "%s", demanded.Message)
}
