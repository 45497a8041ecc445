package local

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// resolver replaces CloudFormation's intrinsic functions by what they stand
// for in a deployed stack. What it cannot resolve it leaves as it is.
type resolver struct {
	at       place
	template template
	values   map[string]any
	// physical holds the ids of the resources that moto made; others go by
	// their logical id.
	physical map[string]string
}

// pythonList makes a list's text of what moto has for it, ['a', 'b'].
var pythonList = strings.NewReplacer("[", "", "]", "", "'", "")

func newResolver(at place, stack types.Stack, parsed template) *resolver {
	r := &resolver{at: at, template: parsed, physical: map[string]string{}, values: map[string]any{
		"AWS::AccountId": at.account,
		"AWS::Region":    at.region,
		"AWS::Partition": "aws",
		"AWS::URLSuffix": "amazonaws.com",
		"AWS::StackId":   aws.ToString(stack.StackId),
		"AWS::StackName": aws.ToString(stack.StackName),
	}}
	for name, parameter := range parsed.Parameters {
		r.values[name] = parameter.Default
	}
	for _, parameter := range stack.Parameters {
		value := aws.ToString(parameter.ParameterValue)
		if resolved := aws.ToString(parameter.ResolvedValue); resolved != "" {
			value = resolved
		}
		if parsed.Parameters[aws.ToString(parameter.ParameterKey)].Type == "CommaDelimitedList" {
			value = pythonList.Replace(value)
		}
		r.values[aws.ToString(parameter.ParameterKey)] = value
	}
	return r
}

func (r *resolver) ref(name string) string {
	if value, ok := r.values[name]; ok {
		return fmt.Sprint(value)
	}
	if id := r.physical[name]; id != "" {
		return id
	}
	return name
}

func (r *resolver) resolve(value any) any {
	switch value := value.(type) {
	case []any:
		list := make([]any, 0, len(value))
		for _, element := range value {
			list = append(list, r.resolve(element))
		}
		return list
	case map[string]any:
		if len(value) == 1 {
			for name, argument := range value {
				if result, ok := r.intrinsic(name, argument); ok {
					return result
				}
			}
		}
		object := make(map[string]any, len(value))
		for name, element := range value {
			object[name] = r.resolve(element)
		}
		return object
	}
	return value
}

func (r *resolver) intrinsic(name string, argument any) (any, bool) {
	switch name {
	case "Ref":
		reference, ok := argument.(string)
		if !ok || reference == "AWS::NoValue" {
			return nil, reference == "AWS::NoValue"
		}
		return r.ref(reference), true
	case "Fn::GetAtt":
		return r.getAtt(argument)
	case "Fn::Join":
		return r.join(argument)
	case "Fn::Sub":
		return r.sub(argument)
	case "Fn::If":
		if parts, ok := argument.([]any); ok && len(parts) == 3 {
			if r.holds(fmt.Sprint(parts[0])) {
				return r.resolve(parts[1]), true
			}
			return r.resolve(parts[2]), true
		}
	}
	return nil, false
}

func (r *resolver) getAtt(argument any) (any, bool) {
	var logicalID, attribute string
	switch argument := argument.(type) {
	case string:
		logicalID, attribute, _ = strings.Cut(argument, ".")
	case []any:
		if len(argument) == 2 {
			logicalID, attribute = fmt.Sprint(argument[0]), fmt.Sprint(argument[1])
		}
	}
	kind := r.template.Resources[logicalID].Type
	id := r.ref(logicalID)
	if attribute != "Arn" {
		return nil, false
	}
	switch kind {
	case "AWS::Lambda::Function":
		return r.arn("lambda", "function:"+id), true
	case "AWS::SQS::Queue":
		return r.arn("sqs", id[strings.LastIndexByte(id, '/')+1:]), true
	case "AWS::DynamoDB::Table":
		return r.arn("dynamodb", "table/"+id), true
	case "AWS::Events::EventBus":
		return r.arn("events", "event-bus/"+id), true
	case "AWS::StepFunctions::StateMachine":
		return id, true
	case "AWS::IAM::Role":
		path, _ := r.template.Resources[logicalID].Properties["Path"].(string)
		return "arn:aws:iam::" + r.at.account + ":role/" + strings.TrimPrefix(path, "/") + id, true
	}
	return nil, false
}

func (r *resolver) arn(service, rest string) string {
	return "arn:aws:" + service + ":" + r.at.region + ":" + r.at.account + ":" + rest
}

// listed is a list, or what a parameter that is a list has as its text; nil for
// what is neither.
func listed(value any) []any {
	switch value := value.(type) {
	case []any:
		return value
	case string:
		list := []any{}
		for _, element := range strings.Split(value, ",") {
			if element = strings.TrimSpace(element); element != "" {
				list = append(list, element)
			}
		}
		return list
	}
	return nil
}

func (r *resolver) join(argument any) (any, bool) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 2 {
		return nil, false
	}
	list := listed(r.resolve(parts[1]))
	if list == nil {
		return nil, false
	}
	var texts []string
	for _, element := range list {
		if _, unresolved := element.(map[string]any); unresolved {
			return nil, false
		}
		texts = append(texts, fmt.Sprint(element))
	}
	return strings.Join(texts, fmt.Sprint(parts[0])), true
}

var placeholder = regexp.MustCompile(`\$\{(!?)([^}]+)\}`)

func (r *resolver) sub(argument any) (any, bool) {
	text, _ := argument.(string)
	local := map[string]any{}
	if parts, ok := argument.([]any); ok && len(parts) == 2 {
		text, _ = parts[0].(string)
		local, _ = r.resolve(parts[1]).(map[string]any)
	}
	resolved := true
	result := placeholder.ReplaceAllStringFunc(text, func(match string) string {
		m := placeholder.FindStringSubmatch(match)
		name := strings.TrimSpace(m[2])
		if m[1] == "!" {
			return "${" + m[2] + "}"
		}
		if value, ok := local[name]; ok {
			return fmt.Sprint(value)
		}
		if !strings.Contains(name, ".") {
			return r.ref(name)
		}
		value, ok := r.getAtt(name)
		resolved = resolved && ok
		return fmt.Sprint(value)
	})
	return result, resolved
}

// holds evaluates a named condition; an empty name always holds.
func (r *resolver) holds(name string) bool {
	condition, ok := r.template.Conditions[name]
	return !ok || r.test(condition)
}

func (r *resolver) test(condition any) bool {
	object, ok := condition.(map[string]any)
	if !ok {
		return false
	}
	for function, argument := range object {
		if name, ok := argument.(string); ok && function == "Condition" {
			return r.holds(name)
		}
		operands, _ := argument.([]any)
		switch function {
		case "Fn::Equals":
			return len(operands) == 2 && fmt.Sprint(r.resolve(operands[0])) == fmt.Sprint(r.resolve(operands[1]))
		case "Fn::Not":
			return len(operands) == 1 && !r.test(operands[0])
		case "Fn::And":
			for _, operand := range operands {
				if !r.test(operand) {
					return false
				}
			}
			return true
		case "Fn::Or":
			for _, operand := range operands {
				if r.test(operand) {
					return true
				}
			}
			return false
		}
	}
	return false
}
