package notify_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/notify"
)

type store struct {
	cloud cloud.Cloud
	sent  map[string]string
	taken map[string]bool
	// unrecorded writes fail.
	unrecorded int
}

func (s *store) Find(context.Context, string, string) (cloud.Cloud, error) { return s.cloud, nil }

func (s *store) ClaimMail(_ context.Context, event, email string, _ time.Time) (bool, error) {
	key := event + email
	if s.taken[key] {
		return false, nil
	}
	s.taken[key] = true
	return true, nil
}

func (s *store) RecordMailSent(_ context.Context, event, email, id string, _ time.Time) error {
	if s.unrecorded--; s.unrecorded >= 0 {
		return errors.New("no table")
	}
	s.sent[event+email] = id
	return nil
}

func (s *store) ReleaseMail(_ context.Context, event, email string) error {
	delete(s.taken, event+email)
	return nil
}

type sender struct {
	mails []notify.Mail
	fail  map[string]bool
}

func (s *sender) Send(_ context.Context, m notify.Mail) (string, error) {
	if s.fail[m.To] {
		return "", errors.New("throttled")
	}
	s.mails = append(s.mails, m)
	return "id", nil
}

func world(contacts ...cloud.Contact) (*notify.Notifier, *store, *sender) {
	st := &store{sent: map[string]string{}, taken: map[string]bool{}, cloud: cloud.Cloud{
		ID: "6f1f9b1e-7f7c-4b7a-9c62-0f6f2d8f2a11", DisplayName: "Production", Region: "eu-west-1",
		RoleARN: "arn:aws:iam::222222222222:role/cce-x-iam-role", State: cloud.Active, Contacts: contacts,
	}}
	se := &sender{fail: map[string]bool{}}
	return &notify.Notifier{Store: st, Sender: se, Writer: writer, Now: time.Now, Log: slog.New(slog.DiscardHandler)}, st, se
}

var writer = notify.Writer{Vendor: "Vendor", CloudURL: "https://clouds.example/" + notify.OrganizationInURL + "/" + notify.CloudInURL}

var active = cloud.Event{ID: "x-000004", Type: cloud.StateChanged, From: cloud.Creating, To: cloud.Active}

func TestAContactGetsOneMailHoweverOftenTheEventIsDelivered(t *testing.T) {
	n, _, se := world(cloud.Contact{Email: "a@x.example"}, cloud.Contact{Email: "b@x.example"}, cloud.Contact{Email: "A@x.example"})
	for range 3 {
		if err := n.Handle(t.Context(), active); err != nil {
			t.Fatal(err)
		}
	}
	if len(se.mails) != 2 {
		t.Errorf("%d mails", len(se.mails))
	}
}

func TestOneContactsFailureDelaysOnlyItsOwnMail(t *testing.T) {
	n, _, se := world(cloud.Contact{Email: "a@x.example"}, cloud.Contact{Email: "b@x.example"})
	se.fail["a@x.example"] = true
	if err := n.Handle(t.Context(), active); err == nil {
		t.Fatal("the event would not be delivered again")
	}
	se.fail = nil
	if err := n.Handle(t.Context(), active); err != nil {
		t.Fatal(err)
	}
	if len(se.mails) != 2 || se.mails[0].To != "b@x.example" || se.mails[1].To != "a@x.example" {
		t.Errorf("%v", se.mails)
	}
}

func TestWhichChangesAreMailed(t *testing.T) {
	want := map[[2]cloud.State]bool{
		{cloud.Creating, cloud.Active}: true, {cloud.Reconnecting, cloud.Active}: true,
		{cloud.Validating, cloud.CreationFailed}: true, {cloud.Creating, cloud.CreationFailed}: true,
		{cloud.Active, cloud.Disconnected}: true, {cloud.Deleting, cloud.Deleted}: true,
		{cloud.Deleting, cloud.DeletionFailed}: true,
	}
	for _, from := range cloud.States() {
		for _, to := range []cloud.State{cloud.Draft, cloud.Validating, cloud.Creating, cloud.Reconnecting, cloud.Deleting} {
			if notify.Mailed(from, to) {
				t.Errorf("%s → %s is mailed", from, to)
			}
		}
	}
	for change := range want {
		if !notify.Mailed(change[0], change[1]) {
			t.Errorf("%s → %s is not mailed", change[0], change[1])
		}
	}
	if notify.Mailed(cloud.Draft, cloud.Deleted) {
		t.Error("a deleted draft is mailed")
	}
}

