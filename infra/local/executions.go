package local

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/uuid"

	"byoc/infra/local/awscall"
)

// executions gives every execution an account of its own inside of moto:
// moto copies everything that an account's Step Functions hold before it
// starts an execution, and cannot copy one that has been started before. So
// one account can start one execution, ever. Callers never see these
// accounts: requests and answers are translated.
type executions struct {
	emulator awscall.Emulator
	starts   keyedMutex

	mu sync.Mutex
	// started are the executions by the state machine they run, real the
	// accounts they belong to by the ones they run in.
	started map[string][]execution
	real    map[string]string
	// roles are those of the state machines by the accounts that their
	// executions run in.
	roles map[string]string
}

type execution struct{ arn, name, input string }

func newExecutions(emulator awscall.Emulator) *executions {
	return &executions{emulator: emulator, started: map[string][]execution{}, real: map[string]string{}, roles: map[string]string{}}
}

// hiddenAccount is the account that an execution runs in: always the same
// one, so that nothing has to be remembered to find it again.
func hiddenAccount(executionARN string) string {
	sum := sha256.Sum256([]byte(executionARN))
	return fmt.Sprintf("9%011d", binary.BigEndian.Uint64(sum[:])%100_000_000_000)
}

// anyAccount is what moto/server.py has in place of a hidden account where all
// executions of a state machine share what is parsed of it.
const anyAccount = "900000000000"

func inAccount(arn, account string) string {
	return strings.Replace(arn, ":"+accountOf(arn)+":", ":"+account+":", 1)
}

func executionARN(machineARN, name string) string {
	return strings.Replace(machineARN, ":stateMachine:", ":execution:", 1) + ":" + name
}

// handle answers the calls that concern executions; ok is false for others.
func (e *executions) handle(ctx context.Context, call *awscall.Call, next awscall.Handler) (response *awscall.Response, ok bool) {
	switch call.Operation {
	case "StartExecution":
		return e.start(ctx, call, next), true
	case "ListExecutions":
		return e.list(ctx, call), true
	case "StopExecution":
		return e.stop(ctx, call, next), true
	case "DescribeExecution", "GetExecutionHistory", "DescribeStateMachineForExecution":
		arn, _ := call.JSON["executionArn"].(string)
		return forwardHidden(ctx, call, arn, "executionArn", next), true
	case "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat", "GetActivityTask", "RedriveExecution":
		return awscall.ErrorResponse(call, http.StatusNotImplemented, "NotImplemented",
			"the local AWS does not know states:"+call.Operation), true
	}
	return nil, false
}

// forwardHidden passes a call on to the account that the execution runs in.
func forwardHidden(ctx context.Context, call *awscall.Call, executionARN, parameter string, next awscall.Handler) *awscall.Response {
	hidden, real := hiddenAccount(executionARN), accountOf(executionARN)
	moved := *call
	moved.JSON = map[string]any{}
	for name, value := range call.JSON {
		moved.JSON[name] = value
	}
	if arn, ok := call.JSON[parameter].(string); ok {
		moved.JSON[parameter] = inAccount(arn, hidden)
	}
	moved.Body = mustJSON(moved.JSON)
	moved.Header = call.Header.Clone()
	moved.Header.Del("Content-Length")
	moved.Caller.Account = hidden
	response := next(ctx, &moved)
	if response != nil {
		for _, account := range []string{hidden, anyAccount} {
			response.Body = bytes.ReplaceAll(response.Body, []byte(":"+account+":"), []byte(":"+real+":"))
		}
		response.Header.Del("Content-Length")
		// The checksum is of the body as it was.
		response.Header.Del("X-Amz-Crc32")
	}
	return response
}

func (e *executions) start(ctx context.Context, call *awscall.Call, next awscall.Handler) *awscall.Response {
	machineARN, _ := call.JSON["stateMachineArn"].(string)
	name, _ := call.JSON["name"].(string)
	input, _ := call.JSON["input"].(string)
	if name == "" {
		name = uuid.NewString()
		call.JSON["name"] = name
	}
	if input == "" {
		input = "{}"
	}
	arn := executionARN(machineARN, name)
	unlock := e.starts.lock(arn)
	defer unlock()
	if response := e.repeated(ctx, call, machineARN, arn, input); response != nil {
		return response
	}
	machine, err := sfn.NewFromConfig(e.emulator.Config(accountOf(machineARN), regionOf(machineARN))).
		DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: aws.String(machineARN)})
	if err != nil {
		return awscall.ErrorResponse(call, http.StatusBadRequest, "StateMachineDoesNotExist", "State Machine Does Not Exist: '"+machineARN+"'")
	}
	hidden := hiddenAccount(arn)
	_, err = sfn.NewFromConfig(e.emulator.Config(hidden, regionOf(machineARN))).CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: machine.Name, RoleArn: machine.RoleArn,
		// A function that is named in the execution's account tells whose call
		// it is: the interpreter signs all calls alike.
		Definition: aws.String(functionARN.ReplaceAllString(aws.ToString(machine.Definition), "${1}"+hidden+"${3}")),
	})
	if err != nil {
		return awscall.ErrorResponse(call, http.StatusInternalServerError, "InternalFailure", err.Error())
	}
	// The interpreter may call before the start is answered.
	e.mu.Lock()
	e.real[hidden], e.roles[hidden] = accountOf(arn), aws.ToString(machine.RoleArn)
	e.mu.Unlock()
	response := forwardHidden(ctx, call, arn, "stateMachineArn", next)
	if response != nil && response.Status < 300 {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.started[machineARN] = append(e.started[machineARN], execution{arn: arn, name: name, input: input})
	}
	return response
}

