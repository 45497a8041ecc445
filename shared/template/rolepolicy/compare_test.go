package rolepolicy

import (
	"slices"
	"strings"
	"testing"
)

const stem, region = "cce-0b6a6a2c5a3f4f8e9f0b1d2c3b4a5968", "eu-west-1"

func current(t *testing.T) Document {
	t.Helper()
	d, err := For(stem, region)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Each case edits the template's policy in one way.
func TestCompare(t *testing.T) {
	statement := func(d *Document, sid string) *Statement {
		i := slices.IndexFunc(d.Statement, func(s Statement) bool { return s.Sid == sid })
		return &d.Statement[i]
	}
	for name, test := range map[string]struct {
		edit    func(*Document)
		missing string
		more    bool
		denies  string
		denied  string
	}{
		"unedited": {func(*Document) {}, "", false, "", ""},
		"an action less": {func(d *Document) {
			s := statement(d, sidRemove)
			s.Action = slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == "ec2:DeleteVpc" })
		}, "ec2:DeleteVpc", false, "", ""},
		"a resource type less": {func(d *Document) {
			statement(d, "CreateNatGatewayInThisCloudsSubnets").Resource = Strings{"arn:aws:ec2:eu-west-1:*:subnet/*"}
		},
			"ec2:CreateNatGateway", false, "", ""},
		"another name": {func(d *Document) {
			statement(d, "CreateInThisCloudsVpc").Condition = Conditions{"StringLike": {"ec2:ResourceTag/Name": {"other-*"}}}
		}, "ec2:CreateRouteTable,ec2:CreateSecurityGroup,ec2:CreateSubnet", true, "", ""},
		"a condition more": {func(d *Document) {
			statement(d, "CreateNatGatewayInThisCloudsSubnets").Condition["Bool"] = map[string]Strings{"aws:SecureTransport": {"true"}}
		}, "ec2:CreateNatGateway", false, "", ""},
		"no condition": {func(d *Document) { statement(d, sidChange).Condition = nil }, "", true, "", ""},
		"wildcards": {func(d *Document) {
			d.Statement = []Statement{{Effect: "Allow", Action: Strings{"EC2:*", "iam:Get*", "iam:List*"}, Resource: Strings{"*"}}}
		}, "", true, "", ""},
		"order and Sids": {func(d *Document) {
			slices.Reverse(d.Statement)
			for i := range d.Statement {
				d.Statement[i].Sid = ""
				slices.Reverse(d.Statement[i].Action)
			}
		}, "", false, "", ""},
		"a denial": {func(d *Document) {
			d.Statement = append(d.Statement, Statement{Sid: "No", Effect: "Deny", Action: Strings{"ec2:Delete*"}, Resource: Strings{"*"}})
		}, "", false, "No", "ec2:DeleteInternetGateway,ec2:DeleteNatGateway,ec2:DeleteRouteTable,ec2:DeleteSecurityGroup,ec2:DeleteSubnet,ec2:DeleteVpc"},
		"a denial on one type": {func(d *Document) {
			d.Statement = append(d.Statement, Statement{Sid: "No", Effect: "Deny", Action: Strings{"ec2:createnatgateway"}, Resource: Strings{"arn:aws:ec2:*:*:subnet/*"}})
		}, "", false, "No", "ec2:CreateNatGateway"},
		"a denial on one resource": {func(d *Document) {
			d.Statement = append(d.Statement, Statement{Sid: "No", Effect: "Deny", Action: Strings{"ec2:DeleteVpc"}, Resource: Strings{"arn:aws:ec2:*:*:vpc/vpc-1"}})
		}, "", false, "No", ""},
		"a denial under a condition": {func(d *Document) {
			d.Statement = append(d.Statement, Statement{Sid: "No", Effect: "Deny", Action: Strings{"ec2:*"}, Resource: Strings{"*"},
				Condition: Conditions{"StringNotEquals": {"aws:RequestedRegion": {region}}}})
		}, "", false, "No", ""},
		"a denial of something else": {func(d *Document) {
			d.Statement = append(d.Statement, Statement{Sid: "No", Effect: "Deny", Action: Strings{"s3:*"}, Resource: Strings{"*"}})
		}, "", false, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			applied := current(t)
			test.edit(&applied)
			parsed, err := Parse(applied.Indented())
			if err != nil {
				t.Fatal(err)
			}
			d := Compare(parsed, current(t))
			if got := strings.Join(d.MissingActions(), ","); got != test.missing {
				t.Errorf("missing %s", got)
			}
			if len(d.More) > 0 != test.more || strings.Join(d.Denies, ",") != test.denies || strings.Join(d.Denied, ",") != test.denied {
				t.Errorf("more %v, denies %v, denied %v", d.More, d.Denies, d.Denied)
			}
			if d.None() != (test.missing == "" && !test.more && test.denies == "") {
				t.Error("None")
			}
		})
	}
}

func TestParse(t *testing.T) {
	d, err := Parse(`{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}`)
	if err != nil || len(d.Statement) != 1 || d.Statement[0].Action[0] != "ec2:*" || d.TemplateVersion() != "" {
		t.Errorf("%+v %v", d, err)
	}
	for _, text := range []string{
		``, `{}`, `{"Statement":[{"Effect":"Allow","NotAction":"x","Resource":"*"}]}`,
		`{"Statement":[{"Effect":"Allow","Action":"x","NotResource":"*"}]}`, `{"Statement":[],"More":1}`,
	} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%s is understood", text)
		}
	}
	if v := current(t).TemplateVersion(); v != "1" {
		t.Errorf("version %q", v)
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"ec2:*", "ec2:CreateVpc", true}, {"ec2:Create*", "ec2:DeleteVpc", false}, {"*", "", true}, {"a?c", "abc", true},
		{"a?c", "ac", false}, {"*:vpc/*", "arn:aws:ec2:eu-west-1:*:vpc/*", true}, {"a", "ab", false}, {"a*b*c", "axxbyyc", true}, {"a*b*c", "axxbyy", false},
	} {
		if got := glob(c.pattern, c.text); got != c.want {
			t.Errorf("%s on %s: %t", c.pattern, c.text, got)
		}
	}
}
