package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"byoc/infra/customer"
	"byoc/infra/local/inventory"
)

// story is what is played, and what it came to.
type story struct {
	customer *customer.Customer
	account  customer.Account
	started  time.Time

	cloud     customer.Cloud
	before    inventory.Inventory
	terraform *customer.Terraform
	rows      []row
}

// row of the table at the end.
type row struct{ what, state, mailed, left string }

func (s *story) chapter(title string) { fmt.Printf("\n— %s\n", title) }

func (s *story) say(format string, args ...any) {
	fmt.Printf("%6.1fs  %s\n", time.Since(s.started).Seconds(), fmt.Sprintf(format, args...))
}

// draft describes a custom cloud under a name that no earlier demo has taken.
func (s *story) draft(ctx context.Context, name string) (customer.Cloud, error) {
	return s.customer.Create(ctx, map[string]any{
		"cloud_provider":   "aws",
		"cloud_region":     s.customer.Run.Region,
		"deployment_model": "standard",
		"display_name":     name + " " + strings.ToLower(rand.Text()[:5]),
		"reserved_cidr":    "10.20.0.0/16",
		"contact_emails": []map[string]string{
			{"email": "network@customer.example", "real_name": "Network team", "role": "Network engineer"},
			{"email": "oncall@customer.example", "real_name": "On call", "role": "SRE"},
		},
	})
}

func (s *story) inventory(ctx context.Context) (inventory.Inventory, error) {
	return inventory.Take(ctx, s.account.Config())
}

// expectNothing compares the account with what it was; the role itself is the
// customer's and does not count.
func (s *story) expectNothing(ctx context.Context, before inventory.Inventory) error {
	after, err := s.inventory(ctx)
	if err != nil {
		return err
	}
	before.Roles, after.Roles = nil, nil
	return s.same(before, after)
}

// expectNoRole compares all of it, after the customer has removed the roles.
func (s *story) expectNoRole(ctx context.Context) error {
	after, err := s.inventory(ctx)
	if err != nil {
		return err
	}
	return s.same(s.before, after)
}

func (s *story) same(before, after inventory.Inventory) error {
	if diff := inventory.Diff(before, after); len(diff) > 0 {
		return fmt.Errorf("the account is not as it was:\n  %s", strings.Join(diff, "\n  "))
	}
	s.say("the account is as it was before: nothing left")
	return nil
}

func (s *story) fromDraftToActive(ctx context.Context) error {
	s.chapter("A custom cloud, from draft to active")
	var err error
	if s.before, err = s.inventory(ctx); err != nil {
		return err
	}
	if s.cloud, err = s.draft(ctx, "Demo"); err != nil {
		return err
	}
	s.say("draft %q is %s", s.cloud.DisplayName, s.cloud.ID)
	s.say("its network will cost %s %s a month", s.cloud.MonthlyPrice.Amount, s.cloud.MonthlyPrice.Currency)
	roleARN, err := s.applyTemplate(ctx)
	if err != nil {
		return err
	}
	s.say("the role that the template made: %s", roleARN)
	if _, err := s.customer.Update(ctx, s.cloud.ID, map[string]any{"aws_iam_role_arn": roleARN}); err != nil {
		return err
	}
	s.say("saved as draft with its role ARN")
	if err := s.preflight(ctx); err != nil {
		return err
	}
	if err := s.customer.SetPermissions(ctx, s.cloud.ID, []string{s.customer.Run.Organization.AccountID}, nil); err != nil {
		return err
	}
	s.say("available for all projects")
	if s.cloud, err = s.customer.Provision(ctx, s.cloud.ID, roleARN); err != nil {
		return err
	}
	s.say("provisioning: %s", s.cloud.State)
	if s.cloud, err = s.customer.Wait(ctx, s.cloud.ID, s.progress(), "active", "creation_failed"); err != nil {
		return err
	}
	if s.cloud.State != "active" {
		return fmt.Errorf("the custom cloud is %s: %v", s.cloud.State, s.cloud.Errors)
	}
	s.say("active; services are placed in it as %s", strings.Join(s.cloud.Names, ", "))
	if len(s.cloud.Workload) != 3 || len(s.cloud.Bastion) != 3 {
		return fmt.Errorf("expected subnets in three zones, not %v and %v", s.cloud.Workload, s.cloud.Bastion)
	}
	created, err := s.created(ctx)
	if err != nil {
		return err
	}
	mailed, err := s.mailed(ctx, s.cloud, "active")
	if err != nil {
		return err
	}
	s.rows = append(s.rows, row{"created: " + created, "active", mailed, ""})
	return nil
}

// mailed waits until every contact has been told.
func (s *story) mailed(ctx context.Context, c customer.Cloud, about string) (string, error) {
	subject, err := s.customer.WaitForMails(ctx, c, about)
	if err != nil {
		return "", err
	}
	s.say("mailed to all %d contacts: %q", len(c.Contacts), subject)
	return subject, nil
}

// progress prints each step when it comes to an end.
func (s *story) progress() func(customer.Cloud) {
	state, done := "", map[string]bool{}
	return func(c customer.Cloud) {
		if c.State != state {
			state = c.State
			s.say("state %s", state)
		}
		for _, step := range c.Provisioning.Steps {
			if step.State == "ready" && !done[step.Key] {
				done[step.Key] = true
				s.say("  %-40s %s", strings.TrimSpace(step.Title+" "+step.Zone), step.ResourceID)
			}
		}
	}
}

// created lists what is in the account now and was not before.
func (s *story) created(ctx context.Context) (string, error) {
	after, err := s.inventory(ctx)
	if err != nil {
		return "", err
	}
	// Both subnets of three zones, a NAT gateway in each, and what leads there.
	const want = "1 VPC, 6 subnets, 1 internet gateways, 3 NAT gateways, 3 addresses, 2 security groups, 4 route tables"
	made := inventory.Made(s.before, after)
	if made != want {
		return "", fmt.Errorf("new in the account: %s; expected: %s", made, want)
	}
	s.say("in the customer's account: %s", made)
	return made, nil
}

// applyTemplate creates the role as a customer does: with Terraform where it
// is at hand, with CloudFormation otherwise.
func (s *story) applyTemplate(ctx context.Context) (roleARN string, err error) {
	template, err := s.customer.Document(ctx, s.cloud.ID, "terraform/template")
	if err != nil {
		return "", err
	}
	variables, err := s.customer.Document(ctx, s.cloud.ID, "terraform/variables")
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "byoc-demo-")
	if err != nil {
		return "", err
	}
	s.say("the Terraform template: terraform init")
	s.terraform, err = s.account.NewTerraform(ctx, dir, template, variables)
	if err == nil {
		s.say("terraform apply in account %s", s.account.ID)
		return s.terraform.Apply(ctx)
	}
	_ = os.RemoveAll(dir)
	if !errors.Is(err, customer.ErrNoTerraform) {
		return "", err
	}
	s.say("terraform or its AWS provider is not at hand: CloudFormation instead")
	return s.applyCloudFormation(ctx, s.cloud, func(text string) string { return text })
}

func (s *story) applyCloudFormation(ctx context.Context, c customer.Cloud, edit func(string) string) (string, error) {
	text, err := s.customer.Document(ctx, c.ID, "cloudformation/template")
	if err != nil {
		return "", err
	}
	s.say("the CloudFormation template, applied in account %s", s.account.ID)
	return s.account.ApplyCloudFormation(ctx, c.UniqueName, edit(text))
}
