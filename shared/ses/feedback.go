package ses

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/notify"
)

// Source of what SES puts on the account's default bus.
const Source = "aws.ses"

// DetailTypes of the events that tell of mails which did not get through.
const (
	DetailTypeBounce    = "Email Bounced"
	DetailTypeComplaint = "Email Complaint Received"
)

// Tags of a mail. Their values take letters, digits, dashes and underscores.
const (
	tagOrganization = "organization"
	tagCloud        = "cloud"
)

func encode(id string) string { return base64.RawURLEncoding.EncodeToString([]byte(id)) }

type feedback struct {
	Source     string `json:"source"`
	DetailType string `json:"detail-type"`
	Detail     struct {
		Mail struct {
			Tags map[string][]string `json:"tags"`
		} `json:"mail"`
		Bounce struct {
			// Type is Permanent, Transient or Undetermined.
			Type       string      `json:"bounceType"`
			Recipients []recipient `json:"bouncedRecipients"`
			Timestamp  time.Time   `json:"timestamp"`
		} `json:"bounce"`
		Complaint struct {
			Recipients []recipient `json:"complainedRecipients"`
			Timestamp  time.Time   `json:"timestamp"`
		} `json:"complaint"`
	} `json:"detail"`
}

type recipient struct {
	Address string `json:"emailAddress"`
}

// ParseFeedback reads an event of SES as EventBridge delivers it to a queue; is
// says whether it is one. Invalid where it is not about a mail of ours.
func ParseFeedback(envelope []byte) (f notify.Feedback, is bool, err error) {
	var in feedback
	if err := json.Unmarshal(envelope, &in); err != nil || in.Source != Source {
		return notify.Feedback{}, false, nil
	}
	if f.OrganizationID, err = tagOf(in, tagOrganization); err != nil {
		return notify.Feedback{}, true, err
	}
	if f.CloudID, err = tagOf(in, tagCloud); err != nil {
		return notify.Feedback{}, true, err
	}
	var recipients []recipient
	switch in.DetailType {
	case DetailTypeBounce:
		recipients, f.At = in.Detail.Bounce.Recipients, in.Detail.Bounce.Timestamp
		if in.Detail.Bounce.Type == "Permanent" {
			f.Why = cloud.Bounced
		}
	case DetailTypeComplaint:
		f.Why, recipients, f.At = cloud.Complained, in.Detail.Complaint.Recipients, in.Detail.Complaint.Timestamp
	default:
		return notify.Feedback{}, true, cloud.Errorf(cloud.Invalid, "not an event that was asked for: %s", in.DetailType)
	}
	for _, r := range recipients {
		f.Recipients = append(f.Recipients, r.Address)
	}
	if f.Why != "" && (len(f.Recipients) == 0 || f.At.IsZero()) {
		return notify.Feedback{}, true, cloud.Errorf(cloud.Invalid, "a mail that came back from nobody")
	}
	return f, true, nil
}

func tagOf(in feedback, name string) (string, error) {
	values := in.Detail.Mail.Tags[name]
	if len(values) != 1 {
		return "", cloud.Errorf(cloud.Invalid, "a mail without the tag %s is none of ours", name)
	}
	id, err := base64.RawURLEncoding.DecodeString(values[0])
	if err != nil {
		return "", cloud.Wrap(err, cloud.Invalid, "the tag %s of a mail", name)
	}
	return string(id), nil
}
