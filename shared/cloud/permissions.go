package cloud

import (
	"context"
	"slices"
)

// Permissions are the organizational units (accounts) and projects that may
// use a cloud.
type Permissions struct {
	Accounts []string
	Projects []string
}

// SetPermissions replaces both lists; duplicates are dropped. Lists that are as
// they were write nothing. The ids are
// known to the directory: whoever calls it has checked them. NotFound, Conflict.
func (u *Clouds) SetPermissions(ctx context.Context, organizationID, id string, p Permissions, ifMatch func(Cloud) error) (Cloud, error) {
	return retryStale(func() (Cloud, error) {
		before, err := u.Store.Find(ctx, organizationID, id)
		if err != nil {
			return Cloud{}, err
		}
		if err := ifMatch(before); err != nil {
			return Cloud{}, err
		}
		after := before
		after.Accounts, after.Projects = unique(p.Accounts), unique(p.Projects)
		if slices.Equal(before.Accounts, after.Accounts) && slices.Equal(before.Projects, after.Projects) {
			return before, nil
		}
		if before.State == Deleted || before.State == Deleting {
			return Cloud{}, Errorf(Conflict, "The custom cloud is %s and cannot be changed.", before.State)
		}
		after.UpdatedAt = u.Now().UTC()
		return u.Store.Save(ctx, before, after, nil)
	})
}

func unique(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
