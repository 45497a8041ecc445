package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"byoc/infra/local/awscall"
)

// place is where stacks live.
type place struct{ account, region string }

// resource is a resource of a deployed template.
type resource struct {
	stack      string
	logicalID  string
	kind       string
	physicalID string
	// properties have their intrinsic functions resolved as far as moto
	// knows what they stand for.
	properties map[string]any
}

// stacks reads what is deployed. moto's CloudFormation works while it is
// called, so what a deployment changed is known when its call returns.
type stacks struct {
	emulator awscall.Emulator
	log      *slog.Logger

	refreshing sync.Mutex
	listeners  []func(context.Context, place, []resource) error
}

func newStacks(emulator awscall.Emulator, log *slog.Logger) *stacks {
	return &stacks{emulator: emulator, log: log}
}

// listen has f called with everything deployed in a place whenever that may
// have changed.
func (s *stacks) listen(f func(context.Context, place, []resource) error) {
	s.listeners = append(s.listeners, f)
}

// changed follows a CloudFormation call that moto has answered. What cannot
// be served fails the deployment: CloudFormation would have found out too.
func (s *stacks) changed(ctx context.Context, call *awscall.Call, response *awscall.Response) *awscall.Response {
	err := s.refresh(ctx, place{call.Caller.Account, call.Region})
	if err != nil && response != nil && response.Status < 300 {
		s.log.Error("deployed, but cannot be served", "cause", err)
		return awscall.ErrorResponse(call, http.StatusBadRequest, "ValidationError", err.Error())
	}
	return response
}

func (s *stacks) refresh(ctx context.Context, at place) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	resources, err := s.read(ctx, at)
	if err != nil {
		return err
	}
	var problems []error
	for _, listener := range s.listeners {
		problems = append(problems, listener(ctx, at, resources))
	}
	return errors.Join(problems...)
}

func (s *stacks) read(ctx context.Context, at place) ([]resource, error) {
	client := cloudformation.NewFromConfig(s.emulator.Config(at.account, at.region))
	var all []resource
	pages := cloudformation.NewDescribeStacksPaginator(client, &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("describe stacks: %w", err)
		}
		for _, stack := range page.Stacks {
			if stack.StackStatus == types.StackStatusReviewInProgress {
				continue
			}
			resources, err := s.readStack(ctx, client, at, stack)
			if err != nil {
				return nil, fmt.Errorf("stack %s: %w", aws.ToString(stack.StackName), err)
			}
			all = append(all, resources...)
		}
	}
	return all, nil
}

type template struct {
	Parameters map[string]struct{ Type, Default any }
	Conditions map[string]any
	Resources  map[string]struct {
		Type       string
		Condition  string
		Properties map[string]any
	}
	Outputs map[string]struct {
		Condition   string
		Description string
		Value       any
	}
}

func (s *stacks) readStack(ctx context.Context, client *cloudformation.Client, at place, stack types.Stack) ([]resource, error) {
	parsed, resolver, err := s.resolved(ctx, client, at, stack)
	if err != nil {
		return nil, err
	}
	var resources []resource
	for logicalID, r := range parsed.Resources {
		if !resolver.holds(r.Condition) {
			continue
		}
		properties, _ := resolver.resolve(r.Properties).(map[string]any)
		resources = append(resources, resource{
			stack:      aws.ToString(stack.StackName),
			logicalID:  logicalID,
			kind:       r.Type,
			physicalID: resolver.ref(logicalID),
			properties: properties,
		})
	}
	return resources, nil
}

func ofKind(resources []resource, kind string) []resource {
	var found []resource
	for _, r := range resources {
		if r.kind == kind {
			found = append(found, r)
		}
	}
	return found
}

// text is a property's value as a string, empty where it has none or an
// intrinsic function in it could not be resolved.
func (r resource) text(path ...string) string {
	value, _ := r.value(path...).(string)
	return value
}

func (r resource) value(path ...string) any {
	var value any = r.properties
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}

func (r resource) String() string {
	return strings.Join([]string{r.stack, r.logicalID}, "/")
}
