package dynamo_test

import (
	"context"
	"sync"
	"testing"

	"byoc/shared/cloud"
)

// meddled is the table, into which another request gets once, right before one
// kind of write: after everything that the writer read.
type meddled struct {
	*world
	before string
	other  func()
}

func (m *meddled) meddle(write string) {
	if f := m.other; f != nil && write == m.before {
		m.other = nil
		f()
	}
}

func (m *meddled) PutUnit(ctx context.Context, o cloud.Organization, before, after cloud.Unit) (cloud.Unit, error) {
	m.meddle("PutUnit")
	return m.world.PutUnit(ctx, o, before, after)
}

func (m *meddled) PutProject(ctx context.Context, o cloud.Organization, p cloud.Project) (cloud.Project, error) {
	m.meddle("PutProject")
	return m.world.PutProject(ctx, o, p)
}

func (m *meddled) RemoveUnit(ctx context.Context, o cloud.Organization, u cloud.Unit) error {
	m.meddle("RemoveUnit")
	return m.world.RemoveUnit(ctx, o, u)
}

func (m *meddled) PutMember(ctx context.Context, p cloud.Membership) (cloud.Membership, error) {
	m.meddle("PutMember")
	return m.world.PutMember(ctx, p)
}

func (m *meddled) RemoveMember(ctx context.Context, p cloud.Membership) error {
	m.meddle("RemoveMember")
	return m.world.RemoveMember(ctx, p)
}

func (m *meddled) SetTokenRole(ctx context.Context, hash string, role cloud.Role) error {
	m.meddle("SetTokenRole")
	return m.world.SetTokenRole(ctx, hash, role)
}

func (w *world) directory(before string, other func(*cloud.Directory)) *cloud.Directory {
	undisturbed := &cloud.Directory{Store: w.Table, Now: w.Now}
	return &cloud.Directory{Now: w.Now, Store: &meddled{w, before, func() { other(undisturbed) }}}
}

// A promotion that was begun before a demotion and ends after it must not leave
// the demoted member an administrator's token.
func TestTheLastChangeOfAMemberHasTheLastWordOnItsTokens(t *testing.T) {
	member := cloud.Principal{ID: "m", OrganizationID: org, Role: cloud.Member}
	admin := member
	admin.Role = cloud.Admin
	for _, moment := range []string{"PutMember", "SetTokenRole"} {
		for name, other := range map[string]func(w *world, d *cloud.Directory) error{
			"demoted": func(w *world, d *cloud.Directory) error {
				_, err := d.PutMember(ctx(t), member, anyVersion)
				return err
			},
			"removed": func(w *world, d *cloud.Directory) error { return d.RemoveMember(ctx(t), org, "m", anyVersion) },
		} {
			t.Run(name+" before "+moment, func(t *testing.T) {
				w := newWorld(t)
				w.putMember(member)
				token := cloud.Token{Hash: cloud.HashSecret("s"), Principal: member}
				w.ok(w.CreateToken(ctx(t), token))
				d := w.directory(moment, func(d *cloud.Directory) { w.ok(other(w, d)) })
				_, err := d.PutMember(ctx(t), admin, anyVersion)
				w.ok(err)
				m, memberErr := w.FindMember(ctx(t), org, "m")
				found, tokenErr := w.FindToken(ctx(t), token.Hash)
				if memberErr == nil && tokenErr == nil && m.Role != found.Principal.Role {
					t.Errorf("a %s has a token of a %s", m.Role, found.Principal.Role)
				}
				if memberErr != nil && tokenErr == nil {
					t.Error("a token outlives its member")
				}
			})
		}
	}
}

// tree fails where a unit or project hangs on nothing, or on itself.
func (w *world) tree() {
	w.t.Helper()
	units, err := w.ListUnits(ctx(w.t), org)
	w.ok(err)
	projects, err := w.ListProjects(ctx(w.t), org)
	w.ok(err)
	rooted := func(what, id string) {
		w.t.Helper()
		if line := cloud.Ancestors(units, id); line[len(line)-1] != "acc-"+org {
			w.t.Errorf("%s hangs on %v", what, line)
		}
	}
	for _, u := range units {
		rooted("unit "+u.ID, u.ID)
	}
	for _, p := range projects {
		rooted("project "+p.ID, p.UnitID)
	}
}

