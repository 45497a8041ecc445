package cloud_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

// Each limit, at which it is taken and above which it is refused by name. A
// limit counts characters: ä is one.
func TestEachLimitHoldsExactly(t *testing.T) {
	email := func(n int) string { return strings.Repeat("a", n-len("@example.com")) + "@example.com" }
	contacts := func(n int) (list []cloud.Contact) {
		for i := range n {
			list = append(list, cloud.Contact{Email: fmt.Sprintf("c%d@example.com", i)})
		}
		return list
	}
	tags := func(n int) map[string]string {
		m := map[string]string{}
		for i := range n {
			m[fmt.Sprintf("key-%d", i)] = ""
		}
		return m
	}
	rules := func(n int) (list []cloud.IngressRule) {
		for i := range n {
			list = append(list, cloud.IngressRule{Protocol: "tcp", FromPort: i, ToPort: i, CIDR: "10.9.0.0/24"})
		}
		return list
	}
	peers := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("192.168.%d.0/24", i))
		}
		return list
	}
	rule := func(change func(*cloud.IngressRule)) func(*cloud.Description) {
		return func(d *cloud.Description) {
			d.IngressRules = rules(1)
			change(&d.IngressRules[0])
		}
	}
	for _, test := range []struct {
		name  string
		limit int
		set   func(d *cloud.Description, n int)
		at    string
	}{
		{"display_name", 64, func(d *cloud.Description, n int) { d.DisplayName = "  " + strings.Repeat("ä", n) + " " }, "body.display_name"},
		{"contacts", 100, func(d *cloud.Description, n int) { d.Contacts = contacts(n) }, "body.contact_emails"},
		{"email", 254, func(d *cloud.Description, n int) { d.Contacts[0].Email = email(n) }, "body.contact_emails[0].email"},
		{"real_name", 256, func(d *cloud.Description, n int) { d.Contacts[0].Name = strings.Repeat("ä", n) }, "body.contact_emails[0].real_name"},
		{"role", 256, func(d *cloud.Description, n int) { d.Contacts[0].Role = strings.Repeat("ä", n) }, "body.contact_emails[0].role"},
		{"tags", 30, func(d *cloud.Description, n int) { d.Tags = tags(n) }, "body.tags"},
		{"key of a tag", 63, func(d *cloud.Description, n int) { d.Tags = map[string]string{strings.Repeat("k", n): ""} }, "body.tags." + strings.Repeat("k", 64)},
		{"key of a tag, prefixed", 63, func(d *cloud.Description, n int) {
			d.Tags = map[string]string{cloud.TagKeyPrefix + strings.Repeat("k", n): ""}
		}, "body.tags." + (cloud.TagKeyPrefix + strings.Repeat("k", 64))[:80]},
		{"value of a tag", 255, func(d *cloud.Description, n int) { d.Tags = map[string]string{"k": strings.Repeat("ä", n)} }, "body.tags.k"},
		{"ingress_rules", 50, func(d *cloud.Description, n int) { d.IngressRules = rules(n) }, "body.ingress_rules"},
		{"description of a rule", 200, func(d *cloud.Description, n int) {
			rule(func(r *cloud.IngressRule) { r.Description = strings.Repeat("d", n) })(d)
		}, "body.ingress_rules[0].description"},
		{"port", 65535, func(d *cloud.Description, n int) {
			rule(func(r *cloud.IngressRule) { r.ToPort = n })(d)
		}, "body.ingress_rules[0].from_port"},
		{"digits of a security group's id", 17, func(d *cloud.Description, n int) {
			rule(func(r *cloud.IngressRule) { r.CIDR, r.SecurityGroupID = "", "sg-"+strings.Repeat("a", n) })(d)
		}, "body.ingress_rules[0].security_group_id"},
		{"peer_cidrs", 50, func(d *cloud.Description, n int) { d.PeerCIDRs = peers(n) }, "body.peer_cidrs"},
		{"prefix of reserved_cidr", 24, func(d *cloud.Description, n int) { d.CIDR = fmt.Sprintf("10.0.0.0/%d", n) }, "body.reserved_cidr"},
	} {
		for n, want := range map[int][]string{test.limit: nil, test.limit + 1: {test.at}} {
			d := valid()
			test.set(&d, n)
			if got := refusals(t, d); !slices.Equal(got, want) {
				t.Errorf("%s of %d: refused for %v, want %v", test.name, n, got, want)
			}
		}
	}
	// The lower ends.
	for _, c := range []struct {
		change func(*cloud.Description)
		want   []string
	}{
		{func(d *cloud.Description) { d.DisplayName = "x" }, nil},
		{func(d *cloud.Description) { d.CIDR = "10.0.0.0/16" }, nil},
		{func(d *cloud.Description) { d.CIDR = "10.0.0.0/15" }, []string{"body.reserved_cidr"}},
		{func(d *cloud.Description) { d.Contacts = contacts(1) }, nil},
		{func(d *cloud.Description) { d.Contacts = contacts(0) }, []string{"body.contact_emails"}},
		{rule(func(r *cloud.IngressRule) { r.FromPort = 0 }), nil},
		{rule(func(r *cloud.IngressRule) { r.CIDR, r.SecurityGroupID = "", "sg-01234567" }), nil},
		{rule(func(r *cloud.IngressRule) { r.CIDR, r.SecurityGroupID = "", "sg-0123456" }), []string{"body.ingress_rules[0].security_group_id"}},
		{rule(func(r *cloud.IngressRule) { r.CIDR, r.SecurityGroupID = "", "sg-0123456G" }), []string{"body.ingress_rules[0].security_group_id"}},
		{rule(func(r *cloud.IngressRule) { r.CIDR, r.SecurityGroupID = "", "vpc-01234567" }), []string{"body.ingress_rules[0].security_group_id"}},
		{rule(func(r *cloud.IngressRule) { r.FromPort = -1 }), []string{"body.ingress_rules[0].from_port"}},
	} {
		d := valid()
		c.change(&d)
		if got := refusals(t, d); !slices.Equal(got, c.want) {
			t.Errorf("%+v: refused for %v, want %v", d, got, c.want)
		}
	}
}

