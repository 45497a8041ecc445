package authorization

import (
	"context"
	"net/mail"
	"net/url"
	"strings"
)

// sqsOperations act on the queue ("Actions, resources, and condition keys for
// Amazon SQS"); batches are authorized as the single action.
var sqsOperations = map[string]mapping{
	"SendMessage":                  sqsOnQueue("sqs:SendMessage"),
	"SendMessageBatch":             sqsOnQueue("sqs:SendMessage"),
	"ReceiveMessage":               sqsOnQueue("sqs:ReceiveMessage"),
	"DeleteMessage":                sqsOnQueue("sqs:DeleteMessage"),
	"DeleteMessageBatch":           sqsOnQueue("sqs:DeleteMessage"),
	"ChangeMessageVisibility":      sqsOnQueue("sqs:ChangeMessageVisibility"),
	"ChangeMessageVisibilityBatch": sqsOnQueue("sqs:ChangeMessageVisibility"),
	"GetQueueAttributes":           sqsOnQueue("sqs:GetQueueAttributes"),
	"GetQueueUrl":                  sqsOnQueue("sqs:GetQueueUrl"),
}

func sqsOnQueue(action string) mapping {
	return func(_ context.Context, c *request) ([]Authorization, error) {
		name, account := c.text("QueueName"), c.Caller.Account
		location := c.text("QueueUrl")
		if c.Query != nil {
			name, location = c.Query.Get("QueueName"), c.Query.Get("QueueUrl")
		}
		if parsed, err := url.Parse(location); err == nil && location != "" {
			if parts := strings.Split(strings.Trim(parsed.Path, "/"), "/"); len(parts) == 2 {
				account, name = parts[0], parts[1]
			}
		}
		return one(action, "arn:aws:sqs:"+c.Region+":"+account+":"+name), nil
	}
}

var snsOperations = map[string]mapping{
	"Publish": func(_ context.Context, c *request) ([]Authorization, error) {
		topic := c.Query.Get("TopicArn")
		if topic == "" {
			topic = c.Query.Get("TargetArn")
		}
		if topic == "" {
			topic = "*" // a text message to a telephone has no topic
		}
		return one("sns:Publish", topic), nil
	},
}

// sesOperations act on the identity that sends, the configuration set and the
// template ("Actions, resources, and condition keys for Amazon SES").
var sesOperations = map[string]mapping{
	"SendEmail":    sesSend,
	"SendRawEmail": sesSend,
	"GetAccount":   everywhere("ses:GetAccount"),
}

func sesSend(ctx context.Context, c *request) ([]Authorization, error) {
	action, from, set := "ses:SendEmail", c.text("FromEmailAddress"), c.text("ConfigurationSetName")
	identity, template := c.text("FromEmailAddressIdentityArn"), ""
	var recipients []string
	if c.Query != nil {
		action, from, set = "ses:"+c.Operation, c.Query.Get("Source"), c.Query.Get("ConfigurationSetName")
		identity = c.Query.Get("SourceArn")
		for name, values := range c.Query {
			if strings.HasPrefix(name, "Destination") && strings.Contains(name, ".member.") {
				recipients = append(recipients, values...)
			}
		}
	} else {
		content, _ := c.JSON["Content"].(map[string]any)
		if content["Raw"] != nil {
			action = "ses:SendRawEmail"
		}
		if object, ok := content["Template"].(map[string]any); ok {
			template, _ = object["TemplateName"].(string)
		}
		destination, _ := c.JSON["Destination"].(map[string]any)
		for _, member := range []string{"ToAddresses", "CcAddresses", "BccAddresses"} {
			recipients = append(recipients, texts(destination[member])...)
		}
	}

	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, c.unknown("no address to send from: " + from)
	}
	if identity == "" {
		// An address that is an identity itself counts before its domain.
		verified, err := c.account.VerifiedAddress(ctx, sender.Address)
		if err != nil {
			return nil, err
		}
		name := sender.Address
		if !verified {
			name = name[strings.LastIndexByte(name, '@')+1:]
		}
		identity = c.arn("ses", "identity/"+name)
	}
	resources := []string{identity}
	if set != "" {
		resources = append(resources, c.arn("ses", "configuration-set/"+set))
	}
	if template != "" {
		resources = append(resources, c.arn("ses", "template/"+template))
	}
	var list []Authorization
	for _, resource := range resources {
		authorization := one(action, resource)[0]
		authorization.set("ses:FromAddress", sender.Address)
		authorization.set("ses:FromDisplayName", sender.Name)
		authorization.Context["ses:Recipients"] = recipients
		list = append(list, authorization)
	}
	return list, nil
}