// repeated answers a start under a name that has been used: as the first one
// was answered while that runs with the same input, else with an error.
func (e *executions) repeated(ctx context.Context, call *awscall.Call, machineARN, arn, input string) *awscall.Response {
	earlier, err := e.describe(ctx, arn)
	if err != nil {
		return nil
	}
	same := aws.ToString(earlier.Input) == input
	e.mu.Lock()
	for _, known := range e.started[machineARN] {
		if known.arn == arn {
			same = known.input == input
		}
	}
	e.mu.Unlock()
	if earlier.Status != types.ExecutionStatusRunning || !same {
		return awscall.ErrorResponse(call, http.StatusBadRequest, "ExecutionAlreadyExists", "Execution Already Exists: '"+arn+"'")
	}
	return awscall.JSONResponse(call, http.StatusOK, map[string]any{"executionArn": arn, "startDate": epoch(earlier)})
}

// stop stops an execution, repeatedly if need be: before the execution's own
// thread runs, moto fails on a stop or ignores it.
func (e *executions) stop(ctx context.Context, call *awscall.Call, next awscall.Handler) *awscall.Response {
	arn, _ := call.JSON["executionArn"].(string)
	response := forwardHidden(ctx, call, arn, "executionArn", next)
	for range 40 {
		out, err := e.describe(ctx, arn)
		if err != nil || out.Status != types.ExecutionStatusRunning {
			break
		}
		pause(ctx, 50*time.Millisecond)
		response = forwardHidden(ctx, call, arn, "executionArn", next)
	}
	return response
}

func (e *executions) describe(ctx context.Context, arn string) (*sfn.DescribeExecutionOutput, error) {
	hidden := hiddenAccount(arn)
	return sfn.NewFromConfig(e.emulator.Config(hidden, regionOf(arn))).
		DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(inAccount(arn, hidden))})
}

func epoch(out *sfn.DescribeExecutionOutput) float64 {
	return float64(aws.ToTime(out.StartDate).UnixMilli()) / 1000
}

// list answers ListExecutions, newest first.
func (e *executions) list(ctx context.Context, call *awscall.Call) *awscall.Response {
	machineARN, _ := call.JSON["stateMachineArn"].(string)
	filter, _ := call.JSON["statusFilter"].(string)
	e.mu.Lock()
	known := append([]execution(nil), e.started[machineARN]...)
	e.mu.Unlock()
	items := []map[string]any{}
	for _, one := range known {
		out, err := e.describe(ctx, one.arn)
		if err != nil || filter != "" && filter != string(out.Status) {
			continue
		}
		item := map[string]any{
			"executionArn": one.arn, "name": one.name, "stateMachineArn": machineARN,
			"status": string(out.Status), "startDate": epoch(out),
		}
		if out.StopDate != nil {
			item["stopDate"] = float64(out.StopDate.UnixMilli()) / 1000
		}
		items = append(items, item)
	}
	sort.SliceStable(items, func(i, j int) bool { return items[i]["startDate"].(float64) > items[j]["startDate"].(float64) })
	first := 0
	if token, ok := call.JSON["nextToken"].(string); ok {
		first, _ = strconv.Atoi(token)
	}
	count := 100
	if asked, ok := call.JSON["maxResults"].(float64); ok && asked > 0 {
		count = int(asked)
	}
	first = min(max(first, 0), len(items))
	end := min(first+count, len(items))
	page := map[string]any{"executions": items[first:end]}
	if end < len(items) {
		page["nextToken"] = strconv.Itoa(end)
	}
	return awscall.JSONResponse(call, http.StatusOK, page)
}

var functionARN = regexp.MustCompile(`(arn:aws:lambda:[a-z0-9-]+:)([0-9]{12})(:function:)`)

// executionRole carries the role of an execution from translate to identify.
const executionRole = "X-Local-Execution-Role"

// translateFunction puts the real account into the function that an execution
// invokes, and notes whose role it does so with.
func (e *executions) translateFunction(call *awscall.Call) {
	call.Header.Del(executionRole)
	if call.Caller.AccessKeyID != interpreterKey || call.Service != "lambda" {
		return
	}
	ref := functionReference(call)
	e.mu.Lock()
	defer e.mu.Unlock()
	if real, ok := e.real[ref.account]; ok {
		call.Header.Set(executionRole, e.roles[ref.account])
		call.URL.RawPath = strings.Replace(call.URL.EscapedPath(), ref.account, real, 1)
		call.URL.Path = strings.Replace(call.URL.Path, ref.account, real, 1)
	}
}

var hiddenARN = regexp.MustCompile(`(arn:aws:states:[a-z0-9-]+:)(9[0-9]{11})(:)`)

// translate puts the real account into what the interpreter sends: a
// definition may pass on the ARN of its execution.
func (e *executions) translate(call *awscall.Call) error {
	e.translateFunction(call)
	if call.Caller.AccessKeyID != interpreterKey || !hiddenARN.Match(call.Body) {
		return nil
	}
	e.mu.Lock()
	call.Body = hiddenARN.ReplaceAllFunc(call.Body, func(match []byte) []byte {
		parts := hiddenARN.FindSubmatch(match)
		real, ok := e.real[string(parts[2])]
		if !ok {
			return match
		}
		return bytes.Join([][]byte{parts[1], []byte(real), parts[3]}, nil)
	})
	e.mu.Unlock()
	call.Header.Del("Content-Length")
	if call.JSON == nil {
		return nil
	}
	call.JSON = nil
	if err := json.Unmarshal(call.Body, &call.JSON); err != nil {
		return errors.Join(errors.New("translate a state machine's call"), err)
	}
	return nil
}
