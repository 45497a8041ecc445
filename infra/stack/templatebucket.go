package stack

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// A dot in a bucket's name does not go with the certificate of its host.
var bucketNames = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

func (r *reader) bucket(key string) string {
	name := r.text(key, "")
	if name != "" && !bucketNames.MatchString(name) {
		r.fail("%s is %q; it is the name of a bucket, without dots", key, name)
	}
	return name
}

// offerTemplate has the API link to the template in a bucket. Nothing of ours
// reads it there: customers' CloudFormation does.
func offerTemplate(api function, bucket string) {
	if bucket == "" {
		return
	}
	api.set("TEMPLATE_BUCKET_URL", awscdk.Fn_Join(jsii.String(""), jsii.Strings(
		"https://"+bucket+".s3.", *awscdk.Aws_REGION(), ".", *awscdk.Aws_URL_SUFFIX())))
}
