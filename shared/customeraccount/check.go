package customeraccount

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"byoc/shared/cloud"
	"byoc/shared/denial"
	"byoc/shared/preflight"
)

// Check is one thing that has to be true of a customer's account.
type Check = preflight.Check

func passed(name, message string, evidence ...preflight.Evidence) Check {
	return Check{Name: name, Verdict: preflight.Passed, Message: message, Evidence: evidence}
}

func warning(name, message, cure string, evidence ...preflight.Evidence) Check {
	return Check{Name: name, Verdict: preflight.Warning, Message: message, Cure: cure, Evidence: evidence}
}

func failed(name string, code cloud.Code, message, cure string, evidence ...preflight.Evidence) Check {
	return Check{Name: name, Verdict: preflight.Failed, Code: code, Message: message, Cure: cure, Evidence: evidence}
}

func unknown(name, message, cure string, evidence ...preflight.Evidence) Check {
	return Check{Name: name, Verdict: preflight.CouldNotCheck, Message: message, Cure: cure, Evidence: evidence}
}

// unanswered is the check of a call that told neither yes nor no. What was asked
// begins with its action.
func (r Request) unanswered(name string, asked preflight.Evidence, err error) Check {
	switch {
	case refused(err):
		action, _, _ := strings.Cut(asked.Asked, " ")
		d := r.denial(action, err)
		return unknown(name, "The call that would tell is denied, so this cannot be told. "+d.Message(), d.Cure(), asked)
	case disabled(err):
		return unknown(name, "AWS does not accept the role's credentials in this region, so this cannot be told.",
			"Enable the region first; "+preflight.Region+" says how.", asked)
	}
	return unknown(name, "AWS did not answer "+asked.Asked+" ("+asked.Answered+").", "Ask again in a minute.", asked)
}

// asked is one question put to AWS and how it ended. out is the SDK's output,
// which may be nil.
func asked(question string, out any, err error) preflight.Evidence {
	e := preflight.Evidence{Asked: question, Answered: "OK", RequestID: requestID(out)}
	if err == nil {
		return e
	}
	e.Answered = "no answer"
	if errors.Is(err, context.DeadlineExceeded) {
		e.Answered = "no answer in time"
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		e.Answered = api.ErrorCode()
		if message := denial.Plain(api.ErrorMessage()); message != "" {
			e.Answered += ": " + shortened(message)
		}
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		e.RequestID = response.ServiceRequestID()
	}
	return e
}

// answer replaces OK by what the call answered.
func answer(e preflight.Evidence, text string) preflight.Evidence {
	e.Answered = text
	return e
}

// maxAnswer bounds what is handed on of AWS's words.
const maxAnswer = 600

func shortened(s string) string {
	if len(s) > maxAnswer {
		return s[:maxAnswer] + "…"
	}
	return s
}

// requestID reads the metadata that every output of the SDK has as a field.
func requestID(out any) string {
	v := reflect.Indirect(reflect.ValueOf(out))
	if v.Kind() != reflect.Struct {
		return ""
	}
	f := v.FieldByName("ResultMetadata")
	if !f.IsValid() {
		return ""
	}
	metadata, ok := f.Interface().(middleware.Metadata)
	if !ok {
		return ""
	}
	id, _ := awsmiddleware.GetRequestIDMetadata(metadata)
	return id
}

// deniedCheck is a failed check of a call that AWS denied.
func deniedCheck(name string, r Request, action string, err error, e preflight.Evidence) Check {
	d := r.denial(action, err)
	return failed(name, cloud.Denied, d.Message(), d.Cure(), e)
}

// denial is what AWS says denied an action, with what we know of the request.
func (r Request) denial(action string, err error) denial.Denial {
	message := ""
	var api smithy.APIError
	if errors.As(err, &api) {
		message = api.ErrorMessage()
	}
	d := denial.Read(action, message)
	if role, err := cloud.ParseRoleARN(r.RoleARN); err == nil {
		d.Role = role.Name
	}
	d.Region = r.Region
	return d
}

// wrongExternalID is a fresh one each time: a customer's trust policy cannot
// name it beforehand.
func wrongExternalID() string { return "byoc-wrong-" + rand.Text() }
