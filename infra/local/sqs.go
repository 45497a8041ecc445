package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"byoc/infra/local/awscall"
)

// mappings are the event source mappings from queues to functions. moto
// would run the function in Docker while a message is sent, so they are
// disabled there and served here.
type mappings struct {
	lifetime  context.Context
	work      *workGroup
	endpoint  string
	wait      time.Duration
	log       *slog.Logger
	emulator  awscall.Emulator
	functions *functions
	tokens    *tokenService

	mu sync.Mutex
	// enabled says whether a mapping that no template describes is to be
	// served, by its id.
	enabled map[string]bool
	// declared holds what the templates say about mappings.
	declared map[place]map[string]bool
	pollers  map[string]*poller
}

func newMappings(lifetime context.Context, work *workGroup, endpoint string, c Config, emulator awscall.Emulator, functions *functions, tokens *tokenService) *mappings {
	return &mappings{
		lifetime: lifetime, work: work, endpoint: endpoint, wait: max(c.PollWait, time.Second), log: c.Log,
		emulator: emulator, functions: functions, tokens: tokens,
		enabled: map[string]bool{}, declared: map[place]map[string]bool{}, pollers: map[string]*poller{},
	}
}

func (m *mappings) stacksChanged(ctx context.Context, at place, resources []resource) error {
	declared := map[string]bool{}
	for _, r := range ofKind(resources, "AWS::Lambda::EventSourceMapping") {
		declared[r.physicalID] = fmt.Sprint(r.value("Enabled")) != "false"
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.declared[at] = declared
	return m.sync(ctx, at)
}

// changed follows a call that changed a mapping in moto.
func (m *mappings) changed(ctx context.Context, call *awscall.Call, response *awscall.Response) *awscall.Response {
	if response == nil || response.Status >= 300 {
		return response
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	id := call.URL.Path[strings.LastIndexByte(strings.TrimSuffix(call.URL.Path, "/"), '/')+1:]
	if enabled, ok := call.JSON["Enabled"].(bool); ok && call.Operation == "UpdateEventSourceMapping" {
		m.enabled[id] = enabled
		for _, declared := range m.declared {
			if _, ok := declared[id]; ok {
				declared[id] = enabled
			}
		}
	}
	if err := m.sync(ctx, place{call.Caller.Account, call.Region}); err != nil {
		return awscall.ErrorResponse(call, http.StatusInternalServerError, "ServiceException", err.Error())
	}
	return response
}

// sync makes the pollers of a place agree with its mappings.
func (m *mappings) sync(ctx context.Context, at place) error {
	client := lambda.NewFromConfig(m.emulator.Config(at.account, at.region))
	listed, err := client.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{})
	if err != nil {
		return fmt.Errorf("list event source mappings: %w", err)
	}
	wanted := map[string]mapping{}
	var problems []error
	for _, c := range listed.EventSourceMappings {
		id := aws.ToString(c.UUID)
		if aws.ToString(c.State) == "Enabled" {
			m.enabled[id] = true
			_, err := client.UpdateEventSourceMapping(ctx, &lambda.UpdateEventSourceMappingInput{UUID: c.UUID, Enabled: aws.Bool(false)})
			problems = append(problems, err)
		}
		enabled, declared := m.declared[at][id]
		if !declared {
			enabled = m.enabled[id]
		}
		if !strings.HasPrefix(aws.ToString(c.EventSourceArn), "arn:aws:sqs:") {
			problems = append(problems, fmt.Errorf("event source %s: the local AWS serves only queues", aws.ToString(c.EventSourceArn)))
			continue
		}
		if enabled {
			wanted[id] = mappingFrom(c)
		}
	}
	m.apply(at, wanted)
	return errors.Join(problems...)
}

func (m *mappings) apply(at place, wanted map[string]mapping) {
	for id, running := range m.pollers {
		if running.at == at && wanted[id] != running.mapping {
			running.cancel()
			delete(m.pollers, id)
		}
	}
	for id, mapping := range wanted {
		if m.pollers[id] != nil {
			continue
		}
		ctx, cancel := context.WithCancel(m.lifetime)
		p := &poller{
			at: at, mapping: mapping, cancel: cancel,
			endpoint: m.endpoint, wait: m.wait, log: m.log, functions: m.functions, tokens: m.tokens, work: m.work,
		}
		m.pollers[id] = p
		m.work.run(func() { p.run(ctx) })
	}
}

// mapping is what of an event source mapping matters to a poller.
type mapping struct {
	queueARN    string
	function    functionRef
	batchSize   int32
	concurrency int
	partial     bool
}

func mappingFrom(c types.EventSourceMappingConfiguration) mapping {
	result := mapping{
		queueARN:    aws.ToString(c.EventSourceArn),
		function:    parseFunctionRef(aws.ToString(c.FunctionArn), functionRef{}),
		batchSize:   min(max(aws.ToInt32(c.BatchSize), 1), 10),
		concurrency: 5,
	}
	if c.ScalingConfig != nil && c.ScalingConfig.MaximumConcurrency != nil {
		result.concurrency = int(*c.ScalingConfig.MaximumConcurrency)
	}
	for _, kind := range c.FunctionResponseTypes {
		result.partial = result.partial || kind == types.FunctionResponseTypeReportBatchItemFailures
	}
	return result
}
