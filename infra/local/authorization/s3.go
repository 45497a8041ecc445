package authorization

import (
	"context"
	"strings"

	"byoc/infra/local/awscall"
)

// s3Operations act on objects and buckets ("Actions, resources, and condition
// keys for Amazon S3"). Most sub-resources (?acl, ?versioning, …) are not known.
var s3Operations = map[string]mapping{
	"GetObject":    s3OnObject("s3:GetObject"),
	"HeadObject":   s3OnObject("s3:GetObject"),
	"PutObject":    s3OnObject("s3:PutObject"),
	"DeleteObject": s3OnObject("s3:DeleteObject"),
	"ListObjects":  s3OnBucket("s3:ListBucket"),
	"HeadBucket":   s3OnBucket("s3:ListBucket"),

	"GetBucketLocation":   s3OnBucket("s3:GetBucketLocation"),
	"GetBucketEncryption": s3OnBucket("s3:GetEncryptionConfiguration"),

	"CreateMultipartUpload":   s3OnObject("s3:PutObject"),
	"UploadPart":              s3OnObject("s3:PutObject"),
	"CompleteMultipartUpload": s3OnObject("s3:PutObject"),
	"AbortMultipartUpload":    s3OnObject("s3:AbortMultipartUpload"),
}

// s3SubResources name operations by the method and a query parameter.
var s3SubResources = map[string]string{
	"GET location": "GetBucketLocation", "GET encryption": "GetBucketEncryption",
	"POST uploads": "CreateMultipartUpload", "PUT partNumber": "UploadPart",
	"POST uploadId": "CompleteMultipartUpload", "DELETE uploadId": "AbortMultipartUpload",
}

// s3Harmless are the query parameters that do not make another operation.
var s3Harmless = map[string]bool{"x-id": true, "list-type": true, "prefix": true, "delimiter": true, "max-keys": true}

func s3Operation(call *awscall.Call) string {
	if call.Header.Get("X-Amz-Copy-Source") != "" {
		return ""
	}
	query := call.URL.Query()
	for parameter := range query {
		if operation := s3SubResources[call.Method+" "+parameter]; operation != "" {
			return operation
		}
	}
	for parameter := range query {
		if !s3Harmless[parameter] && !strings.HasPrefix(parameter, "X-Amz-") && !strings.HasPrefix(parameter, "response-") {
			return ""
		}
	}
	bucket, key := s3Names(call)
	switch {
	case bucket == "":
		return ""
	case key == "":
		return map[string]string{"GET": "ListObjects", "HEAD": "HeadBucket"}[call.Method]
	}
	return map[string]string{
		"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject",
	}[call.Method]
}

// s3Names reads bucket and key, the bucket being in the host name or first in
// the path.
func s3Names(call *awscall.Call) (bucket, key string) {
	path := strings.TrimPrefix(call.URL.Path, "/")
	host := call.Header.Get("Host")
	for _, domain := range []string{".s3.", ".localhost"} {
		if bucket, _, found := strings.Cut(host, domain); found {
			return bucket, path
		}
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

// ownS3 says whose the bucket is, which its ARN does not tell: the emulator shows
// each account its own ones alone.
func (c *request) ownS3(list []Authorization) []Authorization {
	list[0].set("aws:ResourceAccount", c.Caller.Account)
	list[0].set("s3:ResourceAccount", c.Caller.Account)
	return list
}

func s3OnObject(action string) mapping {
	return func(_ context.Context, c *request) ([]Authorization, error) {
		bucket, key := s3Names(c.Call)
		return c.ownS3(one(action, "arn:aws:s3:::"+bucket+"/"+key)), nil
	}
}

func s3OnBucket(action string) mapping {
	return func(_ context.Context, c *request) ([]Authorization, error) {
		bucket, _ := s3Names(c.Call)
		list := c.ownS3(one(action, "arn:aws:s3:::"+bucket))
		for _, parameter := range []string{"prefix", "delimiter", "max-keys"} {
			list[0].set("s3:"+parameter, c.URL.Query().Get(parameter))
		}
		return list, nil
	}
}
