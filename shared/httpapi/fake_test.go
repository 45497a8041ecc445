package httpapi

import (
	"context"
	"slices"
	"strings"
	"sync"

	"byoc/shared/cloud"
)

// table is a Store, Directory, TokenFinder, Runs and Publisher in memory, that
// counts its calls.
type table struct {
	mu            sync.Mutex
	clouds        map[string]cloud.Cloud
	organizations map[string]cloud.Organization
	units         []cloud.Unit
	projects      []cloud.Project
	tokens        map[string]cloud.Token
	members       map[string]cloud.Membership
	services      map[string]cloud.Service
	kept          map[string]cloud.Kept
	requests      []cloud.Request
	published     []cloud.Event
	calls         []string
	runs          []string
	// between runs after the next look for a kept answer; blind makes writes not
	// see what is kept; forget is a day later.
	between       func()
	blind, forget bool
	// fail is what every call answers from now on.
	fail error
}

func (t *table) call(name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls = append(t.calls, name)
	return t.fail
}

func (t *table) Find(_ context.Context, org, id string) (cloud.Cloud, error) {
	if err := t.call("Find"); err != nil {
		return cloud.Cloud{}, err
	}
	c, ok := t.clouds[id]
	if !ok || c.OrganizationID != org {
		return cloud.Cloud{}, cloud.Errorf(cloud.NotFound, "There is no such custom cloud.")
	}
	return c, nil
}

func (t *table) List(_ context.Context, org string, p cloud.Page) (all []cloud.Cloud, next string, err error) {
	if err := t.call("List"); err != nil {
		return nil, "", err
	}
	for _, c := range t.clouds {
		if c.OrganizationID == org && c.State != cloud.Deleted && c.ID > p.Cursor &&
			(p.State == "" || p.State == c.State) && (p.Region == "" || p.Region == c.Region) &&
			(p.DisplayName == "" || strings.EqualFold(p.DisplayName, c.DisplayName)) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b cloud.Cloud) int { return strings.Compare(a.ID, b.ID) })
	if len(all) > p.Limit {
		all = all[:p.Limit]
		next = cursor(all[p.Limit-1])
	}
	return all, next, nil
}

func cursor(c cloud.Cloud) string { return c.ID }

func (t *table) nameTaken(c cloud.Cloud) error {
	for _, o := range t.clouds {
		if o.ID != c.ID && o.OrganizationID == c.OrganizationID && strings.EqualFold(o.DisplayName, c.DisplayName) {
			return cloud.Errorf(cloud.AlreadyExists, "A custom cloud of that name already exists.")
		}
	}
	return nil
}

func (t *table) Create(_ context.Context, c cloud.Cloud, _ cloud.Event, kept ...cloud.Kept) error {
	if err := t.call("Create"); err != nil {
		return err
	}
	if err := t.repeated(kept); err != nil {
		return err
	}
	if err := t.nameTaken(c); err != nil {
		return err
	}
	t.clouds[c.ID] = c
	t.keep(kept)
	return nil
}

func (t *table) Save(_ context.Context, before, after cloud.Cloud, _ []cloud.Event, kept ...cloud.Kept) (cloud.Cloud, error) {
	if err := t.call("Save"); err != nil {
		return cloud.Cloud{}, err
	}
	if err := t.repeated(kept); err != nil {
		return cloud.Cloud{}, err
	}
	if t.clouds[before.ID].Version != before.Version {
		return cloud.Cloud{}, cloud.Errorf(cloud.Stale, "changed")
	}
	if err := t.nameTaken(after); err != nil {
		return cloud.Cloud{}, err
	}
	after.Version = before.Version + 1
	t.clouds[after.ID] = after
	t.keep(kept)
	return after, nil
}

func (t *table) Remove(_ context.Context, c cloud.Cloud, _ cloud.Event) error {
	delete(t.clouds, c.ID)
	return t.call("Remove")
}

func (t *table) MarkPublished(context.Context, cloud.Event) error { return t.call("MarkPublished") }

func (t *table) Publish(_ context.Context, e cloud.Event) error {
	t.published = append(t.published, e)
	return nil
}

func (t *table) Start(_ context.Context, r cloud.Run) error {
	t.runs = append(t.runs, string(r.Operation))
	return nil
}

func (t *table) FindOrganization(_ context.Context, id string) (cloud.Organization, error) {
	if err := t.call("FindOrganization"); err != nil {
		return cloud.Organization{}, err
	}
	o, ok := t.organizations[id]
	if !ok {
		return o, cloud.Errorf(cloud.NotFound, "There is no such organization.")
	}
	return o, nil
}

func (t *table) PutOrganization(_ context.Context, o cloud.Organization) (cloud.Organization, error) {
	if err := t.call("PutOrganization"); err != nil {
		return o, err
	}
	if t.organizations[o.ID].Version != o.Version {
		return o, cloud.Errorf(cloud.Stale, "changed")
	}
	o.Version++
	t.organizations[o.ID] = o
	return o, nil
}

func (t *table) ListUnits(_ context.Context, org string) (all []cloud.Unit, err error) {
	for _, u := range t.units {
		if u.OrganizationID == org {
			all = append(all, u)
		}
	}
	return all, t.call("ListUnits")
}

func (t *table) ListProjects(_ context.Context, org string) (all []cloud.Project, err error) {
	for _, p := range t.projects {
		if p.OrganizationID == org {
			all = append(all, p)
		}
	}
	return all, t.call("ListProjects")
}

func (t *table) FindToken(_ context.Context, hash string) (cloud.Token, error) {
	if err := t.call("FindToken"); err != nil {
		return cloud.Token{}, err
	}
	token, ok := t.tokens[hash]
	if !ok {
		return token, cloud.Errorf(cloud.NotFound, "There is no such token.")
	}
	return token, nil
}
