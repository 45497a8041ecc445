package authorization

import (
	"context"
	"regexp"
	"strings"
)

// addLeadingKeys adds dynamodb:LeadingKeys, the value of the partition key of
// the item that is asked for, where a policy about the action looks at it: the
// key's name costs a look-up. What does not tell the value (a scan, a batch)
// stays without, and a policy that tests it there cannot be judged.
func addLeadingKeys(ctx context.Context, account *emulated, list []Authorization, against judged) error {
	for _, authorization := range list {
		if authorization.Item == nil || !against.test(authorization.Action, "dynamodb:leadingkeys") {
			continue
		}
		_, name, _ := strings.Cut(authorization.Resource, ":table/")
		table, index, _ := strings.Cut(name, "/index/")
		key, err := account.partitionKey(ctx, table, index)
		if err != nil {
			return err
		}
		// A value is {"S": "…"}, or N or B.
		value, _ := authorization.Item[key].(map[string]any)
		for _, text := range value {
			text, _ := text.(string)
			authorization.set("dynamodb:LeadingKeys", text)
		}
	}
	return nil
}

// equality is one term of a key condition that fixes an attribute.
var equality = regexp.MustCompile(`([#\w.-]+)\s*=\s*(:\w+)`)

// queried is the part of an item that a query's key condition fixes.
func queried(body map[string]any) map[string]any {
	condition, _ := body["KeyConditionExpression"].(string)
	names, _ := body["ExpressionAttributeNames"].(map[string]any)
	values, _ := body["ExpressionAttributeValues"].(map[string]any)
	item := map[string]any{}
	for _, term := range equality.FindAllStringSubmatch(condition, -1) {
		name := term[1]
		if alias, ok := names[name].(string); ok {
			name = alias
		}
		item[name] = values[term[2]]
	}
	return item
}
