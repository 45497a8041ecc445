package endtoend

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	aiven "github.com/aiven/go-client-codegen"
	"github.com/aiven/go-client-codegen/handler/account"
	"github.com/aiven/go-client-codegen/handler/byoc"
	"github.com/aiven/go-client-codegen/handler/cloud"
	"github.com/aiven/go-client-codegen/handler/organization"

	"byoc/infra/customer"
	"byoc/infra/sandbox"
)

// goClient is the generated client as its users make it: from the environment.
// Only its transport is ours, so that its answers are held to the contract.
func goClient(t *testing.T, token string) aiven.Client {
	t.Helper()
	t.Setenv("AIVEN_WEB_URL", system.APIURL())
	t.Setenv("AIVEN_TOKEN", token)
	client, err := aiven.NewClient(aiven.DoerOpt(&http.Client{Transport: http.DefaultTransport, Timeout: time.Minute}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// The unmodified generated Go client, every operation that the API has of its
// byoc, account and organization handlers, from the draft to the deletion.
func TestTheGeneratedGoClient(t *testing.T) {
	w := newWorld(t)
	ctx, org := w.ctx, system.Seed.Organization
	client := goClient(t, system.Seed.Tokens.Admin)
	in := &byoc.CustomCloudEnvironmentCreateIn{
		CloudProvider: byoc.CloudProviderTypeAWS, CloudRegion: sandbox.Region, DeploymentModel: byoc.DeploymentModelTypeStandard,
		DisplayName: t.Name(), ReservedCidr: "10.60.0.0/16", Tags: &map[string]string{"team": "data"},
		ContactEmails: &[]byoc.ContactEmailIn{{Email: "ops@example.com"}},
	}
	created := must[*byoc.CustomCloudEnvironmentCreateOut](w)(client.CustomCloudEnvironmentCreate(ctx, org.ID, in))
	id := created.CustomCloudEnvironmentId
	if created.State != byoc.CustomCloudEnvironmentStateTypeDraft || created.Tags["team"] != "data" || created.ContactEmails[0].RealName != nil ||
		created.UpdateTime.IsZero() || *created.ByocUniqueName == "" || *created.AivenAWSAssumeRoleExternalId == "" {
		t.Errorf("created %+v", created)
	}
	if _, err := client.CustomCloudEnvironmentCreate(ctx, org.ID, in); !aiven.IsAlreadyExists(err) {
		t.Errorf("the name again: %v", err)
	}
	name := t.Name() + " renamed"
	updated := must[*byoc.CustomCloudEnvironmentUpdateOut](w)(client.CustomCloudEnvironmentUpdate(ctx, org.ID, id, &byoc.CustomCloudEnvironmentUpdateIn{DisplayName: &name}))
	// An update of nothing, which this client sends without a body, is a read.
	same := must[*byoc.CustomCloudEnvironmentUpdateOut](w)(client.CustomCloudEnvironmentUpdate(ctx, org.ID, id, &byoc.CustomCloudEnvironmentUpdateIn{}))
	if updated.DisplayName != name || same.DisplayName != name || !same.UpdateTime.Equal(updated.UpdateTime) {
		t.Errorf("updated %+v, then %+v", updated, same)
	}
	w.clientPermissions(client, id)
	w.clientDirectory(client)

	c := must[*byoc.CustomCloudEnvironmentGetOut](w)(client.CustomCloudEnvironmentGet(ctx, org.ID, id))
	for _, bad := range []string{"00000000-0000-4000-8000-000000000000", "nothing", "a/b", ".."} {
		if _, err := client.CustomCloudEnvironmentGet(ctx, org.ID, bad); !aiven.IsNotFound(err) {
			t.Errorf("cloud %q: %v", bad, err)
		}
	}
	role := w.role(must[customer.Cloud](w)(w.api.Find(ctx, c.CustomCloudEnvironmentId)), nil)
	provisioned := must[*byoc.CustomCloudEnvironmentProvisionOut](w)(client.CustomCloudEnvironmentProvision(ctx, org.ID, id, &byoc.CustomCloudEnvironmentProvisionIn{AWSIamRoleArn: &role}))
	if provisioned.State != byoc.CustomCloudEnvironmentStateTypeValidating && provisioned.State != byoc.CustomCloudEnvironmentStateTypeCreating {
		t.Errorf("provisioning: %s", provisioned.State)
	}
	active := w.clientWait(client, id, byoc.CustomCloudEnvironmentStateTypeActive)
	if len(active.CustomCloudNames) != 1 || len(active.AWSSubnetsWorkload) != 3 || *active.AWSIamRoleArn != role {
		t.Errorf("active %+v", active)
	}
	w.clientProjectClouds(client, active)
	// What the Terraform provider takes for done.
	if _, err := client.CustomCloudEnvironmentProvision(ctx, org.ID, id, &byoc.CustomCloudEnvironmentProvisionIn{AWSIamRoleArn: &role}); !aiven.IsAlreadyExists(err) {
		t.Errorf("provisioned again: %v", err)
	}
	for range 2 {
		if err := client.CustomCloudEnvironmentDelete(ctx, org.ID, id); err != nil {
			t.Fatal(err)
		}
	}
	w.clientWait(client, id, byoc.CustomCloudEnvironmentStateTypeDeleted)
	if err := client.CustomCloudEnvironmentDelete(ctx, org.ID, id); err != nil {
		t.Errorf("deleting what is deleted: %v", err)
	}
	w.wantEmpty()
}

// clientWait polls as the Terraform provider does.
func (w *world) clientWait(client aiven.Client, id string, state byoc.CustomCloudEnvironmentStateType) *byoc.CustomCloudEnvironmentGetOut {
	w.Helper()
	for {
		c := must[*byoc.CustomCloudEnvironmentGetOut](w)(client.CustomCloudEnvironmentGet(w.ctx, system.Seed.Organization.ID, id))
		if c.State == state {
			return c
		}
		if c.State == byoc.CustomCloudEnvironmentStateTypeCreationFailed || c.State == byoc.CustomCloudEnvironmentStateTypeDeletionFailed || w.ctx.Err() != nil {
			w.Fatalf("%s instead of %s: %v", c.State, state, c.Errors)
		}
		select {
		case <-w.ctx.Done():
		case <-time.After(300 * time.Millisecond):
		}
	}
}

func (w *world) clientPermissions(client aiven.Client, id string) {
	w.Helper()
	org := system.Seed.Organization
	in := &byoc.CustomCloudEnvironmentPermissionsSetIn{Accounts: []string{org.AccountID}, Projects: []string{system.Seed.Projects["web"]}}
	if err := client.CustomCloudEnvironmentPermissionsSet(w.ctx, org.ID, id, in); err != nil {
		w.Fatal(err)
	}
	out := must[*byoc.CustomCloudEnvironmentPermissionsGetOut](w)(client.CustomCloudEnvironmentPermissionsGet(w.ctx, org.ID, id))
	if len(out.Accounts) != 1 || out.Accounts[0] != org.AccountID || len(out.Projects) != 1 {
		w.Errorf("permissions %+v", out)
	}
	var bad aiven.Error
	err := client.CustomCloudEnvironmentPermissionsSet(w.ctx, org.ID, id, &byoc.CustomCloudEnvironmentPermissionsSetIn{Accounts: []string{"nobody"}})
	if !errors.As(err, &bad) || bad.Status != http.StatusBadRequest {
		w.Errorf("an unknown account: %v", err)
	}
	// How the Terraform provider takes permissions away.
	none := &byoc.CustomCloudEnvironmentPermissionsSetIn{Accounts: []string{}, Projects: []string{}}
	if err := client.CustomCloudEnvironmentPermissionsSet(w.ctx, org.ID, id, none); err != nil {
		w.Fatal(err)
	}
	if out := must[*byoc.CustomCloudEnvironmentPermissionsGetOut](w)(client.CustomCloudEnvironmentPermissionsGet(w.ctx, org.ID, id)); len(out.Accounts)+len(out.Projects) != 0 {
		w.Errorf("permissions %+v", out)
	}
}

func (w *world) clientDirectory(client aiven.Client) {
	w.Helper()
	org := system.Seed.Organization
	one, err := client.OrganizationGet(w.ctx, org.ID)
	if err != nil || one.OrganizationName != org.Name || one.AccountId != org.AccountID || one.CreateTime.IsZero() {
		w.Errorf("organization %+v, %v", one, err)
	}
	if _, err := client.OrganizationGet(w.ctx, "nobody"); !aiven.IsNotFound(err) {
		w.Errorf("an unknown organization: %v", err)
	}
	all, err := client.UserOrganizationsList(w.ctx)
	if err != nil || len(all) != 1 || all[0].OrganizationId != org.ID {
		w.Errorf("organizations %+v, %v", all, err)
	}
	accounts, err := client.AccountList(w.ctx)
	if err != nil || len(accounts) != 1+len(system.Seed.Units) || accounts[0].AccountId != org.AccountID {
		w.Errorf("accounts %+v, %v", accounts, err)
	}
	unit, err := client.AccountGet(w.ctx, system.Seed.Units["data"])
	if err != nil || unit.AccountName != "data" || *unit.ParentAccountId != system.Seed.Units["platform"] || unit.CreateTime.IsZero() {
		w.Errorf("account %+v, %v", unit, err)
	}
	if _, err := client.AccountGet(w.ctx, "nothing"); !aiven.IsNotFound(err) {
		w.Errorf("an unknown account: %v", err)
	}
	if _, err := client.ListProjectClouds(w.ctx, "nothing"); !aiven.IsNotFound(err) {
		w.Errorf("the clouds of an unknown project: %v", err)
	}
}

// clientProjectClouds permits one project, which then finds the cloud, as
// another one does not. Clouds of other tests that run at once are none of it.
func (w *world) clientProjectClouds(client aiven.Client, c *byoc.CustomCloudEnvironmentGetOut) {
	w.Helper()
	in := &byoc.CustomCloudEnvironmentPermissionsSetIn{Accounts: []string{}, Projects: []string{system.Seed.Projects["web"]}}
	if err := client.CustomCloudEnvironmentPermissionsSet(w.ctx, system.Seed.Organization.ID, c.CustomCloudEnvironmentId, in); err != nil {
		w.Fatal(err)
	}
	for project, want := range map[string]int{"web": 1, "staging": 0} {
		n := 0
		for _, found := range must[[]cloud.CloudOut](w)(client.ListProjectClouds(w.ctx, system.Seed.Projects[project])) {
			if found.CloudName != c.CustomCloudNames[0] {
				continue
			}
			n++
			if found.GeoRegion != "europe" || found.Provider == nil || *found.Provider != "custom" || found.CloudDescription == nil || !strings.Contains(*found.CloudDescription, c.DisplayName) {
				w.Errorf("cloud %+v", found)
			}
		}
		if n != want {
			w.Errorf("project %s finds it %d times", project, n)
		}
	}
}

// What other people's tokens get of it, in the client's own terms.
func TestTheGeneratedGoClientOfOthers(t *testing.T) {
	w := newWorld(t)
	c := w.draft(nil)
	org := system.Seed.Organization.ID
	others := goClient(t, system.Seed.Tokens.OtherAdmin)
	if _, err := others.CustomCloudEnvironmentGet(w.ctx, org, c.ID); !aiven.IsNotFound(err) {
		t.Errorf("another organization's administrator: %v", err)
	}
	for what, err := range map[string]error{
		"organization":       failure(others.OrganizationGet(w.ctx, org)),
		"account":            failure(others.AccountGet(w.ctx, system.Seed.Organization.AccountID)),
		"unit":               failure(others.AccountGet(w.ctx, system.Seed.Units["data"])),
		"project":            failure(others.ListProjectClouds(w.ctx, system.Seed.Projects["web"])),
		"permissions":        failure(others.CustomCloudEnvironmentPermissionsGet(w.ctx, org, c.ID)),
		"deletion":           others.CustomCloudEnvironmentDelete(w.ctx, org, c.ID),
		"provision":          failure(others.CustomCloudEnvironmentProvision(w.ctx, org, c.ID, &byoc.CustomCloudEnvironmentProvisionIn{})),
		"set of permissions": others.CustomCloudEnvironmentPermissionsSet(w.ctx, org, c.ID, &byoc.CustomCloudEnvironmentPermissionsSetIn{Accounts: []string{}, Projects: []string{}}),
	} {
		if !aiven.IsNotFound(err) {
			t.Errorf("another organization's %s: %v", what, err)
		}
	}
	organizations := must[[]organization.OrganizationOut](w)(others.UserOrganizationsList(w.ctx))
	accounts := must[[]account.AccountOut](w)(others.AccountList(w.ctx))
	if len(organizations) != 1 || organizations[0].OrganizationId == org || len(accounts) != 1 || accounts[0].AccountId == system.Seed.Organization.AccountID {
		t.Errorf("others see %+v, %+v", organizations, accounts)
	}
	name := "stolen"
	wants := func(client aiven.Client, status int) {
		t.Helper()
		_, err := client.CustomCloudEnvironmentUpdate(w.ctx, org, c.ID, &byoc.CustomCloudEnvironmentUpdateIn{DisplayName: &name})
		var got aiven.Error
		if !errors.As(err, &got) || got.Status != status || got.Message == "" {
			t.Errorf("%v instead of %d", err, status)
		}
	}
	wants(others, http.StatusNotFound)
	wants(goClient(t, system.Seed.Tokens.Member), http.StatusForbidden)
	wants(goClient(t, "nonsense"), http.StatusUnauthorized)
	if err := goClient(t, system.Seed.Tokens.Admin).CustomCloudEnvironmentDelete(context.WithoutCancel(w.ctx), org, c.ID); err != nil {
		t.Error(err)
	}
}

func failure[T any](_ T, err error) error { return err }
