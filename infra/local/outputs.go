package local

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"byoc/infra/local/awscall"
)

// withOutputs puts the outputs into an answer of DescribeStacks: moto works
// them out when a stack is announced by a change set, before it has anything,
// and forgets to do so again.
func (s *stacks) withOutputs(ctx context.Context, call *awscall.Call, response *awscall.Response) *awscall.Response {
	if response == nil || response.Status != 200 {
		return response
	}
	const idTag, statusEnd = "<StackId>", "</StackStatus>"
	parts := strings.Split(string(response.Body), idTag)
	for i, part := range parts[1:] {
		id, _, found := strings.Cut(part, "</StackId>")
		if !found || strings.Contains(part, "<Outputs>") || strings.Contains(part, "REVIEW_IN_PROGRESS") {
			continue
		}
		outputs, err := s.outputs(ctx, place{call.Caller.Account, call.Region}, id)
		if err != nil {
			s.log.Error("cannot work out the outputs of a stack", "stack", id, "cause", err)
			continue
		}
		parts[i+1] = strings.Replace(part, statusEnd, statusEnd+outputs, 1)
	}
	response.Body = []byte(strings.Join(parts, idTag))
	return response
}

// outputs of a stack as the members of an XML answer; empty where it has none.
func (s *stacks) outputs(ctx context.Context, at place, id string) (string, error) {
	client := cloudformation.NewFromConfig(s.emulator.Config(at.account, at.region))
	described, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(id)})
	if err != nil || len(described.Stacks) == 0 || described.Stacks[0].StackStatus == types.StackStatusDeleteComplete {
		return "", err
	}
	parsed, resolver, err := s.resolved(ctx, client, at, described.Stacks[0])
	if err != nil || len(parsed.Outputs) == 0 {
		return "", err
	}
	var b strings.Builder
	b.WriteString("<Outputs>")
	for _, key := range slices.Sorted(maps.Keys(parsed.Outputs)) {
		output := parsed.Outputs[key]
		if !resolver.holds(output.Condition) {
			continue
		}
		b.WriteString("<member><OutputKey>")
		_ = xml.EscapeText(&b, []byte(key))
		b.WriteString("</OutputKey><OutputValue>")
		_ = xml.EscapeText(&b, []byte(fmt.Sprint(resolver.resolve(output.Value))))
		b.WriteString("</OutputValue><Description>")
		_ = xml.EscapeText(&b, []byte(output.Description))
		b.WriteString("</Description></member>")
	}
	b.WriteString("</Outputs>")
	return b.String(), nil
}

// resolved reads a stack's template and the physical ids of its resources. The
// template is empty where it is not JSON, nor was made JSON as it was deployed.
func (s *stacks) resolved(ctx context.Context, client *cloudformation.Client, at place, stack types.Stack) (template, *resolver, error) {
	var parsed template
	got, err := client.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: stack.StackId})
	if err != nil {
		return parsed, nil, err
	}
	if err := json.Unmarshal([]byte(aws.ToString(got.TemplateBody)), &parsed); err != nil {
		s.log.Debug("template is not JSON, its routes and schedules are not served", "stack", aws.ToString(stack.StackName))
		return template{}, newResolver(at, stack, template{}), nil
	}
	described, err := client.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: stack.StackId})
	if err != nil {
		return parsed, nil, err
	}
	resolver := newResolver(at, stack, parsed)
	for _, r := range described.StackResources {
		resolver.physical[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
	}
	return parsed, resolver, nil
}
