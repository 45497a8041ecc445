package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/uuid"
)

// schedules fire what EventBridge Scheduler and scheduled rules would.
type schedules struct {
	lifetime  context.Context
	work      *workGroup
	endpoint  string
	interval  time.Duration
	log       *slog.Logger
	functions *functions
	tokens    *tokenService

	mu      sync.Mutex
	running map[place]map[string]*schedule
}

type schedule struct {
	// name is the physical name, logicalID the one in the template: either
	// fires it.
	name, logicalID string
	expression      string
	enabled         bool
	function        functionRef
	// roleARN is who invokes; empty for rules, whose permission is the
	// function's own.
	roleARN string
	input   string
	rule    bool
	at      place
	cancel  context.CancelFunc
}

func newSchedules(lifetime context.Context, work *workGroup, endpoint string, c Config, functions *functions, tokens *tokenService) *schedules {
	return &schedules{
		lifetime: lifetime, work: work, endpoint: endpoint, interval: c.ScheduleInterval, log: c.Log,
		functions: functions, tokens: tokens, running: map[place]map[string]*schedule{},
	}
}

func (s *schedules) stacksChanged(_ context.Context, at place, resources []resource) error {
	wanted := map[string]*schedule{}
	var problems []error
	add := func(item *schedule, target string) {
		if !strings.HasPrefix(target, "arn:aws:lambda:") {
			problems = append(problems, fmt.Errorf("schedule %s: the local AWS fires functions, not %q", item.name, target))
			return
		}
		item.function = parseFunctionRef(target, functionRef{})
		item.at = at
		wanted[item.name] = item
	}
	for _, r := range ofKind(resources, "AWS::Scheduler::Schedule") {
		add(&schedule{
			name: nameOf(r), logicalID: r.logicalID, expression: r.text("ScheduleExpression"),
			enabled: r.text("State") != "DISABLED", roleARN: r.text("Target", "RoleArn"), input: r.text("Target", "Input"),
		}, r.text("Target", "Arn"))
	}
	for _, r := range ofKind(resources, "AWS::Events::Rule") {
		targets, _ := r.value("Targets").([]any)
		for i, target := range targets {
			if r.text("ScheduleExpression") == "" {
				break
			}
			t := resource{properties: map[string]any{"T": target}}
			item := &schedule{
				name: nameOf(r), logicalID: r.logicalID, expression: r.text("ScheduleExpression"), rule: true,
				enabled: r.text("State") != "DISABLED", input: t.text("T", "Input"),
			}
			if i > 0 {
				item.name += "#" + strconv.Itoa(i)
			}
			add(item, t.text("T", "Arn"))
		}
	}
	s.replace(at, wanted)
	return errors.Join(problems...)
}

func nameOf(r resource) string {
	if name := r.text("Name"); name != "" {
		return name
	}
	return r.physicalID
}

func (s *schedules) replace(at place, wanted map[string]*schedule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, old := range s.running[at] {
		old.cancel()
	}
	s.running[at] = wanted
	for _, item := range wanted {
		ctx, cancel := context.WithCancel(s.lifetime)
		item.cancel = cancel
		interval, err := rate(item.expression)
		switch {
		case !item.enabled, s.interval < 0:
			continue
		case s.interval > 0:
			interval = s.interval
		case err != nil:
			s.log.Warn("schedule fires only when asked to", "schedule", item.name, "cause", err)
			continue
		}
		s.work.run(func() { s.tick(ctx, item, interval) })
	}
}

func (s *schedules) tick(ctx context.Context, item *schedule, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.fire(ctx, item); err != nil && ctx.Err() == nil {
				s.log.Error("schedule cannot fire", "schedule", item.name, "cause", err)
			}
		}
	}
}

var rateExpression = regexp.MustCompile(`^rate\((\d+) (second|minute|hour|day)s?\)$`)

func rate(expression string) (time.Duration, error) {
	m := rateExpression.FindStringSubmatch(expression)
	if m == nil {
		return 0, fmt.Errorf("the local AWS knows rate(…), not %q", expression)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil || n == 0 {
		return 0, fmt.Errorf("rate of %q", expression)
	}
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	return time.Duration(n) * unit[m[2]], nil
}

// FireSchedule fires a schedule or scheduled rule now, disabled ones too. It
// goes by its name or its logical id, and returns once the invocation is
// accepted.
func (s *Server) FireSchedule(name string) error {
	for _, item := range s.schedules.all() {
		if item.name == name || item.logicalID == name {
			return s.schedules.fire(s.ctx, item)
		}
	}
	return fmt.Errorf("no schedule %q is deployed, there are %v", name, s.schedules.names())
}

func (s *schedules) all() []*schedule {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*schedule
	for _, items := range s.running {
		for _, item := range items {
			all = append(all, item)
		}
	}
	return all
}

func (s *schedules) names() []string {
	names := []string{}
	for _, item := range s.all() {
		names = append(names, item.name)
	}
	sort.Strings(names)
	return names
}

func (s *schedules) fire(ctx context.Context, item *schedule) error {
	payload := item.event(time.Now().UTC())
	if item.rule {
		s.functions.invokeLater(item.function, payload)
		return nil
	}
	session, err := s.tokens.assumeForService(ctx, "scheduler.amazonaws.com", item.roleARN, "scheduler", time.Hour)
	if err != nil {
		return err
	}
	client := lambda.NewFromConfig(sessionConfig(s.endpoint, item.function.region, session))
	_, err = client.Invoke(ctx, &lambda.InvokeInput{
		FunctionName:   aws.String(item.function.arn()),
		InvocationType: types.InvocationTypeEvent,
		Payload:        payload,
	})
	return err
}

// event is what the function gets: the target's input with Scheduler's
// context attributes filled in, or the standard event if it has none.
func (item *schedule) event(now time.Time) []byte {
	source, arn := "aws.scheduler", "arn:aws:scheduler:"+item.at.region+":"+item.at.account+":schedule/default/"+item.name
	if item.rule {
		source, arn = "aws.events", "arn:aws:events:"+item.at.region+":"+item.at.account+":rule/"+item.name
	}
	scheduled := now.Format(time.RFC3339)
	if item.input != "" {
		if item.rule {
			return []byte(item.input)
		}
		return []byte(strings.NewReplacer(
			"<aws.scheduler.schedule-arn>", arn,
			"<aws.scheduler.scheduled-time>", scheduled,
			"<aws.scheduler.execution-id>", uuid.NewString(),
			"<aws.scheduler.attempt-number>", "1",
		).Replace(item.input))
	}
	return mustJSON(map[string]any{
		"version": "0", "id": uuid.NewString(), "detail-type": "Scheduled Event", "source": source,
		"account": item.at.account, "time": scheduled, "region": item.at.region,
		"resources": []string{arn}, "detail": map[string]any{},
	})
}
