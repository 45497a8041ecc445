package authorization

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// dynamoDBOperations are the actions of "Actions, resources, and condition
// keys for Amazon DynamoDB". dynamodb:Attributes is not modelled, for it needs
// the expressions, and neither is dynamodb:LeadingKeys of batches.
var dynamoDBOperations = map[string]mapping{
	"GetItem":            dynamoDBOnTable,
	"PutItem":            dynamoDBOnTable,
	"UpdateItem":         dynamoDBOnTable,
	"DeleteItem":         dynamoDBOnTable,
	"DescribeTable":      dynamoDBOnTable,
	"Query":              dynamoDBOnTable,
	"Scan":               dynamoDBOnTable,
	"BatchGetItem":       dynamoDBBatch,
	"BatchWriteItem":     dynamoDBBatch,
	"TransactGetItems":   dynamoDBTransaction,
	"TransactWriteItems": dynamoDBTransaction,
}

// dynamoDBOnTable authorizes on the table, or on the index that is read.
func dynamoDBOnTable(_ context.Context, c *request) ([]Authorization, error) {
	resource := c.arnOr("dynamodb", "table/", c.text("TableName"))
	if index := c.text("IndexName"); index != "" {
		resource += "/index/" + index
	}
	list := one("dynamodb:"+c.Operation, resource)
	list[0].dynamoDBKeys(c.JSON)
	list[0].Item = itemOf(c.Operation, c.JSON)
	return list, nil
}

// itemOf is what an operation says of the item that it is about: all of it, its
// key, or what a query fixes; nil where it names none.
func itemOf(operation string, body map[string]any) map[string]any {
	member := "Key"
	switch operation {
	case "PutItem":
		member = "Item"
	case "Query":
		return queried(body)
	}
	item, _ := body[member].(map[string]any)
	return item
}

func (a *Authorization) dynamoDBKeys(body map[string]any) {
	for _, member := range []string{"Select", "ReturnConsumedCapacity", "ReturnValues"} {
		text, _ := body[member].(string)
		a.set("dynamodb:"+member, text)
	}
}

// dynamoDBBatch authorizes the batch action on every table.
func dynamoDBBatch(_ context.Context, c *request) ([]Authorization, error) {
	tables, _ := c.JSON["RequestItems"].(map[string]any)
	var list []Authorization
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		batch := one("dynamodb:"+c.Operation, c.arnOr("dynamodb", "table/", table))
		batch[0].dynamoDBKeys(c.JSON)
		list = append(list, batch...)
	}
	return list, nil
}

// dynamoDBTransaction authorizes every item as the action it would be alone:
// there is no action for transactions ("Using IAM with DynamoDB
// transactions").
func dynamoDBTransaction(_ context.Context, c *request) ([]Authorization, error) {
	actions := map[string]string{
		"Get": "dynamodb:GetItem", "Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem",
		"Delete": "dynamodb:DeleteItem", "ConditionCheck": "dynamodb:ConditionCheckItem",
	}
	var list []Authorization
	for _, item := range objects(c.JSON["TransactItems"]) {
		for kind, body := range item {
			action, known := actions[kind]
			if !known {
				return nil, c.unknown("a transaction's " + kind)
			}
			members, _ := body.(map[string]any)
			table, _ := members["TableName"].(string)
			authorization := Authorization{
				Action: action, Resource: c.arnOr("dynamodb", "table/", table),
				Context: map[string][]string{"dynamodb:EnclosingOperation": {c.Operation}},
			}
			authorization.dynamoDBKeys(c.JSON)
			authorization.Item = itemOf(strings.TrimPrefix(action, "dynamodb:"), members)
			if !slices.ContainsFunc(list, func(a Authorization) bool {
				return a.Action == authorization.Action && a.Resource == authorization.Resource && reflect.DeepEqual(a.Item, authorization.Item)
			}) {
				list = append(list, authorization)
			}
		}
	}
	return list, nil
}
