package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"byoc/infra/local/awscall"
)

// stateMachines makes deployed state machines run. moto keeps two sets of
// them: CloudFormation writes to one that does nothing, the interpreter reads
// the other, and a switch of the whole server says which of the two the API
// shows.
type stateMachines struct {
	emulator   awscall.Emulator
	executions *executions

	// switching is held for writing while the API shows the other set.
	switching sync.RWMutex

	mu       sync.Mutex
	deployed map[string]machine
}

type machine struct{ arn, name, definition, role string }

func newStateMachines(emulator awscall.Emulator) *stateMachines {
	return &stateMachines{emulator: emulator, executions: newExecutions(emulator), deployed: map[string]machine{}}
}

// interpret throws moto's switch.
func (m *stateMachines) interpret(ctx context.Context, on bool) error {
	body, err := json.Marshal(map[string]any{"stepfunctions": map[string]bool{"execute_state_machine": on}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.emulator.URL+"/moto-api/config", bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := m.emulator.Transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("configure moto: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		return fmt.Errorf("configure moto: status %d", response.StatusCode)
	}
	return nil
}

// stacksChanged copies what CloudFormation made to where it runs.
func (m *stateMachines) stacksChanged(ctx context.Context, at place, resources []resource) error {
	wanted := map[string]bool{}
	for _, r := range ofKind(resources, "AWS::StepFunctions::StateMachine") {
		wanted[r.physicalID] = true
	}
	gone := m.gone(at, wanted)
	if len(wanted) == 0 && len(gone) == 0 {
		return nil
	}
	client := sfn.NewFromConfig(m.emulator.Config(at.account, at.region))
	m.switching.Lock()
	defer m.switching.Unlock()
	machines, err := m.readDeployed(ctx, client, wanted)
	if err != nil {
		return fmt.Errorf("read deployed state machines: %w", err)
	}
	var problems []error
	for _, arn := range gone {
		_, err := client.DeleteStateMachine(ctx, &sfn.DeleteStateMachineInput{StateMachineArn: aws.String(arn)})
		problems = append(problems, err)
	}
	for _, machine := range machines {
		if err := m.put(ctx, client, machine); err != nil {
			problems = append(problems, fmt.Errorf("state machine %s: %w", machine.name, err))
		}
	}
	return errors.Join(problems...)
}

// gone forgets the state machines of a place that are deployed no longer.
func (m *stateMachines) gone(at place, wanted map[string]bool) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var arns []string
	for arn := range m.deployed {
		if accountOf(arn) == at.account && regionOf(arn) == at.region && !wanted[arn] {
			arns = append(arns, arn)
			delete(m.deployed, arn)
		}
	}
	return arns
}

func (m *stateMachines) readDeployed(ctx context.Context, client *sfn.Client, wanted map[string]bool) (machines []machine, err error) {
	if err := m.interpret(ctx, false); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.interpret(context.WithoutCancel(ctx), true)) }()
	for arn := range wanted {
		out, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: aws.String(arn)})
		if err != nil {
			return nil, err
		}
		machines = append(machines, machine{
			arn: arn, name: aws.ToString(out.Name), definition: aws.ToString(out.Definition), role: aws.ToString(out.RoleArn),
		})
	}
	return machines, nil
}

func (m *stateMachines) put(ctx context.Context, client *sfn.Client, wanted machine) error {
	if wanted.definition == "" {
		return errors.New("it has no DefinitionString; moto reads nothing else")
	}
	current, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: aws.String(wanted.arn)})
	var missing *types.StateMachineDoesNotExist
	switch {
	case errors.As(err, &missing):
		_, err = client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
			Name: aws.String(wanted.name), Definition: aws.String(wanted.definition), RoleArn: aws.String(wanted.role),
		})
	case err == nil && (aws.ToString(current.Definition) != wanted.definition || aws.ToString(current.RoleArn) != wanted.role):
		_, err = client.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{
			StateMachineArn: aws.String(wanted.arn), Definition: aws.String(wanted.definition), RoleArn: aws.String(wanted.role),
		})
	}
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deployed[wanted.arn] = wanted
	return nil
}

// handle answers a call of Step Functions.
func (m *stateMachines) handle(ctx context.Context, call *awscall.Call, next awscall.Handler) *awscall.Response {
	m.switching.RLock()
	defer m.switching.RUnlock()
	if response, ok := m.executions.handle(ctx, call, next); ok {
		return response
	}
	return next(ctx, call)
}

// roleFor is the role of the one deployed state machine that can have made a
// call, empty if there are several.
func (m *stateMachines) roleFor(call *awscall.Call) string {
	if role := call.Header.Get(executionRole); role != "" {
		return role
	}
	target := integrationTarget(call)
	m.mu.Lock()
	defer m.mu.Unlock()
	role := ""
	for _, machine := range m.deployed {
		if !mentions(machine.definition, target) {
			continue
		}
		if role != "" && role != machine.role {
			return ""
		}
		role = machine.role
	}
	return role
}

// integrationTarget is how a definition names what a call goes to: a
// function by its name, everything else by service and action.
func integrationTarget(call *awscall.Call) []string {
	if call.Service == "lambda" && call.Operation == "Invoke" {
		name := functionReference(call).name
		return []string{":function:" + name, `"FunctionName":"` + name + `"`}
	}
	if call.Operation == "" {
		return nil
	}
	action := strings.ToLower(call.Operation[:1]) + call.Operation[1:]
	return []string{"states:::" + call.Service + ":" + action, ":aws-sdk:" + call.Service + ":" + action}
}

func mentions(definition string, targets []string) bool {
	compact := strings.NewReplacer(" ", "", "\n", "", "\t", "").Replace(definition)
	for _, target := range targets {
		rest := compact
		for {
			at := strings.Index(rest, target)
			if at < 0 {
				break
			}
			rest = rest[at+len(target):]
			// A name that goes on is another name.
			if rest == "" || !isNameByte(rest[0]) || strings.HasSuffix(target, `"`) {
				return true
			}
		}
	}
	return false
}

func isNameByte(b byte) bool {
	return b == '-' || b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
