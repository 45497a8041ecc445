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

// MaxPermissions is how many accounts, and how many projects, a cloud's
// permissions may name: with everything else of a cloud they have to fit into
// one item of the table. Whoever has more takes units, or the organization.
const MaxPermissions = 500

// Problems are what is wrong with the lists themselves.
func (p Permissions) Problems() []Field {
	var bad problems
	for _, l := range []struct {
		location string
		ids      []string
	}{{"body.accounts", p.Accounts}, {"body.projects", p.Projects}} {
		if len(unique(l.ids)) > MaxPermissions {
			bad.add(l.location, "At most %d are possible. An organizational unit stands for all of its projects, the organization's own account for every project.", MaxPermissions)
		}
	}
	return bad
}

// SetPermissions replaces both lists; duplicates are dropped. Lists that are as
// they were write nothing. The ids are known to the directory: whoever calls it
// has checked them. NotFound, Invalid, Conflict.
func (u *Clouds) SetPermissions(ctx context.Context, organizationID, id string, p Permissions, ifMatch func(Cloud) error) (Cloud, error) {
	if err := problems(p.Problems()).err(); err != nil {
		return Cloud{}, err
	}
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
