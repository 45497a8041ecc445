package authorization

import (
	"context"
	"maps"
	"slices"
)

// dynamoDBOperations are the actions of "Actions, resources, and condition
// keys for Amazon DynamoDB". dynamodb:LeadingKeys and dynamodb:Attributes are
// not modelled: they need the table's key schema and its expressions.
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
	return list, nil
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
			if !slices.ContainsFunc(list, func(a Authorization) bool {
				return a.Action == authorization.Action && a.Resource == authorization.Resource
			}) {
				list = append(list, authorization)
			}
		}
	}
	return list, nil
}
