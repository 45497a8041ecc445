package httpapi

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"byoc/shared/cloud"
)

func (t *table) repeated(kept []cloud.Kept) error {
	if t.blind || t.forget {
		return nil
	}
	for _, k := range kept {
		if old, ok := t.kept[k.ID]; ok && k.At.Before(old.At.Add(cloud.KeepAnswers)) {
			return &cloud.Repeated{Kept: old}
		}
	}
	return nil
}

func (t *table) keep(kept []cloud.Kept) {
	for _, k := range kept {
		t.kept[k.ID] = k
	}
}

func (t *table) FindKept(_ context.Context, id string) (cloud.Kept, bool, error) {
	k, ok := t.kept[id]
	if f := t.between; f != nil {
		t.between = nil
		f()
	}
	return k, ok && !t.forget, t.call("FindKept")
}

func (t *table) Keep(_ context.Context, k cloud.Kept) error {
	if err := t.call("Keep"); err != nil {
		return err
	}
	if err := t.repeated([]cloud.Kept{k}); err != nil {
		return err
	}
	t.keep([]cloud.Kept{k})
	return nil
}

func (t *table) CreateRequest(_ context.Context, r cloud.Request, _ cloud.Event, kept ...cloud.Kept) error {
	if err := t.call("CreateRequest"); err != nil {
		return err
	}
	if err := t.repeated(kept); err != nil {
		return err
	}
	t.requests = append(t.requests, r)
	t.keep(kept)
	return nil
}

func (t *table) FindService(_ context.Context, _, id, name string) (cloud.Service, bool, error) {
	s, ok := t.services[id+"/"+name]
	return s, ok, t.call("FindService")
}

func (t *table) AddService(_ context.Context, c cloud.Cloud, s cloud.Service) error {
	if err := t.call("AddService"); err != nil {
		return err
	}
	t.services[s.CloudID+"/"+s.Name] = s
	return t.count(c, +1)
}

func (t *table) RemoveService(_ context.Context, c cloud.Cloud, s cloud.Service) error {
	if err := t.call("RemoveService"); err != nil {
		return err
	}
	delete(t.services, s.CloudID+"/"+s.Name)
	return t.count(c, -1)
}

func (t *table) count(c cloud.Cloud, by int) error {
	c.Services += by
	c.Version++
	t.clouds[c.ID] = c
	return nil
}

func (t *table) ListMembers(_ context.Context, org string) (all []cloud.Membership, err error) {
	for _, key := range slices.Sorted(maps.Keys(t.members)) {
		if m := t.members[key]; m.OrganizationID == org {
			all = append(all, m)
		}
	}
	return all, t.call("ListMembers")
}

func (t *table) FindMember(_ context.Context, org, id string) (cloud.Membership, error) {
	m, ok := t.members[org+"/"+id]
	return m, t.found("FindMember", ok)
}

// found is what a call answers: NotFound where it is not there.
func (t *table) found(name string, ok bool) error {
	if err := t.call(name); err != nil {
		return err
	}
	if !ok {
		return cloud.Errorf(cloud.NotFound, "There is no such thing.")
	}
	return nil
}

func (t *table) ListTokens(_ context.Context, org string) (all []cloud.Token, err error) {
	for _, hash := range slices.Sorted(maps.Keys(t.tokens)) {
		if token := t.tokens[hash]; token.Principal.OrganizationID == org {
			all = append(all, token)
		}
	}
	return all, t.call("ListTokens")
}

func (t *table) PutUnit(_ context.Context, _ cloud.Organization, before, after cloud.Unit) (cloud.Unit, error) {
	t.units = slices.DeleteFunc(t.units, func(o cloud.Unit) bool { return o.OrganizationID == after.OrganizationID && o.ID == after.ID })
	after.Version = before.Version + 1
	t.units = append(t.units, after)
	slices.SortFunc(t.units, func(a, b cloud.Unit) int { return strings.Compare(a.ID, b.ID) })
	return after, t.call("PutUnit")
}

func (t *table) PutProject(_ context.Context, _ cloud.Organization, p cloud.Project) (cloud.Project, error) {
	p.Version++
	for i, o := range t.projects {
		if o.ID == p.ID && o.OrganizationID != p.OrganizationID {
			return p, cloud.Errorf(cloud.AlreadyExists, "A project with this id already exists.")
		}
		if o.ID == p.ID {
			t.projects[i] = p
			return p, t.call("PutProject")
		}
	}
	t.projects = append(t.projects, p)
	return p, t.call("PutProject")
}

func (t *table) PutMember(_ context.Context, m cloud.Membership) (cloud.Membership, error) {
	m.Version++
	t.members[m.OrganizationID+"/"+m.ID] = m
	return m, t.call("PutMember")
}

func (t *table) RemoveUnit(_ context.Context, _ cloud.Organization, u cloud.Unit) error {
	t.units = slices.DeleteFunc(t.units, func(o cloud.Unit) bool { return o.OrganizationID == u.OrganizationID && o.ID == u.ID })
	return t.call("RemoveUnit")
}

func (t *table) RemoveProject(_ context.Context, p cloud.Project) error {
	t.projects = slices.DeleteFunc(t.projects, func(o cloud.Project) bool { return o.OrganizationID == p.OrganizationID && o.ID == p.ID })
	return t.call("RemoveProject")
}

func (t *table) RemoveMember(_ context.Context, m cloud.Membership) error {
	delete(t.members, m.OrganizationID+"/"+m.ID)
	return t.call("RemoveMember")
}

func (t *table) FindProject(_ context.Context, id string) (cloud.Project, error) {
	return t.project("FindProject", func(p cloud.Project) bool { return p.ID == id })
}

func (t *table) FindProjectOf(_ context.Context, org, id string) (cloud.Project, error) {
	return t.project("FindProjectOf", func(p cloud.Project) bool { return p.ID == id && p.OrganizationID == org })
}

func (t *table) project(call string, is func(cloud.Project) bool) (cloud.Project, error) {
	i := slices.IndexFunc(t.projects, is)
	if err := t.found(call, i >= 0); err != nil {
		return cloud.Project{}, err
	}
	return t.projects[i], nil
}

func (t *table) CreateToken(_ context.Context, token cloud.Token, kept ...cloud.Kept) error {
	if err := t.call("CreateToken"); err != nil {
		return err
	}
	if err := t.repeated(kept); err != nil {
		return err
	}
	t.tokens[token.Hash] = token
	t.keep(kept)
	return nil
}

func (t *table) RevokeToken(_ context.Context, hash string, at time.Time) error {
	return t.changeToken("RevokeToken", hash, func(token *cloud.Token) { token.RevokedAt = at })
}

func (t *table) SetTokenRole(_ context.Context, hash string, role cloud.Role) error {
	return t.changeToken("SetTokenRole", hash, func(token *cloud.Token) { token.Principal.Role = role })
}

func (t *table) changeToken(name, hash string, change func(*cloud.Token)) error {
	token, ok := t.tokens[hash]
	if err := t.found(name, ok); err != nil {
		return err
	}
	change(&token)
	t.tokens[hash] = token
	return nil
}
