package local

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"byoc/infra/local/awscall"
)

// functionRef names a function in an account and region.
type functionRef struct{ account, region, name string }

func (r functionRef) arn() string {
	return "arn:aws:lambda:" + r.region + ":" + r.account + ":function:" + r.name
}

// functionReference reads a function's name out of a Lambda call: a name, an
// ARN or a part of one, with or without a qualifier.
func functionReference(call *awscall.Call) functionRef {
	parts := strings.Split(strings.Trim(call.URL.EscapedPath(), "/"), "/")
	ref := functionRef{account: call.Caller.Account, region: call.Region}
	if len(parts) < 3 {
		return ref
	}
	name, err := url.PathUnescape(parts[2])
	if err != nil {
		name = parts[2]
	}
	return parseFunctionRef(name, ref)
}

func parseFunctionRef(name string, ref functionRef) functionRef {
	parts := strings.Split(name, ":")
	switch {
	case len(parts) >= 7 && parts[0] == "arn":
		return functionRef{account: parts[4], region: parts[3], name: parts[6]}
	case len(parts) >= 3 && parts[1] == "function":
		ref.account, ref.name = parts[0], parts[2]
	default:
		ref.name = parts[0]
	}
	return ref
}

// function is what a function's processes are started from.
type function struct {
	ref         functionRef
	role        string
	timeout     time.Duration
	memory      int32
	handler     string
	runtime     string
	environment map[string]string
	sha256      string
	codeKey     string
	// reserved is the function's own limit of concurrent executions;
	// negative if it has none.
	reserved int
	// version changes whenever the code or the configuration does.
	version string
}

var errNoFunction = errors.New("function not found")

// lookup reads a function's configuration as it is deployed now.
func (f *functions) lookup(ctx context.Context, ref functionRef) (*function, error) {
	f.mu.Lock()
	cached, ok := f.known[ref]
	f.mu.Unlock()
	if ok && time.Since(cached.at) < configurationAge {
		return cached.function, nil
	}
	client := lambda.NewFromConfig(f.emulator.Config(ref.account, ref.region))
	out, err := client.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(ref.name)})
	if err != nil {
		var missing *types.ResourceNotFoundException
		if errors.As(err, &missing) {
			return nil, errNoFunction
		}
		return nil, fmt.Errorf("look up function %s: %w", ref.name, err)
	}
	fn := functionFrom(ref, out)
	f.mu.Lock()
	f.known[ref] = knownFunction{fn, time.Now()}
	f.mu.Unlock()
	return fn, nil
}

// configurationAge is how long a configuration is trusted: short enough that
// nobody notices after a deployment.
const configurationAge = 500 * time.Millisecond

type knownFunction struct {
	function *function
	at       time.Time
}

func functionFrom(ref functionRef, out *lambda.GetFunctionOutput) *function {
	c := out.Configuration
	fn := &function{
		ref:      ref,
		role:     aws.ToString(c.Role),
		timeout:  time.Duration(aws.ToInt32(c.Timeout)) * time.Second,
		memory:   aws.ToInt32(c.MemorySize),
		handler:  aws.ToString(c.Handler),
		runtime:  string(c.Runtime),
		sha256:   aws.ToString(c.CodeSha256),
		reserved: -1,
	}
	if c.Environment != nil {
		fn.environment = c.Environment.Variables
	}
	if out.Code != nil {
		location := aws.ToString(out.Code.Location)
		if _, key, ok := strings.Cut(location, ".amazonaws.com/"); ok {
			fn.codeKey = key
		}
	}
	if out.Concurrency != nil && out.Concurrency.ReservedConcurrentExecutions != nil {
		fn.reserved = int(*out.Concurrency.ReservedConcurrentExecutions)
	}
	fn.version = fmt.Sprintf("%s %s %s %v %d %s", fn.sha256, fn.role, fn.timeout, fn.environment, fn.memory, fn.handler)
	return fn
}

// env is the environment of the function's processes, and all of it but the
// runtime API's address: nothing of ours leaks into them.
func (fn *function) env(endpoint, taskRoot string, credentials session) []string {
	env := []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=en_US.UTF-8", "TZ=:UTC"}
	for name, value := range fn.environment {
		env = append(env, name+"="+value)
	}
	return append(env,
		"_HANDLER="+fn.handler,
		"LAMBDA_TASK_ROOT="+taskRoot,
		"AWS_LAMBDA_FUNCTION_NAME="+fn.ref.name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		fmt.Sprintf("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%d", fn.memory),
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/"+fn.ref.name,
		"AWS_LAMBDA_LOG_STREAM_NAME="+time.Now().UTC().Format("2006/01/02/")+"[$LATEST]local",
		"AWS_REGION="+fn.ref.region,
		"AWS_DEFAULT_REGION="+fn.ref.region,
		"AWS_ENDPOINT_URL="+endpoint,
		"AWS_ACCESS_KEY_ID="+credentials.accessKeyID,
		"AWS_SECRET_ACCESS_KEY="+credentials.secret,
		"AWS_SESSION_TOKEN="+credentials.token,
	)
}
