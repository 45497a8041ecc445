package endtoend

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/customer"
	"byoc/shared/template"
	"byoc/shared/template/rolepolicy"
)

// wantTemplateSeen holds an active cloud against what validation saw of its
// role, and then, when the customer has edited that, against what the watch sees.
func (w *world) wantTemplateSeen(c customer.Cloud) {
	w.Helper()
	if c.Template.Applied != template.Version || c.Template.Edits != "" {
		w.Errorf("validation saw template %+v", c.Template)
	}
	policy, err := rolepolicy.For(c.UniqueName, c.Region)
	if err != nil {
		w.Fatal(err)
	}
	policy.Statement = append(policy.Statement, rolepolicy.Statement{
		Sid: "Mine", Effect: "Allow", Action: rolepolicy.Strings{"s3:ListAllMyBuckets"}, Resource: rolepolicy.Strings{"*"},
	})
	if _, err := w.account.IAM().PutRolePolicy(w.ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String(c.UniqueName + "-iam-role"), PolicyName: aws.String(rolepolicy.Name), PolicyDocument: aws.String(policy.JSON()),
	}); err != nil {
		w.Fatal(err)
	}
	for {
		if err := system.FireSchedule(schedule); err != nil {
			w.Fatal(err)
		}
		seen := must[customer.Cloud](w)(w.api.Find(w.ctx, c.ID))
		if seen.Template.Applied == template.Version && strings.Contains(seen.Template.Edits, "s3:ListAllMyBuckets") && seen.State == "active" {
			return
		}
		select {
		case <-w.ctx.Done():
			w.Fatalf("the watch sees %+v of a role that was edited", seen.Template)
		case <-time.After(time.Second):
		}
	}
}
