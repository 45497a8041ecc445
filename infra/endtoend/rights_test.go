package endtoend

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/sandbox"
)

// services is what Lambda, Step Functions and X-Ray do by themselves with the
// roles that we give them, and the local AWS does without: Lambda writes the logs
// and reads how its queue is set up, Step Functions has its log delivered, both
// send traces.
var services = []string{
	"sqs:GetQueueAttributes",
	"logs:CreateLogStream", "logs:PutLogEvents",
	"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
	"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
	"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
}

// unusedRights is whatever a role of ours may do on some resource and no call of
// the whole run did. That every call was allowed is judged as it is made.
func unusedRights(ctx context.Context) []string {
	client := iam.NewFromConfig(system.Emulator().Config(sandbox.Account, sandbox.Region))
	used := system.Enforcer.Used()
	var unused []string
	roles := 0
	pages := iam.NewListRolesPaginator(client, &iam.ListRolesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return []string{err.Error()}
		}
		for _, role := range page.Roles {
			// The others are the CDK's.
			if !strings.HasPrefix(aws.ToString(role.RoleName), "byoc-") {
				continue
			}
			roles++
			rights, err := rightsOf(ctx, client, aws.ToString(role.RoleName))
			if err != nil {
				return []string{err.Error()}
			}
			for _, r := range rights {
				pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(r.resource), `\*`, ".*") + "$")
				did := false
				for _, u := range used[aws.ToString(role.Arn)] {
					did = did || u.Action == r.action && pattern.MatchString(u.Resource)
				}
				if did == slices.Contains(services, r.action) {
					unused = append(unused, fmt.Sprintf("%s: %s on %s, used: %t", *role.RoleName, r.action, r.resource, did))
				}
			}
		}
	}
	if roles < 9 {
		unused = append(unused, fmt.Sprintf("only %d roles: the check cannot fail", roles))
	}
	return unused
}

type right struct{ action, resource string }

// rightsOf lists each pair of an action and a resource that a role's policies allow.
func rightsOf(ctx context.Context, client *iam.Client, role string) ([]right, error) {
	names, err := client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &role})
	if err != nil {
		return nil, err
	}
	var rights []right
	for _, name := range names.PolicyNames {
		policy, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
		if err != nil {
			return nil, err
		}
		text, err := url.QueryUnescape(aws.ToString(policy.PolicyDocument))
		if err != nil {
			return nil, err
		}
		var document struct {
			Statement []struct {
				Effect           string
				Action, Resource oneOrMore
			}
		}
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", name, role, err)
		}
		for _, s := range document.Statement {
			for _, action := range s.Action {
				for _, resource := range s.Resource {
					if s.Effect == "Allow" {
						rights = append(rights, right{action, resource})
					}
				}
			}
		}
	}
	return rights, nil
}

// oneOrMore texts, as policies have them.
type oneOrMore []string

func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal(text, (*[]string)(o))
	}
	var one string
	err := json.Unmarshal(text, &one)
	*o = oneOrMore{one}
	return err
}
