// Command publishtemplate puts the CloudFormation template of the customer's
// role into a bucket, with the credentials of whoever deploys: `make
// publish-template TEMPLATE_BUCKET=…`. Customers' CloudFormation reads it there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"byoc/shared/template"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "publish-template:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("publish-template", flag.ContinueOnError)
	bucket := flags.String("bucket", "", "the bucket, as the stack's context key templateBucket names it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *bucket == "" {
		return errors.New("-bucket is missing")
	}
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	// Its hash is in the key: what is there already is the same text.
	client := s3.NewFromConfig(settings, func(o *s3.Options) {
		// A local AWS has no host per bucket.
		o.UsePathStyle = o.BaseEndpoint != nil
	})
	_, err = client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: bucket, Key: aws.String(template.CloudFormationKey()),
		Body: strings.NewReader(template.CloudFormationTemplate()), ContentType: aws.String("application/json"),
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "s3://%s/%s\n", *bucket, template.CloudFormationKey())
	return err
}
