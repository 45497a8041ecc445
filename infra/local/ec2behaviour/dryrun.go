package ec2behaviour

import (
	"net/http"

	"byoc/infra/local/awscall"
)

// dryRun answers a call with DryRun=true, which never reaches the emulator: a
// good part of its operations would act.
//
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html:
// "If you have the required permissions, the error response is
// DryRunOperation." Whether the caller has them is decided in front of this
// package. AWS authorizes a call on resources by looking at them, so those that
// do not exist are reported instead.
func (q *request) dryRun(reads bool) *awscall.Response {
	if !reads {
		for _, id := range q.named() {
			if q.find(id) == nil {
				return q.notFound(id)
			}
		}
	}
	return q.refuse(http.StatusPreconditionFailed, "DryRunOperation",
		"Request would have succeeded, but DryRun flag is set.")
}