func TestWhatACustomerTypedIsOnlyEverText(t *testing.T) {
	c := cloud.Cloud{DisplayName: "<script>x</script>\r\nBcc: a@b.example", ID: "1", Region: "eu-west-1"}
	m := writer.Compose(c, active, cloud.Contact{Email: "a@x.example", Name: "<b>\r\nX"})
	if m.Subject != "[Vendor BYOC] <script>x</script> Bcc: a@b.example: active" {
		t.Errorf("subject %q", m.Subject)
	}
	for _, line := range strings.Split(m.Text, "\n") {
		if strings.HasPrefix(line, "X") || strings.HasPrefix(line, "Bcc") || strings.Contains(line, "\r") {
			t.Errorf("a line of its own: %q", line)
		}
	}
	if strings.Contains(m.HTML, "<script>") || strings.Contains(m.HTML, "<b>") {
		t.Errorf("html %s", m.HTML)
	}
}

func TestAFailureSaysWhyAndWhatToDo(t *testing.T) {
	// The cloud went on since: the mail tells of the event, however late it is written.
	c := cloud.Cloud{DisplayName: "P", ID: "1", Region: "eu-west-1", State: cloud.Deleted}
	e := cloud.Event{
		ID: "1-2", Type: cloud.StateChanged, From: cloud.Creating, To: cloud.CreationFailed, Message: "The role may not create NAT gateways.",
		Leftovers: []cloud.Leftover{{Kind: "vpc", ID: "vpc-1", Reason: "It may not be deleted.", Command: "aws ec2 delete-vpc --vpc-id vpc-1"}},
	}
	m := writer.Compose(c, e, cloud.Contact{Email: "a@x.example"})
	for _, want := range []string{e.Message, "vpc-1", "aws ec2 delete-vpc --vpc-id vpc-1", "again"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the mail does not say %q:\n%s", want, m.Text)
		}
	}
}

func TestNoMailToAContactThatCannotBeReached(t *testing.T) {
	n, _, se := world(cloud.Contact{Email: "a@x.example", BouncedAt: time.Now()}, cloud.Contact{Email: "b@x.example"}, cloud.Contact{Email: "c@x.example", ComplainedAt: time.Now()})
	if err := n.Handle(t.Context(), active); err != nil {
		t.Fatal(err)
	}
	if len(se.mails) != 1 || se.mails[0].To != "b@x.example" {
		t.Errorf("%v", se.mails)
	}
}

func TestWhatIsNoNewsIsNotMailed(t *testing.T) {
	n, _, se := world(cloud.Contact{Email: "a@x.example"})
	quiet := active
	quiet.Quiet = true
	drift := active
	drift.Type, drift.To = cloud.DriftFound, cloud.Disconnected
	for _, e := range []cloud.Event{quiet, drift} {
		if err := n.Handle(t.Context(), e); err != nil || len(se.mails) != 0 {
			t.Errorf("%v, %v", se.mails, err)
		}
	}
}

func TestAForcedDeletionsMailSaysWhatIsLeft(t *testing.T) {
	c := cloud.Cloud{DisplayName: "P", ID: "1", Region: "eu-west-1"}
	m := writer.Compose(c, cloud.Event{
		ID: "1-2", Type: cloud.StateChanged, From: cloud.Deleting, To: cloud.Deleted, Message: "It was forced.",
		Leftovers: []cloud.Leftover{{Kind: "vpc", ID: "vpc-1", Reason: "In use.", Command: "aws ec2 delete-vpc --vpc-id vpc-1"}},
	}, cloud.Contact{Email: "a@x.example"})
	for _, want := range []string{"aws ec2 delete-vpc --vpc-id vpc-1", "It was forced.", "costing money"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the mail does not say %q:\n%s", want, m.Text)
		}
	}
}

