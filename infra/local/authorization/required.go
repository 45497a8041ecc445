package authorization

import (
	"context"
	"fmt"
	"strings"

	"byoc/infra/local/awscall"
)

// Authorization is one question that AWS asks of the caller's policies.
type Authorization struct {
	Action, Resource string
	// Context holds the condition keys that the call itself determines.
	Context map[string][]string
	// TagsOf is the id of the existing EC2 resource whose tags belong into
	// Context as ec2:ResourceTag/… and aws:ResourceTag/…; empty when there is
	// none.
	TagsOf string
	// Item is what the call says of the DynamoDB item that it is about, as on the
	// wire; its partition key belongs into Context as dynamodb:LeadingKeys.
	Item map[string]any
}

// Account answers what a mapping has to know of the account that a call acts
// in. Answers about what does not exist are zero, not errors: AWS authorizes
// such calls too.
type Account interface {
	// RouteTableAssociation finds an association's route table and subnet.
	RouteTableAssociation(ctx context.Context, id string) (table, subnet string, err error)
	// AddressAssociation finds an association's (or a public address's)
	// allocation and network interface.
	AddressAssociation(ctx context.Context, id, publicIP string) (allocation, networkInterface string, err error)
	// Role finds a role by name.
	Role(ctx context.Context, name string) (Role, error)
	// VerifiedAddress tells whether a mail address is a sending identity.
	VerifiedAddress(ctx context.Context, address string) (bool, error)
}

// Role is what authorizations depend on of a role.
type Role struct {
	ARN      string
	Boundary string
	Trust    string
	Tags     map[string]string
}

// UnknownError reports a call whose authorizations this package cannot list.
type UnknownError struct {
	Service, Operation, Detail string
}

func (e *UnknownError) Error() string {
	text := fmt.Sprintf("the authorizations of %s:%s are not known", e.Service, e.Operation)
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return text
}

// mapping lists the authorizations of one operation.
type mapping func(ctx context.Context, c *request) ([]Authorization, error)

// request is a call on its way to authorizations.
type request struct {
	*awscall.Call
	account Account
}

// services holds the mappings by signing name and operation.
var services = map[string]map[string]mapping{
	"ec2": ec2Operations, "iam": iamOperations, "sts": stsOperations,
	"dynamodb": dynamoDBOperations, "states": statesOperations,
	"events": eventsOperations, "scheduler": schedulerOperations,
	"sqs": sqsOperations, "sns": snsOperations, "ses": sesOperations,
	"lambda": lambdaOperations, "s3": s3Operations,
	"logs": logsOperations, "monitoring": monitoringOperations, "xray": xrayOperations,
	"cloudformation": cloudFormationOperations,
	"ssm":            ssmOperations, "secretsmanager": secretsOperations,
}

// Required lists the authorizations of a call in the order in which they are
// made; the first that is denied is the one that AWS reports. It is empty for
// calls that need none, and an *UnknownError for calls it does not know.
func Required(ctx context.Context, call *awscall.Call, account Account) ([]Authorization, error) {
	operation := operationOf(call)
	list, known := services[call.Service][operation]
	if !known && call.Service == "ec2" && strings.HasPrefix(operation, "Describe") {
		list, known = ec2Describe, true
	}
	if !known {
		if operation == "" && call.URL != nil {
			operation = call.Method + " " + call.URL.Path
		}
		return nil, &UnknownError{Service: call.Service, Operation: operation}
	}
	return list(ctx, &request{Call: call, account: account})
}

// operationOf names REST operations that the call does not name itself.
func operationOf(call *awscall.Call) string {
	if call.Operation != "" || call.URL == nil {
		return call.Operation
	}
	switch call.Service {
	case "s3":
		return s3Operation(call)
	case "xray":
		return strings.TrimPrefix(call.URL.Path, "/")
	case "scheduler":
		return schedulerOperation(call)
	}
	return ""
}

// unknown refuses a variant of a known operation.
func (c *request) unknown(detail string) error {
	return &UnknownError{Service: c.Service, Operation: operationOf(c.Call), Detail: detail}
}

// arn names a resource of the call's account and region.
func (c *request) arn(service, resource string) string {
	return "arn:aws:" + service + ":" + c.Region + ":" + c.Caller.Account + ":" + resource
}

// arnOr takes what is an ARN already as it is.
func (c *request) arnOr(service, prefix, name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return c.arn(service, prefix+name)
}

// text reads a member of a JSON body.
func (c *request) text(member string) string {
	text, _ := c.JSON[member].(string)
	return text
}

// objects reads a member that is a list of objects.
func objects(value any) []map[string]any {
	list, _ := value.([]any)
	var found []map[string]any
	for _, item := range list {
		if object, ok := item.(map[string]any); ok {
			found = append(found, object)
		}
	}
	return found
}

// texts reads a value that is a list of texts.
func texts(value any) []string {
	list, _ := value.([]any)
	var found []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			found = append(found, text)
		}
	}
	return found
}

// one is the common case: one action on one resource.
func one(action, resource string) []Authorization {
	return []Authorization{{Action: action, Resource: resource, Context: map[string][]string{}}}
}

// everywhere is the mapping of actions that have no resources.
func everywhere(action string) mapping {
	return func(context.Context, *request) ([]Authorization, error) { return one(action, "*"), nil }
}

// onARN is the mapping of actions on the resource whose ARN a member holds.
func onARN(action, member string) mapping {
	return func(_ context.Context, c *request) ([]Authorization, error) {
		return one(action, c.text(member)), nil
	}
}

// set adds a condition key unless its value is empty.
func (a *Authorization) set(key, value string) {
	if value != "" {
		a.Context[key] = []string{value}
	}
}
