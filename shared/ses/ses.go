// Package ses sends mail through Amazon SES v2.
package ses

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"byoc/shared/cloud"
	"byoc/shared/notify"
)

// API is what is used of the SES client.
type API interface {
	SendEmail(ctx context.Context, in *sesv2.SendEmailInput, opts ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
}

var _ API = (*sesv2.Client)(nil)

// Mailer sends from one address.
type Mailer struct {
	client           API
	sender           string
	configurationSet string
}

// New takes the address to send from and the configuration set, which may be empty.
func New(client API, sender, configurationSet string) *Mailer {
	return &Mailer{client: client, sender: sender, configurationSet: configurationSet}
}

var _ notify.Sender = (*Mailer)(nil)

// Send sends both parts of a mail. The message's structure is SES's business:
// no header is ever put together from text here.
func (m *Mailer) Send(ctx context.Context, mail notify.Mail) (string, error) {
	in := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(m.sender),
		Destination:      &types.Destination{ToAddresses: []string{mail.To}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: utf8(mail.Subject),
			Body:    &types.Body{Text: utf8(mail.Text), Html: utf8(mail.HTML)},
		}},
		EmailTags: []types.MessageTag{
			{Name: aws.String(tagOrganization), Value: aws.String(encode(mail.OrganizationID))},
			{Name: aws.String(tagCloud), Value: aws.String(encode(mail.CloudID))},
		},
	}
	if m.configurationSet != "" {
		in.ConfigurationSetName = aws.String(m.configurationSet)
	}
	out, err := m.client.SendEmail(ctx, in)
	if err != nil {
		return "", cloud.Wrap(err, cloud.Unavailable, "sending mail")
	}
	return aws.ToString(out.MessageId), nil
}

func utf8(s string) *types.Content {
	return &types.Content{Data: aws.String(strings.ToValidUTF8(s, "\uFFFD")), Charset: aws.String("UTF-8")}
}