// The link is the vendor's, and works in the text as it stands and in the HTML
// by a click.
func TestAMailLinksToItsCloud(t *testing.T) {
	c := cloud.Cloud{DisplayName: "P", ID: "1", OrganizationID: "o/\"><b>", Region: "eu-west-1"}
	m := writer.Compose(c, active, cloud.Contact{Email: "a@x.example"})
	const link = "https://clouds.example/o%2F%22%3E%3Cb%3E/1"
	if !strings.Contains(m.Text, link+"\n") {
		t.Errorf("text %s", m.Text)
	}
	if !strings.Contains(m.HTML, `<a href="`+link+`">`+link+`</a>`) || strings.Count(m.HTML, "<a ") != 1 {
		t.Errorf("html %s", m.HTML)
	}
}

func TestADisconnectedCloudsMailSaysEachReasonAndItsCure(t *testing.T) {
	const template, repair = "apply the template again", "can repair the custom cloud"
	nat := cloud.Defect{Reason: cloud.ReasonMissing, Subject: "nat-1", Message: "The NAT gateway nat-1 is missing."}
	dns := cloud.Defect{Reason: cloud.ReasonAltered, Subject: "vpc-1", Property: "DNS support", Message: "DNS support of vpc-1 should be true and is false."}
	role := cloud.Defect{Reason: cloud.ReasonRoleNotAssumable, Message: "AWS does not let us assume the role."}
	for _, x := range []struct {
		defects  []cloud.Defect
		says     []string
		saysNone string
	}{
		{[]cloud.Defect{nat, dns}, []string{nat.Message, dns.Message, repair, "not as it should be"}, template},
		{[]cloud.Defect{role}, []string{role.Message, template, "lost the connection"}, repair},
		{[]cloud.Defect{role, nat}, []string{role.Message, nat.Message, template, repair}, "not as it should be"},
		{nil, []string{"Why it failed.", "connects again by itself"}, "nat-1"},
	} {
		e := cloud.Event{ID: "1-2", Type: cloud.StateChanged, From: cloud.Active, To: cloud.Disconnected, Defects: x.defects, Message: "Why it failed."}
		if len(x.defects) > 0 {
			e.Message = x.defects[0].Message
		}
		text := writer.Compose(cloud.Cloud{DisplayName: "P", ID: "1"}, e, cloud.Contact{Email: "a@x.example"}).Text
		for _, want := range x.says {
			if strings.Count(text, want) != 1 {
				t.Errorf("%v: not once %q:\n%s", x.defects, want, text)
			}
		}
		if strings.Contains(text, x.saysNone) {
			t.Errorf("%v: says %q:\n%s", x.defects, x.saysNone, text)
		}
	}
}

// A function that is killed between a mail and its record would send it again.
func TestNoMailIsBegunThatMayNotBeRecorded(t *testing.T) {
	n, st, se := world(cloud.Contact{Email: "a@x.example"})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := n.Handle(ctx, active); cloud.CodeOf(err) != cloud.Unavailable || len(se.mails)+len(st.taken) != 0 {
		t.Errorf("%v, %d mails, %d claims", err, len(se.mails), len(st.taken))
	}
	if err := n.Handle(t.Context(), active); err != nil || len(se.mails) != 1 {
		t.Errorf("%v, %d mails", err, len(se.mails))
	}
}

// A mail that is out is no failure, whatever becomes of its record: the event
// delivered again would be a second mail.
func TestAMailThatIsOutIsRecordedOrAtLeastNotSentAgain(t *testing.T) {
	for failures, recorded := range map[int]bool{2: true, 3: false} {
		n, st, se := world(cloud.Contact{Email: "a@x.example"})
		st.unrecorded = failures
		if err := n.Handle(t.Context(), active); err != nil || len(se.mails) != 1 || (len(st.sent) == 1) != recorded {
			t.Errorf("after %d failures: %v, %d mails, %d recorded", failures, err, len(se.mails), len(st.sent))
		}
	}
}
