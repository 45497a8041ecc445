package iampolicy

import (
	"strings"
	"testing"
)

// statement wraps one statement's members into an identity-based policy.
func statement(members string) string {
	return `{"Version":"2012-10-17","Statement":[{` + members + `}]}`
}

func mustParse(t *testing.T, name, document string) Policy {
	t.Helper()
	policy, err := Parse(name, document)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

func TestActionsAndResources(t *testing.T) {
	const vpc = "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1"
	for _, c := range []struct {
		name, members, action, resource string
		allowed                         bool
	}{
		{"one text for a list", `"Action":"ec2:CreateVpc","Resource":"*"`, "ec2:CreateVpc", vpc, true},
		{"actions ignore case", `"Action":"EC2:createVPC","Resource":"*"`, "ec2:CreateVpc", vpc, true},
		{"* in an action", `"Action":["ec2:Describe*"],"Resource":"*"`, "ec2:DescribeVpcs", "*", true},
		{"? is one character", `"Action":"ec2:CreateVp?","Resource":"*"`, "ec2:CreateVpc", vpc, true},
		{"? is not none", `"Action":"ec2:CreateVpc?","Resource":"*"`, "ec2:CreateVpc", vpc, false},
		{"every action", `"Action":"*","Resource":"*"`, "iam:GetRole", vpc, true},
		{"NotAction allows the others", `"NotAction":"iam:*","Resource":"*"`, "ec2:CreateVpc", vpc, true},
		{"NotAction leaves out its own", `"NotAction":"ec2:*","Resource":"*"`, "ec2:CreateVpc", vpc, false},
		{"EC2's any type of resource", `"Action":"*","Resource":"arn:aws:ec2:*:*:*/*"`, "ec2:CreateVpc", vpc, true},
		{"an ARN of another type", `"Action":"*","Resource":"arn:aws:ec2:*:*:subnet/*"`, "ec2:CreateVpc", vpc, false},
		{"a resource yet without an id", `"Action":"*","Resource":"arn:aws:ec2:*:*:vpc/*"`, "ec2:CreateVpc", "arn:aws:ec2:eu-west-1:111111111111:vpc/*", true},
		{"an id does not match no id", `"Action":"*","Resource":"` + vpc + `"`, "ec2:CreateVpc", "arn:aws:ec2:eu-west-1:111111111111:vpc/*", false},
		{"a wildcard stays in its part", `"Action":"*","Resource":"arn:aws:ec2:*:vpc/vpc-1:x:y"`, "ec2:CreateVpc", vpc, false},
		{"the last part has colons", `"Action":"*","Resource":"arn:aws:states:*:*:execution:m*"`, "states:StopExecution", "arn:aws:states:eu-west-1:1:execution:machine:name", true},
		{"resources regard case", `"Action":"*","Resource":"arn:aws:ec2:*:*:VPC/*"`, "ec2:CreateVpc", vpc, false},
		{"an ARN does not match *", `"Action":"*","Resource":"arn:aws:ec2:*:*:vpc/*"`, "ec2:DescribeVpcs", "*", false},
		{"NotResource allows the others", `"Action":"*","NotResource":"arn:aws:ec2:*:*:subnet/*"`, "ec2:CreateVpc", vpc, true},
		{"NotResource leaves out its own", `"Action":"*","NotResource":"arn:aws:ec2:*:*:vpc/*"`, "ec2:CreateVpc", vpc, false},
		{"a variable takes the request's value", `"Action":"*","Resource":"arn:aws:ec2:*:${aws:PrincipalAccount}:vpc/*"`, "ec2:CreateVpc", vpc, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			policy := mustParse(t, "p", statement(`"Effect":"Allow",`+c.members))
			decision, err := Evaluate(Policies{Identity: []Policy{policy}}, Request{
				Action: c.action, Resource: c.resource,
				Context: map[string][]string{"aws:PrincipalAccount": {"111111111111"}},
			})
			if err != nil || decision.Allowed != c.allowed {
				t.Errorf("allowed = %v, %v", decision.Allowed, err)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		condition string
		got       string // comma-separated; empty means that the key is missing
		holds     bool
	}{
		{`"StringEquals":{"k":["a","b"]}`, "b", true},
		{`"StringEquals":{"k":"a"}`, "A", false},
		{`"StringEquals":{"k":"a*"}`, "ab", false},
		{`"StringEquals":{"k":"a"}`, "", false},
		{`"StringEqualsIfExists":{"k":"a"}`, "", true},
		{`"StringEqualsIfExists":{"k":"a"}`, "b", false},
		{`"StringNotEquals":{"k":["a","b"]}`, "b", false},
		{`"StringNotEquals":{"k":["a","b"]}`, "c", true},
		{`"StringNotEquals":{"k":"a"}`, "", true},
		{`"StringNotEqualsIfExists":{"k":"a"}`, "", true},
		{`"StringEqualsIgnoreCase":{"k":"a"}`, "A", true},
		{`"StringNotEqualsIgnoreCase":{"k":"a"}`, "A", false},
		{`"StringLike":{"k":"cce-*"}`, "cce-1", true},
		{`"StringLike":{"k":"cce-*"}`, "CCE-1", false},
		{`"StringLike":{"k":"cce-*"}`, "", false},
		{`"StringNotLike":{"k":"cce-*"}`, "", true},
		{`"StringNotLike":{"k":"cce-*"}`, "cce-1", false},
		{`"StringEquals":{"K":"a"}`, "a", true},
		{`"ArnLike":{"k":"arn:aws:iam::*:role/x"}`, "arn:aws:iam::1:role/x", true},
		{`"ArnEquals":{"k":"arn:aws:iam::*:role/x"}`, "arn:aws:iam::1:role/x", true},
		{`"ArnNotLike":{"k":"arn:aws:iam::*:role/x"}`, "", true},
		{`"ArnNotEquals":{"k":"arn:aws:iam::1:role/x"}`, "arn:aws:iam::1:role/x", false},
		{`"Bool":{"k":true}`, "true", true},
		{`"Bool":{"k":"false"}`, "true", false},
		{`"Bool":{"k":"false"}`, "", false},
		{`"Null":{"k":"true"}`, "", true},
		{`"Null":{"k":true}`, "a", false},
		{`"Null":{"k":"false"}`, "a", true},
		{`"NumericLessThan":{"k":10}`, "9", true},
		{`"NumericLessThan":{"k":10}`, "10", false},
		{`"NumericGreaterThanEquals":{"k":"10"}`, "10.0", true},
		{`"NumericNotEquals":{"k":1}`, "1", false},
		{`"IpAddress":{"k":["10.0.0.0/8","192.0.2.1"]}`, "192.0.2.1", true},
		{`"IpAddress":{"k":"10.0.0.0/8"}`, "11.0.0.1", false},
		{`"NotIpAddress":{"k":"10.0.0.0/8"}`, "11.0.0.1", true},
		{`"DateLessThan":{"k":"2026-01-01T00:00:00Z"}`, "2025-12-31T23:59:59Z", true},
		{`"DateGreaterThan":{"k":"2026-01-01"}`, "1767225601", true},
		{`"ForAllValues:StringEquals":{"k":["a","b"]}`, "a,b", true},
		{`"ForAllValues:StringEquals":{"k":["a","b"]}`, "a,c", false},
		{`"ForAllValues:StringEquals":{"k":["a","b"]}`, "", true},
		{`"ForAllValues:StringNotEquals":{"k":"a"}`, "a,b", false},
		{`"ForAllValues:StringNotEquals":{"k":"a"}`, "b,c", true},
		{`"ForAnyValue:StringEquals":{"k":"a"}`, "b,a", true},
		{`"ForAnyValue:StringEquals":{"k":"a"}`, "b,c", false},
		{`"ForAnyValue:StringEquals":{"k":"a"}`, "", false},
		{`"ForAnyValue:StringNotEquals":{"k":"a"}`, "a,b", true},
		{`"ForAnyValue:StringNotEquals":{"k":"a"}`, "a", false},
		{`"ForAnyValue:StringLikeIfExists":{"k":"a"}`, "", true},
		{`"StringEquals":{"k":"${v}"}`, "variable", true},
		{`"StringLike":{"k":"x"},"StringEquals":{"k":"x"}`, "x", true},
		{`"StringLike":{"k":"x*"},"StringEquals":{"k":"x"}`, "xy", false},
	} {
		t.Run(c.condition+" on "+c.got, func(t *testing.T) {
			policy := mustParse(t, "p", statement(`"Effect":"Allow","Action":"*","Resource":"*","Condition":{`+c.condition+`}`))
			request := Request{Action: "a:B", Resource: "*", Context: map[string][]string{"v": {"variable"}}}
			if c.got != "" {
				request.Context["k"] = strings.Split(c.got, ",")
			}
			decision, err := Evaluate(Policies{Identity: []Policy{policy}}, request)
			if err != nil || decision.Allowed != c.holds {
				t.Errorf("holds = %v, %v", decision.Allowed, err)
			}
		})
	}
}

func TestWhatIsNotUnderstoodIsRefused(t *testing.T) {
	const action = `"Effect":"Allow","Action":"a:B","Resource":"*"`
	for name, document := range map[string]string{
		"no JSON":                   `{`,
		"a second document":         statement(action) + `{}`,
		"an unknown version":        `{"Version":"2020-01-01","Statement":[]}`,
		"an unknown element":        statement(action + `,"Conditions":{}`),
		"a member given twice":      statement(action + `,"Condition":{"Bool":{"a":"true"},"Bool":{"b":"true"}}`),
		"an unknown effect":         statement(`"Effect":"allow","Action":"a:B","Resource":"*"`),
		"no action":                 statement(`"Effect":"Allow","Resource":"*"`),
		"Action beside NotAction":   statement(action + `,"NotAction":"a:C"`),
		"an action of no service":   statement(`"Effect":"Allow","Action":"CreateVpc","Resource":"*"`),
		"no resource":               statement(`"Effect":"Allow","Action":"a:B"`),
		"a resource that is no ARN": statement(`"Effect":"Allow","Action":"a:B","Resource":"arn:aws:s3*"`),
		"a principal":               statement(action + `,"Principal":"*"`),
		"an unknown operator":       statement(action + `,"Condition":{"StringMatches":{"k":"a"}}`),
		"binary operators":          statement(action + `,"Condition":{"BinaryEquals":{"k":"a"}}`),
		"an operator in lower case": statement(action + `,"Condition":{"stringequals":{"k":"a"}}`),
		"a set operator with Null":  statement(action + `,"Condition":{"ForAnyValue:Null":{"k":"true"}}`),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse("p", document); err == nil {
				t.Error("the document was read without complaint")
			}
		})
	}

	for name, condition := range map[string]string{
		"a key that nobody supplies":         `"StringNotEquals":{"aws:SourceIp":"a"}`,
		"a variable that nobody supplies":    `"StringEquals":{"k":"${aws:username}"}`,
		"an escaped wildcard":                `"StringEquals":{"k":"${*}"}`,
		"a value that is no number":          `"NumericEquals":{"k":"ten"}`,
		"a value that is no date":            `"DateEquals":{"k":"now"}`,
		"a value that is no address":         `"IpAddress":{"k":"here"}`,
		"a value that is no ARN":             `"ArnLike":{"k":"role"}`,
		"several values, no set operator":    `"StringEquals":{"many":"a"}`,
		"an unknown key beside a failed one": `"StringEquals":{"k":"b","aws:SourceIp":"a"}`,
	} {
		t.Run(name, func(t *testing.T) {
			policy := mustParse(t, "p", statement(action+`,"Condition":{`+condition+`}`))
			_, err := Evaluate(Policies{Identity: []Policy{policy}}, Request{
				Action: "a:B", Resource: "*",
				Context: map[string][]string{"k": {"1"}, "many": {"a", "b"}},
				Knows:   func(key string) bool { return key == "k" },
			})
			if err == nil {
				t.Error("evaluated without complaint")
			}
		})
	}
}

func TestOldVersionsHaveNoVariables(t *testing.T) {
	policy := mustParse(t, "p", `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"k":"${aws:x}"}}}}`)
	decision, err := Evaluate(Policies{Identity: []Policy{policy}}, Request{
		Action: "a:B", Resource: "*", Context: map[string][]string{"k": {"${aws:x}"}},
	})
	if err != nil || !decision.Allowed {
		t.Errorf("%+v, %v", decision, err)
	}
}