func TestARoleARNIsAsIAMMakesThem(t *testing.T) {
	const account = "222222222222"
	for arn, right := range map[string]bool{
		"arn:aws:iam::" + account + ":role/" + strings.Repeat("r", 64): true, "arn:aws:iam::" + account + ":role/" + strings.Repeat("r", 65): false,
		"arn:aws:iam::" + account + "2:role/r": false, "arn:aws:iam::" + account[1:] + ":role/r": false, "arn:aws:iam::" + account + ":role/": false,
		"arn:aws:iam::" + account + ":role/aZ09+=,.@_-": true, "arn:aws:iam::" + account + ":role/path/r": false, "arn:aws:iam::" + account + ":role/r\n": false,
		"arn:aws:iam::22222222222a:role/r": false, "arn:aws-cn:iam::" + account + ":role/r": false, " arn:aws:iam::" + account + ":role/r": false,
		"arn:aws:iam::" + account + ":user/r": false, "arn:aws:iam::" + account + ":role/r:role/r": false, "arn:aws:iam::" + account: false, "": false,
	} {
		if r, err := cloud.ParseRoleARN(arn); (err == nil) != right || right && r.Account != account {
			t.Errorf("%s: %v, %v", arn, r, err)
		}
	}
}

func TestTheLimitOfARoleARN(t *testing.T) {
	w := newWorld()
	c := w.draft(t)
	for n, says := range map[int]string{2048: "not the ARN", 2049: "at most 2048"} {
		arn := "arn:aws:iam::222222222222:role/"
		arn += strings.Repeat("r", n-len(arn))
		for what, err := range map[string]error{
			"saved":       second(w.Update(t.Context(), "org1", c.ID, cloud.Changes{RoleARN: cloud.Some(arn)}, admin, always)),
			"provisioned": second(w.Provision(t.Context(), "org1", c.ID, arn, admin, always)),
		} {
			if cloud.CodeOf(err) != cloud.Invalid || !strings.Contains(cloud.MessageOf(err), says) {
				t.Errorf("%d characters, %s: %v", n, what, err)
			}
		}
	}
}

func second(_ cloud.Cloud, err error) error { return err }

func TestPermissionsAreBounded(t *testing.T) {
	w := newWorld()
	c := w.draft(t)
	ids := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprint("id-", i), fmt.Sprint("id-", i))
		}
		return list
	}
	most := cloud.Permissions{Accounts: ids(cloud.MaxPermissions), Projects: ids(cloud.MaxPermissions)}
	if _, err := w.SetPermissions(t.Context(), "org1", c.ID, most, always); err != nil {
		t.Error(err)
	}
	for location, p := range map[string]cloud.Permissions{
		"body.accounts": {Accounts: ids(cloud.MaxPermissions + 1)}, "body.projects": {Projects: ids(cloud.MaxPermissions + 1)},
	} {
		_, err := w.SetPermissions(t.Context(), "org1", c.ID, p, always)
		if f := cloud.FieldsOf(err); len(f) != 1 || f[0].Location != location || !strings.Contains(f[0].Message, "500") {
			t.Errorf("%s: %v", location, err)
		}
	}
}

// What may change in which state: the role while nothing stands on it, the rest
// of what a network is made of only before there is one.
func TestWhatIsFixedInEachState(t *testing.T) {
	for _, state := range cloud.States() {
		w := newWorld()
		c := w.in(t, state)
		for name, change := range map[string]struct {
			cloud.Changes
			in []cloud.State
		}{
			"aws_iam_role_arn": {cloud.Changes{RoleARN: cloud.Some("arn:aws:iam::333333333333:role/" + c.RoleName())}, []cloud.State{cloud.Draft, cloud.CreationFailed}},
			"cloud_region":     {cloud.Changes{Region: cloud.Some("eu-west-2")}, []cloud.State{cloud.Draft}},
			"reserved_cidr":    {cloud.Changes{CIDR: cloud.Some("10.1.0.0/16")}, []cloud.State{cloud.Draft}},
			"nat_gateways":     {cloud.Changes{NATGateways: cloud.Some(cloud.NATSingle)}, []cloud.State{cloud.Draft}},
			// There is no other provider and model yet: in a draft they are invalid.
			"cloud_provider":   {cloud.Changes{Provider: cloud.Some("google")}, nil},
			"deployment_model": {cloud.Changes{DeploymentModel: cloud.Some("hipaa")}, nil},
		} {
			w.store.clouds[c.ID] = c
			_, err := w.Update(t.Context(), "org1", c.ID, change.Changes, admin, always)
			want := cloud.Conflict
			if slices.Contains(change.in, state) {
				want = ""
			} else if state == cloud.Draft {
				want = cloud.Invalid
			}
			if cloud.CodeOf(err) != want {
				t.Errorf("%s of a cloud that is %s: %v, want %q", name, state, err, want)
			}
		}
	}
}
