package endtoend

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"byoc/infra/sandbox"
	"byoc/shared/preflight"
	"byoc/shared/template"
)

// templateBucket is what the deployment of these tests has configured.
const templateBucket = "byoc-templates"

// The link that the API offers, taken apart as the console does it: the stack is
// created from the template that `make publish-template` put into the bucket,
// with the link's parameters, and the role is what the checks expect.
func TestTheQuickCreateLinkMakesTheRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := s3.NewFromConfig(system.Emulator().Config(sandbox.Account, sandbox.Region), func(o *s3.Options) { o.UsePathStyle = true }).
		CreateBucket(w.ctx, &s3.CreateBucketInput{
			Bucket:                    aws.String(templateBucket),
			CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: sandbox.Region},
		})
	if err != nil {
		t.Fatal(err)
	}
	publish := exec.CommandContext(w.ctx, "go", "run", "../publishtemplate", "-bucket", templateBucket)
	publish.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+system.URL(), "AWS_REGION="+sandbox.Region,
		"AWS_ACCESS_KEY_ID="+sandbox.Account, "AWS_SECRET_ACCESS_KEY=local")
	if out, err := publish.CombinedOutput(); err != nil || !strings.Contains(string(out), template.CloudFormationKey()) {
		t.Fatalf("%v\n%s", err, out)
	}

	c := w.draft(nil)
	answer, err := w.api.Call(w.ctx, http.MethodGet, w.api.Clouds(c.ID, "infra-templates", "cloudformation", "template"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		URL string `json:"quick_create_url"`
	}
	if err := json.Unmarshal(answer.Body, &document); err != nil {
		t.Fatal(err)
	}
	link, err := url.Parse(document.URL)
	if err != nil || link.Host != sandbox.Region+".console.aws.amazon.com" {
		t.Fatalf("%v: link %q", err, document.URL)
	}
	_, query, _ := strings.Cut(link.EscapedFragment(), "?")
	fields, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	var parameters []types.Parameter
	for name := range fields {
		if key, ok := strings.CutPrefix(name, "param_"); ok {
			parameters = append(parameters, types.Parameter{ParameterKey: &key, ParameterValue: aws.String(fields.Get(name))})
		}
	}
	installer := w.installer(c, "cloudformation")
	roleARN, err := installer.CreateStack(w.ctx, &cloudformation.CreateStackInput{
		StackName: aws.String(fields.Get("stackName")), TemplateURL: aws.String(fields.Get("templateURL")), Parameters: parameters,
	})
	if err != nil {
		t.Fatal(err)
	}
	a := w.known(c, roleARN)
	if err := installer.DeleteCloudFormation(w.ctx, c.UniqueName); err != nil {
		t.Error(err)
	}
	for _, name := range []string{preflight.Role, preflight.ExternalID, preflight.Trust, preflight.Policy, preflight.Template} {
		if got := check(t, a, name); got.Verdict != preflight.Passed {
			t.Errorf("%+v", got)
		}
	}
}