func TestUnitsStayATreeWhoeverMovesAndRemovesAtOnce(t *testing.T) {
	unit := func(id, parent string) func(*cloud.Directory) error {
		return func(d *cloud.Directory) error {
			_, err := d.PutUnit(context.Background(), cloud.Unit{ID: id, OrganizationID: org, Name: id, ParentID: parent}, anyVersion)
			return err
		}
	}
	project := func(id, in string) func(*cloud.Directory) error {
		return func(d *cloud.Directory) error {
			_, err := d.PutProject(context.Background(), cloud.Project{ID: id, OrganizationID: org, UnitID: in}, anyVersion)
			return err
		}
	}
	remove := func(id string) func(*cloud.Directory) error {
		return func(d *cloud.Directory) error { return d.RemoveUnit(context.Background(), org, id, anyVersion) }
	}
	for name, c := range map[string]struct {
		one, other func(*cloud.Directory) error
		before     string
		want       cloud.Code
	}{
		"two moves below each other":         {unit("a", "b"), unit("b", "a"), "PutUnit", cloud.Invalid},
		"a move below what was just created": {unit("a", "b"), unit("new", "a"), "PutUnit", ""},
		"a removal and a project put in":     {remove("a"), project("p", "a"), "RemoveUnit", cloud.Conflict},
		"a removal and a unit put in":        {remove("a"), unit("new", "a"), "RemoveUnit", cloud.Conflict},
		"a removal and a unit moved in":      {remove("a"), unit("b", "a"), "RemoveUnit", cloud.Conflict},
		"a removal and another one":          {remove("a"), remove("a"), "RemoveUnit", cloud.NotFound},
		"a project and its unit's removal":   {project("p", "a"), remove("a"), "PutProject", cloud.Invalid},
		"a unit and its parent's removal":    {unit("new", "a"), remove("a"), "PutUnit", cloud.Invalid},
		"a move and the target's removal":    {unit("b", "a"), remove("a"), "PutUnit", cloud.Invalid},
		"a rename and its removal":           {unit("a", ""), remove("a"), "PutUnit", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			plain := &cloud.Directory{Store: w.Table}
			for _, id := range []string{"a", "b"} {
				w.ok(unit(id, "")(plain))
			}
			w.code(c.one(w.directory(c.before, func(d *cloud.Directory) { w.ok(c.other(d)) })), c.want)
			w.tree()
		})
	}
	t.Run("many at once", func(t *testing.T) {
		w := newWorld(t)
		plain := &cloud.Directory{Store: w.Table}
		ids := []string{"a", "b", "c"}
		for _, id := range ids {
			w.ok(unit(id, "")(plain))
		}
		var group sync.WaitGroup
		for i, id := range ids {
			next := ids[(i+1)%len(ids)]
			for _, f := range []func(*cloud.Directory) error{unit(id, next), project("p-"+id, next), remove(id), unit("new-"+id, next)} {
				group.Go(func() {
					switch err := f(plain); cloud.CodeOf(err) {
					case "", cloud.Invalid, cloud.Conflict, cloud.NotFound, cloud.Stale, cloud.Unavailable:
					default:
						t.Error(err)
					}
				})
			}
		}
		group.Wait()
		w.tree()
	})
}

func TestAMemberIsWrittenOnTheVersionThatWasRead(t *testing.T) {
	w := newWorld(t)
	m := w.putMember(cloud.Principal{ID: "m", OrganizationID: org, Role: cloud.Admin})
	w.putMember(cloud.Principal{ID: "m", OrganizationID: org, Role: cloud.Member})
	_, err := w.PutMember(ctx(t), m)
	w.code(err, cloud.Stale)
	w.code(w.RemoveMember(ctx(t), m), cloud.Stale)
}
