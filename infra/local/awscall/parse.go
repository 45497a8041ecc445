package awscall

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// MaxBody is the largest request body that Parse reads; function code
// uploads are the largest there are.
const MaxBody = 300 << 20

var credentialScope = regexp.MustCompile(`Credential=([^,\s]+)`)

// Parse reads an AWS request off the wire, body included. The caller it
// fills in has only the access key: who is behind a key is for the server to
// know. It fails only where the body cannot be read.
func Parse(r *http.Request) (*Call, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	if len(body) > MaxBody {
		return nil, fmt.Errorf("request body exceeds %d bytes", MaxBody)
	}

	header := r.Header.Clone()
	header.Set("Host", r.Host)
	call := &Call{
		RequestID: uuid.NewString(),
		Method:    r.Method,
		URL:       r.URL,
		Header:    header,
		Body:      body,
	}
	key, region, service := credential(r)
	call.Caller.AccessKeyID = key
	call.Region = region
	call.Service = service
	call.readParameters(r)
	return call, nil
}

// credential reads access key, region and service out of the request's
// credential scope: of the Authorization header, or of a presigned URL.
func credential(r *http.Request) (key, region, service string) {
	var scope string
	if m := credentialScope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		scope = m[1]
	} else {
		scope = r.URL.Query().Get("X-Amz-Credential")
	}
	// The date is the first part after the key; SigV4A has no region.
	switch parts := strings.Split(scope, "/"); len(parts) {
	case 5:
		key, region, service = parts[0], parts[2], parts[3]
	case 4:
		key, service = parts[0], parts[2]
	}
	if service == "" {
		service = unsignedService(r)
	}
	return key, region, strings.ToLower(service)
}

func unsignedService(r *http.Request) string {
	target := r.Header.Get("X-Amz-Target")
	switch {
	case strings.HasPrefix(target, "DynamoDB"):
		return "dynamodb"
	case strings.HasPrefix(target, "AWSStepFunctions"):
		return "states"
	case strings.HasPrefix(target, "AWSEvents"):
		return "events"
	case strings.HasPrefix(target, "AmazonSQS"):
		return "sqs"
	case strings.HasPrefix(r.URL.Path, "/2015-03-31/functions"):
		return "lambda"
	default:
		return "s3"
	}
}

func (c *Call) readParameters(r *http.Request) {
	contentType := r.Header.Get("Content-Type")
	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "":
		c.Operation = target[strings.LastIndexByte(target, '.')+1:]
		c.JSON = decodeObject(c.Body)
	case strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		c.Query, _ = url.ParseQuery(string(c.Body))
		for k, v := range r.URL.Query() {
			if !c.Query.Has(k) {
				c.Query[k] = v
			}
		}
		c.Operation = c.Query.Get("Action")
	case r.URL.Query().Has("Action"):
		c.Query = r.URL.Query()
		c.Operation = c.Query.Get("Action")
	default:
		c.Operation = restOperation(c.Service, r.Method, r.URL.Path)
		if c.Service == "lambda" || c.Service == "ses" || strings.Contains(contentType, "json") {
			c.JSON = decodeObject(c.Body)
		}
	}
}

// decodeObject is nil where the body is no JSON object: a Lambda payload may
// be any JSON value.
func decodeObject(body []byte) map[string]any {
	var object map[string]any
	if len(body) == 0 || json.Unmarshal(body, &object) != nil {
		return nil
	}
	return object
}

type restRoute struct {
	service, method string
	path            *regexp.Regexp
	operation       string
}

var restRoutes = []restRoute{
	{"lambda", "POST", regexp.MustCompile(`^/2015-03-31/functions/[^/]+/invocations$`), "Invoke"},
	{"lambda", "POST", regexp.MustCompile(`^/2014-11-13/functions/[^/]+/invoke-async/?$`), "InvokeAsync"},
	{"lambda", "GET", regexp.MustCompile(`^/2015-03-31/functions/?$`), "ListFunctions"},
	{"lambda", "POST", regexp.MustCompile(`^/2015-03-31/functions/?$`), "CreateFunction"},
	{"lambda", "GET", regexp.MustCompile(`^/2015-03-31/functions/[^/]+/configuration$`), "GetFunctionConfiguration"},
	{"lambda", "PUT", regexp.MustCompile(`^/2015-03-31/functions/[^/]+/configuration$`), "UpdateFunctionConfiguration"},
	{"lambda", "PUT", regexp.MustCompile(`^/2015-03-31/functions/[^/]+/code$`), "UpdateFunctionCode"},
	{"lambda", "GET", regexp.MustCompile(`^/2015-03-31/functions/[^/]+$`), "GetFunction"},
	{"lambda", "DELETE", regexp.MustCompile(`^/2015-03-31/functions/[^/]+$`), "DeleteFunction"},
	{"lambda", "GET", regexp.MustCompile(`^/2015-03-31/event-source-mappings/?$`), "ListEventSourceMappings"},
	{"lambda", "POST", regexp.MustCompile(`^/2015-03-31/event-source-mappings/?$`), "CreateEventSourceMapping"},
	{"lambda", "GET", regexp.MustCompile(`^/2015-03-31/event-source-mappings/[^/]+$`), "GetEventSourceMapping"},
	{"lambda", "PUT", regexp.MustCompile(`^/2015-03-31/event-source-mappings/[^/]+$`), "UpdateEventSourceMapping"},
	{"lambda", "DELETE", regexp.MustCompile(`^/2015-03-31/event-source-mappings/[^/]+$`), "DeleteEventSourceMapping"},
	{"ses", "POST", regexp.MustCompile(`^/v2/email/outbound-emails$`), "SendEmail"},
	{"ses", "POST", regexp.MustCompile(`^/v2/email/outbound-bulk-emails$`), "SendBulkEmail"},
	{"ses", "GET", regexp.MustCompile(`^/v2/email/account$`), "GetAccount"},
	{"ses", "POST", regexp.MustCompile(`^/v2/email/identities$`), "CreateEmailIdentity"},
	{"ses", "GET", regexp.MustCompile(`^/v2/email/identities/[^/]+$`), "GetEmailIdentity"},
}

var cborPath = regexp.MustCompile(`^/service/[^/]+/operation/([^/]+)$`)

func restOperation(service, method, path string) string {
	if m := cborPath.FindStringSubmatch(path); m != nil {
		return m[1]
	}
	for _, route := range restRoutes {
		if route.service == service && route.method == method && route.path.MatchString(path) {
			return route.operation
		}
	}
	return ""
}
